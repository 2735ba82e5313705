from django.utils import timezone

from accounts.models import LoginState
from accounts.models.login_state import VALID_FOR
from core.jobs import daily


@daily
def delete_old_login_states():
    LoginState.objects.filter(created_at__lte=timezone.now() - VALID_FOR).delete()
