"""A GPX file alone on its line is a map drawn here; the home zone is in nothing that readers can reach."""

import io
import json
import math
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from blog import gpx, jobs, track_figures
from blog.gpx import Point, Track, Unreadable
from blog.media import uploads
from blog.models import HomeZone, Media, Post
from blog.models.home_zone import crosses
from core.media_storage import media_storage
from core.models import SettingsChange

HOME = (48.2, 16.37)
METRE = 1 / 111_195  # degrees of latitude


def point(north, east=0.0, tag="trkpt", inside=""):
    latitude, longitude = HOME[0] + north * METRE, HOME[1] + east * METRE / math.cos(math.radians(HOME[0]))
    return f'<{tag} lat="{latitude:.7f}" lon="{longitude:.7f}">{inside}</{tag}>'


def document(*inside, version="1/1"):
    return (
        f'<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/{version}" creator="Watch of Ada">'
        f"{''.join(inside)}</gpx>"
    ).encode()


def loop():
    """From home 3 km to the north and back beside it, up to 300 m; a waypoint at home and one away."""
    points = [
        point(at, 0, inside=f"<ele>{100 + at / 10}</ele><time>2026-03-05T07:00:00Z</time>") for at in range(0, 3001, 50)
    ]
    back = [point(at, 200, inside=f"<ele>{100 + at / 10}</ele>") for at in range(3000, -1, -50)]
    waypoints = point(0, 0, "wpt", "<name>My door</name>") + point(2000, 0, "wpt", "<name>Bridge</name>")
    secret = "<metadata><author><name>Ada Secret</name></author><bounds minlat='48.2' minlon='16.37'/></metadata>"
    heart = "<extensions><hr>171</hr></extensions>"
    return document(
        secret, waypoints, "<trk><name>Up &amp; down</name><trkseg>", *points, *back, heart, "</trkseg></trk>"
    )


@pytest.fixture
def upload(ada, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return lambda content=None, name="loop.gpx": uploads.store_upload(SimpleUploadedFile(name, content or loop()), ada)


@pytest.fixture
def zone(db):
    return HomeZone.objects.create(point=f"{HOME[0]}, {HOME[1]}", radius=500)


def fetched(client, media, query=""):
    answer = client.get(media.get_absolute_url() + query)
    return b"".join(answer.streaming_content) if answer.status_code == 200 else answer.status_code


def nearest(content):
    """Metres from home of the nearest point in a GPX file."""
    track = gpx.read_track([content])
    places = [*track.waypoints, *(each for segment in track.segments for each in segment)]
    return min(track_figures.distance(Point(*HOME), place) for place in places)


def test_a_track_alone_on_its_line_is_a_map(client, make_post, upload):
    media = upload()
    post = make_post(source=f"My way:\n\n{media.markdown}\n\nNice.")
    page = client.get(post.path).content.decode()
    assert '<svg class="longrun-track__map"' in page and '<svg class="longrun-track__profile"' in page
    assert "loop.gpx ·" in page and "6.2 km" in page and "300 m of climb" in page and "100 to 400 m" in page
    assert (
        "content.css" in page
        and ">500 m</text>" in page
        and not re.search(r'(?:src|href)="https?://[^l]', page.partition("<svg")[2].partition("</figure>")[0])
    )
    assert "<svg" not in make_post(source=f"See {media.markdown} there.").html


def test_feeds_and_emails_have_words_and_the_download(make_post, upload):
    media = upload()
    post = make_post(source=media.markdown)
    for text in (str(post.feed_body), str(post.email_body)):
        assert "<svg" not in text and "6.2 km" in text and f"http://localhost:8000{media.get_absolute_url()}" in text


def test_the_home_zone_is_cut_out_of_all_that_readers_reach(client, as_, ada, make_post, upload, zone):
    media = upload()
    post = make_post(source=media.markdown)
    content = fetched(client, media)
    assert nearest(content) >= 500 * 0.7 - 1, "the circle lies a little beside the home"
    track = gpx.read_track([content])
    assert track.name == "Up & down" and [each.name for each in track.waypoints] == ["Bridge"]
    for secret in (b"Ada Secret", b"Watch of Ada", b"171", b"My door", b"bounds"):
        assert secret in loop() and secret not in content
    facts = json.loads(b"".join(media_storage().read(f"{media.folder}/track.json")))
    assert facts["distance"] < 6000 - 2 * 300
    assert abs(float(re.search(r"([0-9.]+) km", post.html)[1]) - facts["distance"] / 1000) < 0.051
    assert fetched(as_(ada), media) == content, "its owner gets the same under the public address"


def test_the_original_is_for_those_who_may_change_the_file(client, as_, ada, rene, arthur, make_post, upload, zone):
    media = upload()
    make_post(source=media.markdown)
    assert fetched(as_(ada), media, "?original") == loop()
    answer = as_(ada).get(media.get_absolute_url() + "?original")
    assert answer["Cache-Control"] == "private, no-store"
    for other in (client, as_(rene), as_(arthur)):
        assert fetched(other, media, "?original") == 404
    assert "?original" in as_(ada).get(f"/desk/media/{media.pk}/").content.decode()
    for path in ("full.gpx", "public.gpx", "track.json"):
        assert client.get(f"/media/{media.name}/{path}").status_code == 404
    assert client.get(media.get_absolute_url())["Cache-Control"] == "no-cache"


def run_queued(monkeypatch, desk, path, typed):
    queued = []
    monkeypatch.setattr(type(jobs.cut_tracks), "enqueue", lambda task, *given: queued.append(task))
    answer = desk.post(path, typed)
    for task in queued:
        task.call()
    return answer, len(queued)


def test_a_change_of_the_zone_redoes_all_old_tracks(client, as_, ada, make_post, upload, monkeypatch):
    media, path = upload(), "/desk/settings/home-zone/"
    post = make_post(source=media.markdown)
    assert nearest(fetched(client, media)) < 1 and "6.2 km" in post.html
    assert "your track" in as_(ada).get(path).content.decode()
    typed = {"point": "48.2 16.37", "radius": "1000"}
    answer, queued = run_queued(monkeypatch, as_(ada), path, typed)
    assert answer.status_code == 302 and queued == 1
    changed = Post.objects.get(pk=post.pk)
    assert nearest(fetched(client, media)) > 690 and "6.2 km" not in changed.html
    assert changed.updated_at == post.updated_at
    run_queued(monkeypatch, as_(ada), path, typed | {"radius": "100"})
    assert 69 < nearest(fetched(client, media)) < 200 and HomeZone.objects.count() == 1
    answer, queued = run_queued(monkeypatch, as_(ada), path, {"action": "remove"})
    assert queued == 1 and not HomeZone.objects.exists()
    assert nearest(fetched(client, media)) < 1 and "6.2 km" in Post.objects.get(pk=post.pk).html


def test_the_log_of_settings_tells_that_the_zone_changed_and_not_where_it_is(as_, ada):
    for typed in (
        {"point": "48.2, 16.37", "radius": "1000"},
        {"point": "48.2 16.37", "radius": "1000"},
        {"point": "48.3, 16.37", "radius": "1000"},
        {"point": "48.3, 16.37", "radius": "500"},
        {"action": "remove"},
    ):
        assert as_(ada).post("/desk/settings/home-zone/", typed).status_code == 302
    assert [change.values for change in SettingsChange.objects.order_by("pk")] == [
        [["Home zone", "none", "1000 metres"]],
        [["Home zone", "1000 metres", "1000 metres, at another place"]],
        [["Home zone", "1000 metres", "500 metres"]],
        [["Home zone", "500 metres", "none"]],
    ]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"point": "at home", "radius": "500"}, "Write latitude and longitude"),
        ({"point": "91, 16", "radius": "500"}, "Write latitude and longitude"),
        ({"point": "48, 181", "radius": "500"}, "Write latitude and longitude"),
        ({"point": "48, 16", "radius": "99"}, "greater than or equal to 100"),
        ({"point": "48, 16", "radius": "20001"}, "less than or equal to 20000"),
    ],
)
def test_a_zone_that_is_none_is_refused_in_words(as_, ada, typed, said):
    answer = as_(ada).post("/desk/settings/home-zone/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422 and said in page and f'value="{typed["point"]}"' in page
    assert not HomeZone.objects.exists()


def test_a_track_within_the_zone_alone_stays_a_link(client, make_post, upload, zone):
    media = upload(document("<trk><trkseg>", point(0), point(10), "</trkseg></trk>"))
    post = make_post(source=media.markdown)
    assert "<svg" not in post.html and media.get_absolute_url() in post.html
    assert b"trkpt" not in fetched(client, media)


def test_a_line_that_crosses_the_zone_between_two_points_is_cut(zone):
    middle = zone.middle
    far = [Point(middle.latitude, middle.longitude + 0.05), Point(middle.latitude, middle.longitude - 0.05)]
    beside = [Point(middle.latitude + 0.02, middle.longitude + 0.05), Point(middle.latitude + 0.02, middle.longitude)]
    cut = zone.cut(Track("x", [[*beside, *far, far[-1]]]))
    assert cut.segments == [[*beside, far[0]], [far[1], far[1]]]
    assert not crosses(far[0], far[0], middle, 500)
    assert str(zone) == "home zone"


def test_the_middle_of_the_circle_is_not_the_home_and_stays(zone):
    home = Point(*HOME)
    assert 0.14 * 500 < track_figures.distance(home, zone.middle) < 0.31 * 500
    assert HomeZone.objects.get().middle == zone.middle


# Where else readers could get it


def test_no_public_export_has_the_zone_or_what_lies_in_it(make_post, upload, zone, settings, tmp_path):
    settings.LONGRUN_DATA = tmp_path / "data"
    settings.LONGRUN_DATA.mkdir()
    media = upload()
    make_post(source=media.markdown)
    call_command("mirror", "on", "--private", stdout=io.StringIO(), stderr=io.StringIO())
    call_command("export_markdown", str(tmp_path / "site"), stdout=io.StringIO(), stderr=io.StringIO())
    for folder in (tmp_path / "data/mirror/public", tmp_path / "site"):
        tracks = list(folder.rglob("*.gpx"))
        assert tracks and all(nearest(track.read_bytes()) > 340 for track in tracks)
        for file in folder.rglob("*"):
            assert not file.is_file() or f"{HOME[0]}, {HOME[1]}".encode() not in file.read_bytes()
    private = tmp_path / "data/mirror/private"
    assert [track.read_bytes() for track in private.rglob("*.gpx")] == [loop()]
    assert json.loads((private / "home_zones.json").read_text()) == [{"point": "48.2, 16.37", "radius": 500}]


def test_tracks_without_files_for_readers_are_cut_at_the_next_start(client, make_post, upload, monkeypatch):
    media, queued = upload(), []
    make_post(source=media.markdown)
    monkeypatch.setattr(type(jobs.cut_tracks), "enqueue", lambda task, *given: queued.append(task))
    jobs.look_for_whole_tracks()
    assert not queued
    for name in ("public.gpx", "track.json"):
        media_storage().delete(f"{media.folder}/{name}")
    assert fetched(client, media) == 404, "never the original in its place"
    jobs.look_for_whole_tracks()
    queued[0].call()
    assert nearest(fetched(client, media)) < 1


def test_an_original_that_is_broken_by_now_leaves_nothing_for_readers(client, make_post, upload):
    media = upload()
    post = make_post(source=media.markdown)
    media_storage().put(f"{media.folder}/full.gpx", b"<gpx>")
    jobs.cut_tracks.call()
    assert fetched(client, media) == 404 and "<svg" not in Post.objects.get(pk=post.pk).html


# Files


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'<?xml version="1.0"?><gpx><trk>', "it is damaged in line 1"),
        (document(), "no track or route with at least two points"),
        (document("<trk><trkseg>", point(0), "</trkseg></trk>"), "at least two points"),
        (document("<rte>", '<rtept lat="x" lon="1"/><rtept lat="inf" lon="1"/><rtept/>', "</rte>"), "two points"),
        (b'<?xml version="1.0"?><gpx>' + b"<a>" * 40, "damaged"),
        (b'<?xml version="1.0" encoding="klingon"?><gpx></gpx>', "damaged"),
    ],
)  # fmt: skip
def test_a_broken_file_is_refused_in_words(upload, content, said):
    with pytest.raises(uploads.Refused) as refused:
        upload(content)
    assert refused.value.reason.startswith("loop.gpx: ") and said in refused.value.reason
    assert not Media.objects.exists()


def test_a_file_that_is_too_long_is_refused(upload, monkeypatch):
    monkeypatch.setattr(gpx, "MOST_POINTS", 100)
    with pytest.raises(uploads.Refused, match="more than 100 points"):
        upload()
    monkeypatch.setattr(uploads, "LARGEST_TRACK", 1000)
    with pytest.raises(uploads.Refused, match="room for 0 MB"):
        upload()


def test_a_doctype_is_refused_by_the_parser_as_well():
    with pytest.raises(Unreadable, match="DOCTYPE"):
        gpx.read_track([b'<!DOCTYPE gpx [<!ENTITY a "b">]><gpx/>'])


def test_routes_and_older_versions_are_read():
    content = document(
        "<rte><name>By road</name>", point(0, 0, "rtept"), point(90, 0, "rtept"), "</rte>", version="1/0"
    )
    track = gpx.read_track([content[:70], content[70:]])
    assert track.name == "By road" and len(track.segments[0]) == 2
    assert gpx.read_track([gpx.write_track(track)]) == track
    assert gpx.read_track([document("<trkpt lat='1' lon='1'/><rte>", point(0), point(1), "</rte>")]).segments


# Figures


def test_lengths_and_climbs():
    assert round(track_figures.distance(Point(0, 0), Point(0, 1))) == 111_195
    assert round(track_figures.distance(Point(0, 179.5), Point(0, -179.5))) == 111_195
    assert track_figures.climb([100, 102, 99, 101, 110, 109, 112, 90, 95]) == 10 + 5
    flat = track_figures.figures(Track("x", [[Point(0, 0), Point(0, 0.1)], [Point(0, 0.2), Point(0, 0.3)]]))
    assert flat["distance"] == 22_239 and flat["climb"] is None and flat["profile"] is None


@pytest.mark.parametrize(
    "segment",
    [
        [Point(0, 179.9), Point(0, -179.9)],
        [Point(89.9, 0), Point(89.9, 120)],
        [Point(1, 1), Point(1, 1)],
        [Point(-60, 10), Point(60, 10)],
        [Point(0, 0.0001 * number, float(number % 7)) for number in range(5000)],
    ],
    ids=["date-line", "pole", "one-place", "north-south", "long"],
)
def test_every_map_fits_into_its_picture(segment):
    facts = track_figures.figures(Track("x", [segment]))
    shown = facts["map"]
    places = [tuple(map(float, place.split(","))) for line in shown["lines"] for place in line.split()]
    assert 2 <= len(places) <= track_figures.MAP_POINTS
    assert all(0 <= x <= shown["width"] and 0 <= y <= shown["height"] for x, y in places)
    assert 240 <= shown["height"] <= 600 and len(json.dumps(facts)) < 20_000
