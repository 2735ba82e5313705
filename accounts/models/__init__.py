from .invitation import Invitation
from .user import LastOwner, User, free_handle, random_username

__all__ = ["Invitation", "LastOwner", "User", "free_handle", "random_username"]
