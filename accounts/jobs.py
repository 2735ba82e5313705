from django.utils import timezone

from accounts.models import LoginState
from accounts.models.login_state import GOOD_FOR
from core.jobs import daily


@daily
def forget_old_login_states():
    LoginState.objects.filter(made_at__lte=timezone.now() - GOOD_FOR).delete()
