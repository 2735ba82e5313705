from ground.models.letter import Letter
from ground.models.schedule import Schedule
from ground.models.site import Site

__all__ = ["Letter", "Schedule", "Site"]
