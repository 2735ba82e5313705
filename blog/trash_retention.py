"""How long the trash keeps what is deleted."""

from datetime import timedelta

KEPT = timedelta(days=30)
