"""Pictures that move: which of them keep their frames, how often they play, and what is told of the others."""

import io
import time

import pytest
from PIL import Image

from blog.media import animation, encoding, uploads
from core import child_process
from tests.blog.test_media_upload import files_in, opened, picture, take
from tests.media_files import folder_of
from tests.pace import allowed


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def moving(shape, count=3, size=(600, 400), **options):
    """A bar that grows."""
    pictures = [Image.new("RGB", size, "white") for _frame in range(count)]
    for number, each in enumerate(pictures):
        each.paste((200, 20, 40), (0, 0, size[0] * (number + 1) // count, 1 + size[1] * (1 + number % 3) // 4))
    file = io.BytesIO()
    pictures[0].save(file, shape, save_all=True, append_images=pictures[1:], **({"duration": 120} | options))
    return file.getvalue()


# How often it plays, as its own format says it and as WebP does, where 0 is for ever: a GIF without a number plays
# once, and one with a number plays once more.
LOOPS = [
    ("GIF", {"loop": 0}, 0, 0),
    ("GIF", {}, None, 1),
    ("GIF", {"loop": 1}, 1, 2),
    ("GIF", {"loop": 3}, 3, 4),
    ("GIF", {"loop": 65_534}, 65_534, 65_535),
    *((shape, {"loop": plays}, plays, plays) for shape in ("WEBP", "PNG") for plays in (0, 1, 2, 3, 65_535)),
]


@pytest.mark.parametrize(("shape", "options", "own", "plays"), LOOPS)
def test_what_moves_keeps_its_frames_and_how_often_it_plays(db, shape, options, own, plays):
    media = take(f"moves.{shape.lower()}", moving(shape, **options))
    assert media.upload_notice == ""
    for file in (media.full, "480.webp", "600.webp"):
        made = opened(media, file)
        assert made.n_frames == 3, file
        assert made.info.get("loop") == (own if file == media.full else plays), file
        durations = [made.seek(number) or made.load() and made.info["duration"] for number in range(3)]
        assert durations == [120, 120, 120], file


def avif_playing(path, plays):
    path.write_bytes(moving("AVIF", speed=10))
    if plays:
        animation.set_plays_of_avif(path, plays)
    return path.read_bytes()


def plays_of_avif(path):
    with path.open("rb") as file:
        return animation.plays_of_avif(file)


@pytest.mark.parametrize("plays", [0, 1, 2, 3, 65_535])
def test_an_avif_goes_on_playing_as_often(db, tmp_path, plays):
    media = take("moves.avif", avif_playing(tmp_path / "brought.avif", plays))
    assert media.upload_notice == ""
    assert plays_of_avif(folder_of(media) / media.full) == plays
    assert opened(media, "480.webp").info["loop"] == plays
    assert opened(media).n_frames == 3


def test_what_plays_more_often_than_can_be_said_plays_for_ever_and_says_so(db, tmp_path):
    for name, content in [
        ("moves.gif", moving("GIF", loop=65_535)),
        ("moves.png", moving("PNG", loop=65_536)),
        ("moves.avif", avif_playing(tmp_path / "brought.avif", 65_536)),
    ]:
        media = take(name, content)
        assert "repeats too many times to be stored exactly: it loops forever" in media.upload_notice
        assert opened(media, "480.webp").info["loop"] == 0
        own = plays_of_avif(folder_of(media) / media.full) if media.format == "avif" else opened(media).info["loop"]
        assert own == 0, name


@pytest.mark.parametrize("at", [4, 40, 300, 420, 480, 535, 540])
def test_an_avif_whose_boxes_lie_is_taken_or_refused(db, tmp_path, at):
    content = bytearray(avif_playing(tmp_path / "brought.avif", 3))
    content[at : at + 4] = b"\xff\xff\xff\xff"
    try:
        assert take("lies.avif", bytes(content)).widths
    except uploads.Refused as refused:
        assert "damaged" in refused.reason or "not" in refused.reason


def test_half_a_hundred_frames_of_a_screen_still_move(db):
    media = take("screen.gif", moving("GIF", 43, (800, 600)))
    assert (opened(media).n_frames, opened(media, "480.webp").n_frames) == (43, 43)


def test_a_frame_that_is_cleared_away_leaves_nothing_behind(db):
    dots = [Image.new("RGBA", (100, 100), (0, 0, 0, 0)) for _frame in range(3)]
    for number, dot in enumerate(dots):
        dot.paste((255, 0, 0, 255), (number * 30, 0, number * 30 + 20, 20))
    for shape, disposal in (("GIF", 2), ("PNG", 1)):
        file = io.BytesIO()
        dots[0].save(file, shape, save_all=True, append_images=dots[1:], duration=100, disposal=disposal)
        media = take(f"dots.{shape.lower()}", file.getvalue())
        for name in (media.full, "100.webp"):
            made = opened(media, name)
            made.seek(2)
            shown = made.convert("RGBA")
            assert (shown.getpixel((5, 5))[3], shown.getpixel((65, 5))[3]) == (0, 255), (shape, name)


def test_the_picture_before_an_animation_is_none_of_its_frames(db):
    still, *dots = [Image.new("RGB", (60, 60), colour) for colour in ("black", "red", "green", "blue")]
    file = io.BytesIO()
    still.save(file, "PNG", save_all=True, default_image=True, append_images=dots, duration=100)
    made = opened(take("apng.png", file.getvalue()))
    assert made.n_frames == 3
    assert made.convert("RGB").getpixel((5, 5)) == (255, 0, 0)


@pytest.mark.parametrize(
    ("shape", "count", "size"), [("GIF", 3, (4000, 3000)), ("PNG", 700, (40, 9)), ("WEBP", 700, (40, 9))]
)
def test_what_moves_too_much_stands_still_and_says_so(db, shape, count, size):
    media = take(f"film.{shape.lower()}", moving(shape, count, size, duration=20))
    assert getattr(opened(media), "n_frames", 1) == 1
    assert "film" in media.upload_notice
    assert "it is kept as a still picture" in media.upload_notice


# Those that are kept moving and cost most: in a process of their own, so that readers do not wait.


def noise(shape, count=23, size=(1000, 1000), **options):
    small = (size[0] // 4, size[1] // 4)
    pictures = [Image.effect_noise(small, 90).resize(size, 0).convert("RGB") for _frame in range(count)]
    file = io.BytesIO()
    pictures[0].save(file, shape, save_all=True, append_images=pictures[1:], duration=50, **options)
    return file.getvalue()


def test_a_costly_animation_is_made_in_a_process_of_its_own(db, monkeypatch):
    content = moving("GIF", 5, (800, 600), loop=2)
    media = take("here.gif", content)
    calls, call = [], child_process.call
    monkeypatch.setattr(encoding, "IN_THIS_PROCESS", 1_000_000)
    monkeypatch.setattr(child_process, "call", lambda *args, **kwargs: calls.append(args) or call(*args, **kwargs))
    other = take("elsewhere.gif", content)
    assert len(calls) == 1
    assert (other.width, other.height, other.widths, other.upload_notice) == (800, 600, [480, 800], "")
    for name in (media.full, "480.webp", "800.webp"):
        assert (folder_of(media) / name).read_bytes() == (folder_of(other) / name).read_bytes(), name
    with pytest.raises(uploads.Refused, match="damaged"):
        take("half.gif", content[: len(content) // 2] + b";")
    assert len(calls) == 2


def test_an_animation_that_takes_too_long_to_make_is_kept_as_a_still(db, monkeypatch):
    monkeypatch.setattr(encoding, "IN_THIS_PROCESS", 1_000_000)
    monkeypatch.setattr(encoding, "SECONDS", 0.01)
    media = take("film.gif", moving("GIF", 5, (800, 600)))
    assert "it is kept as a still picture" in media.upload_notice
    assert getattr(opened(media), "n_frames", 1) == 1
    assert files_in(media) == ["480.webp", "800.webp", "full.gif"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("shape", "options"), [("GIF", {}), ("PNG", {"compress_level": 1}), ("WEBP", {}), ("AVIF", {"speed": 10})]
)
def test_the_costliest_animation_takes_this_process_no_second(db, monkeypatch, shape, options):
    monkeypatch.setattr(encoding, "SECONDS", 600)  # with whatever else this machine does meanwhile
    content = noise(shape, **options)
    start = time.process_time()
    media = take(f"noise.{shape.lower()}", content)
    assert (media.upload_notice, opened(media).n_frames) == ("", 23)
    assert time.process_time() - start < allowed(1)


@pytest.mark.parametrize("count", [10_000, 80_000])
def test_thousands_of_frames_hold_nobody_up(db, count):
    one = picture("GIF", (100, 100))
    colours = 13 + (3 << ((one[10] & 7) + 1))
    frame = b"!\xf9\x04\x00\x05\x00\x00\x00" + one[one.index(b",", colours) : -1]
    start = time.process_time()
    media = take("many.gif", one[:colours] + frame * count + b";")
    assert "still picture" in media.upload_notice
    assert time.process_time() - start < allowed(5)
