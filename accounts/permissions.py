from django.contrib.auth import get_user_model

from accounts import roles


class RoleBackend:
    """Django authentication backend for has_perm, by the table of roles; allauth's backend checks passwords."""

    def authenticate(self, request, **credentials):
        return None

    def get_user(self, user_id):
        return get_user_model().objects.filter(pk=user_id, is_active=True).first()

    def has_perm(self, user, permission, thing=None):
        return roles.may(user, permission, thing)
