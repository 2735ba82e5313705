"""Pictures that a process of its own makes smaller or converts: very large ones, and HEIC."""

import pillow_heif
import pytest
from PIL import Image

from blog.media import encoding, file_types, uploads
from blog.models import Media
from core import child_process
from tests.blog.uploading import bomb, files_in, opened, picture, refusal, take

pytestmark = pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")  # ours is an error


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


HUGE = (10_000, 5_100)  # 51 million pixels


def test_a_large_jpeg_is_made_smaller_by_a_process_of_its_own(db, monkeypatch):
    calls, call = [], child_process.call
    monkeypatch.setattr(child_process, "call", lambda *args, **limits: calls.append(limits) or call(*args, **limits))
    media = take("panorama.jpg", picture("JPEG", HUGE, progressive=True))
    assert (media.width, media.height, media.widths) == (2400, 1224, [480, 960, 1600])
    assert media.upload_notice == ""
    assert calls[0]["memory"] == encoding.MEMORY
    assert opened(media).convert("RGB").getpixel((5, 5))[0] > 250


def test_another_large_picture_is_taken_as_far_as_its_memory_reaches(db):
    media = take("map.png", picture("PNG", HUGE, mode="L"))
    assert (media.width, media.height) == (2400, 1224)
    assert "decoding it takes too much memory" in refused_beside(media, "bomb.png", bomb(13_000, 13_000))


def refused_beside(media, name, content):
    with pytest.raises(uploads.Refused) as refused:
        take(name, content)
    assert Media.objects.get() == media
    return refused.value.reason


def test_what_the_process_answers(tmp_path, monkeypatch):
    def answered(content, most=encoding.HUGEST):
        (tmp_path / "source").write_bytes(content)
        return encoding.answer(str(tmp_path / "source"), str(tmp_path), "png", "full.png", most)

    small = picture("PNG")
    assert answered(small)["width"] == 1200
    assert answered(small, most=1_000) == {"trouble": "TooManyPixels"}
    assert answered(small[:200]) == {"trouble": "NotReadable"}
    monkeypatch.setattr(encoding, "decode", lambda *args, **facts: bytes(2**60))
    assert answered(small) == {"trouble": "TooLarge"}


def heic(size=(900, 600), **options):
    pillow_heif.register_heif_opener()
    return picture("HEIF", size, **options)


def test_a_heic_picture_is_converted_to_jpeg(db):
    media = take("IMG 1.HEIC", heic())
    assert (media.format, media.file_name, media.kind) == ("jpeg", "img-1.jpg", "picture")
    assert "is a HEIC picture: it was converted and is kept as \u2068img-1.jpg\u2069." in media.upload_notice
    assert opened(media).format == "JPEG"
    assert opened(media).size == (900, 600)
    red, green, _blue = opened(media).convert("RGB").getpixel((5, 5))
    assert red > 200 > 100 > green
    assert files_in(media) == ["480.webp", "900.webp", "full.jpg"]


def test_a_heic_picture_stands_upright(db):
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera was held upright
    media = take("photo.heic", heic(exif=turned.tobytes()))
    assert (media.width, media.height) == opened(media).size == (600, 900)
    right, left = (opened(media).convert("RGB").getpixel((x, 5)) for x in (594, 5))
    assert right[1] < 100 < 200 < left[1], "the red corner has gone to the right"


def test_a_heic_picture_that_is_named_jpg_is_taken_and_a_damaged_one_is_not(db):
    assert take("photo.jpg", heic()).format == "jpeg"
    with pytest.raises(uploads.Refused, match="damaged or incomplete"):
        take("photo.heic", heic()[:300])


def test_the_process_converts_heic(tmp_path):
    (tmp_path / "source").write_bytes(heic())
    made = encoding.answer(str(tmp_path / "source"), str(tmp_path), "heic", "full.jpg", encoding.HUGEST)
    assert (made["width"], made["height"], made["became_still"]) == (900, 600, False)
    assert Image.open(tmp_path / "full.jpg").format == "JPEG"


def test_without_the_extra_heic_is_refused_and_told_what_to_do(db, monkeypatch):
    monkeypatch.setattr(file_types, "READS_HEIC", False)
    why = refusal("photo.heic", heic())
    assert "browsers cannot show HEIC. Save it as JPEG." in why
    assert "installs the extra “heif”" in why
    assert "installs the extra “heif”" in refusal("photo.heif", b"something else")


def test_a_large_picture_waits_its_turn(db, monkeypatch):
    def busy(*args, **limits):
        raise child_process.Busy("busy")

    monkeypatch.setattr(child_process, "call", busy)
    assert "processing other pictures" in refusal("map.png", bomb(12_000, 12_000))
