"""Upgrade to another version beside the present one, and go back: `manage.py upgrade` and `manage.py rollback`."""
