"""Somebody's picture: fetched once from their provider, made anew, served by us."""

import io
import struct
import zlib

import pytest
from PIL import Image

from accounts import avatar_images
from core.jobs import run_ready
from core.media_storage import media_storage


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def asked_for_pictures(stand_in):
    return [line for line in stand_in.asked() if "/pictures/" in line or "/profile_images/" in line or "/u/" in line]


def image(kind="PNG", size=(300, 200), mode="RGB", **more):
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(out, kind, **more)
    return out.getvalue()


def bomb():
    """A PNG that says of itself that it has 30,000 × 30,000 pixels."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


@pytest.mark.parametrize("provider", ["google", "facebook", "twitter_oauth2", "github", "wordpress-com", "oidc"])
def test_a_login_brings_the_picture_and_we_serve_it(client, provider, log_in, logged_in):
    log_in(provider, "ann")
    assert logged_in(client).picture_url == ""
    run_ready()
    address = logged_in(client).picture_url
    assert address.startswith("/accounts/picture/") and address.endswith(".webp")
    answer = client.get(address)
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/webp", "nosniff")
    assert "immutable" in answer["Cache-Control"] and "sandbox" in answer["Content-Security-Policy"]
    shown = Image.open(io.BytesIO(answer.content))
    assert (shown.format, shown.size) == ("WEBP", (160, 160))


def test_it_is_fetched_once(client, log_in, stand_in):
    for _ in range(3):
        log_in("google", "ann")
        client.logout()
        run_ready()
    assert len(asked_for_pictures(stand_in)) == 1


@pytest.mark.parametrize("trouble", ["picture_down", "picture_nonsense"])
def test_a_picture_that_is_none_leaves_no_trace_and_stops_nobody(client, log_in, logged_in, stand_in, trouble):
    stand_in.breaks("google", trouble)
    log_in("google", "ann")
    run_ready()
    assert logged_in(client).picture_url == ""
    assert not list(media_storage().files())


def test_an_address_inside_is_not_asked(client, log_in, logged_in, settings, stand_in):
    settings.SAFE_FETCH_ALLOWED = []
    log_in("google", "ann")
    run_ready()
    assert asked_for_pictures(stand_in) == []
    assert logged_in(client).picture_url == ""


@pytest.mark.parametrize(
    "data", [image(), image("JPEG"), image("GIF", mode="P"), image("WEBP"), image(mode="RGBA"), image(size=(1, 900))]
)
def test_every_kind_of_picture_becomes_a_square(data):
    assert Image.open(io.BytesIO(avatar_images.render_avatar(data))).size == (160, 160)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg onload=alert(1)>",
        b"<html>",
        image("BMP"),
        image("TIFF"),
        image()[:200],
        bomb(),
        b"GIF89a" + b"\0" * 9,
    ],
)
def test_everything_else_is_refused(data):
    with pytest.raises(avatar_images.InvalidImage):
        avatar_images.render_avatar(data)


def test_nothing_of_the_file_is_left_but_its_pixels():
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    data = image("JPEG", exif=exif) + b"<script>alert(1)</script>"
    drawn = avatar_images.render_avatar(data)
    assert b"home" not in drawn and b"script" not in drawn


def test_a_picture_on_its_side_is_put_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    upright = Image.open(io.BytesIO(avatar_images.render_avatar(image("JPEG", exif=exif)))).convert("L")
    plain = Image.open(io.BytesIO(avatar_images.render_avatar(image("JPEG")))).convert("L")
    assert upright.getpixel((80, 5)) == pytest.approx(upright.getpixel((80, 155)), abs=20)
    assert plain.getpixel((80, 5)) < plain.getpixel((80, 155)) - 100


@pytest.mark.parametrize("name", ["0" * 32, "x", "..", "../secret_key", "%2e%2e", "A" * 32])
def test_no_other_file_is_served(client, name):
    assert client.get(f"/accounts/picture/{name}.webp").status_code == 404
