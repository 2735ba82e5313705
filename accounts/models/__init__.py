from accounts.models.invitation import Invitation
from accounts.models.login_state import LoginState
from accounts.models.user import LastOwner, User, free_handle, random_username

__all__ = ["Invitation", "LastOwner", "LoginState", "User", "free_handle", "random_username"]
