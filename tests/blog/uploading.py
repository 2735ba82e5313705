"""What tests of uploads share: the content of pictures, storing it, and what there is afterwards."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from blog.media import uploads
from blog.models import Media
from tests.media_files import folder_of


def picture(shape="JPEG", size=(1200, 800), mode="RGB", **options):
    """A picture whose upper left corner is red."""
    image = Image.new(mode, size, "white")
    image.paste("red", (0, 0, size[0] // 4, size[1] // 4))
    file = io.BytesIO()
    image.save(file, shape, **options)
    return file.getvalue()


def take(name, content, by=None):
    return uploads.store_upload(SimpleUploadedFile(name, content), by)


def refusal(name, content):
    with pytest.raises(uploads.Refused) as refused:
        take(name, content)
    assert not Media.objects.exists()
    return refused.value.reason


def files_in(media):
    return sorted(file.name for file in folder_of(media).iterdir())


def opened(media, name=None):
    return Image.open(folder_of(media) / (name or media.full))


def leftovers():
    root = Path(settings.MEDIA_ROOT)
    return [file for file in root.rglob("*") if file.is_file()] if root.exists() else []


def bomb(width, height):
    """A PNG of a few kB that says it is as large as this."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(b"\x00" * ((width // 8 + 1) * height), 9)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
