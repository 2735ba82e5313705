from transfer.models.export_file import ExportFile
from transfer.models.import_run import ImportLine, ImportRef, ImportRun
from transfer.models.markdown_conversion import ConvertedPost, MarkdownConversion
from transfer.models.media_fetch import MediaFetch
from transfer.models.media_file import MediaFile
from transfer.models.mirror_settings import MirrorSettings
from transfer.models.url_check import UrlCheck, UrlMiss

__all__ = [
    "ConvertedPost",
    "ExportFile",
    "ImportLine",
    "ImportRef",
    "ImportRun",
    "MarkdownConversion",
    "MediaFetch",
    "MediaFile",
    "MirrorSettings",
    "UrlCheck",
    "UrlMiss",
]
