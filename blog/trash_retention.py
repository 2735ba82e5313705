"""How long the trash keeps what is thrown away."""

from datetime import timedelta

KEPT = timedelta(days=30)
