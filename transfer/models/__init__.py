from transfer.models.import_run import ImportLine, ImportRef, ImportRun
from transfer.models.markdown_conversion import ConvertedPost, MarkdownConversion
from transfer.models.media_fetch import MediaFetch
from transfer.models.media_file import MediaFile

__all__ = ["ConvertedPost", "MarkdownConversion", "ImportLine", "ImportRef", "ImportRun", "MediaFetch", "MediaFile"]
