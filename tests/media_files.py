"""Where the files of a Media row are, when they are in a folder of this machine."""

from pathlib import Path

from django.conf import settings


def folder_of(media):
    return Path(settings.MEDIA_ROOT, media.folder)
