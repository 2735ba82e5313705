from core.models.email import Email
from core.models.scheduled_task import ScheduledTask
from core.models.settings_change import SettingsChange
from core.models.site import Site
from core.models.worker import Worker

__all__ = ["SettingsChange", "Email", "ScheduledTask", "Site", "Worker"]
