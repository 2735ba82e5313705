from transfer.models.import_run import ImportLine, ImportRef, ImportRun
from transfer.models.media_fetch import MediaFetch
from transfer.models.media_file import MediaFile

__all__ = ["ImportLine", "ImportRef", "ImportRun", "MediaFetch", "MediaFile"]
