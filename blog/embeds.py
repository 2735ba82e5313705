"""Films, sound, posts and maps from elsewhere. A URL alone in a paragraph becomes a placeholder that loads the player
only after a click; until then, and without scripts, it is a link, and nobody elsewhere is asked for anything.

EMBEDS is the table of services. `embed_of` reads the URLs that people copy from the address bar and those in the embed
codes that the services offer. Works on HTML that our sanitizer has written, as `blog.responsive_images` does; the
placeholder is a template. `sources_in` names the hosts for the header Content-Security-Policy of a page.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from urllib.parse import SplitResult, parse_qs, quote, urlencode, urlsplit

from django.template.loader import render_to_string

_ALONE = re.compile(r'<p(?: dir="[a-z]+")?>\s*(?:<a href="(https?://[^"\s]+)">)?(https?://[^<\s"]+)(?:</a>)?\s*</p>')
# The whole tag: in text, such as a comment's, stands no "<", though quotation marks may. HTML stored by an earlier
# version has no second class.
_SOURCE = re.compile(rb'<figure class="player(?: player--[a-z]{1,9})?" data-player="(https://[a-z0-9.-]{1,253})[/"]')
_TIME = re.compile(r"(?:([0-9]{1,2})h)?(?:([0-9]{1,3})m)?(?:([0-9]{1,5})s?)?")
_DEGREES = r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?"

PLAYED = frozenset({"wide", "tall", "audio", "list"})  # the shapes of what plays; the others are shown


@dataclass(frozen=True)
class Embed:
    service: str
    watch: str  # the page for people
    embed: str  # the address of the player
    shape: str = "wide"  # "wide" (16:9), "tall" (9:16), "audio" (a row), "list" (of tracks), "post", "map", "page"

    @property
    def is_played(self) -> bool:
        return self.shape in PLAYED


Query = dict[str, list[str]]
Maker = Callable[["re.Match[str]", SplitResult, Query], Embed | None]


def embed_links(html: str) -> str:
    """Replace every paragraph of sanitized `html` that contains only the URL of an embed with a placeholder for it."""

    def dressed(paragraph: re.Match[str]) -> str:
        address = unescape(paragraph[2])
        if paragraph[1] and unescape(paragraph[1]) != address:
            return paragraph[0]
        found = embed_of(address)
        return render_to_string("blog/_player.html", {"embed": found}).strip() if found else paragraph[0]

    return _ALONE.sub(dressed, html) if ">http" in html else html


def sources_in(content: bytes) -> frozenset[str]:
    """The origins of the players in a page, such as "https://player.vimeo.com"."""
    if b" data-player=" not in content:
        return frozenset()
    return frozenset(found.decode("ascii") for found in _SOURCE.findall(content))


def embed_of(address: str) -> Embed | None:
    """The embed for a URL, or None for any other URL."""
    try:
        url = urlsplit(address)
        host = (url.hostname or "").removeprefix("www.").removeprefix("m.")
        query = parse_qs(url.query, max_num_fields=20)
        if url.scheme not in ("http", "https") or url.port not in (None, 80, 443):
            return None
    except ValueError:
        return None
    rows = EMBEDS.get(host)
    for pattern, maker in rows if rows is not None else ANYWHERE:
        if (found := pattern.fullmatch(url.path)) and (made := maker(found, url, query)):
            return made
    return None


def _youtube(found: re.Match[str], url: SplitResult, query: Query) -> Embed | None:
    first, _, rest = url.path.strip("/").partition("/")
    if (url.hostname or "").endswith("youtu.be"):
        film = first
    elif first == "watch":
        film = query.get("v", [""])[0]
    else:
        film = rest if first in ("shorts", "live", "embed") else ""
    playlist = query.get("list", [""])[0]
    playlist = playlist if re.fullmatch("[A-Za-z0-9_-]{10,50}", playlist) else ""
    if playlist and first in ("playlist", "embed") and film in ("", "videoseries"):
        return Embed(
            "YouTube",
            f"https://www.youtube.com/playlist?list={playlist}",
            f"https://www.youtube-nocookie.com/embed/videoseries?list={playlist}&autoplay=1",
        )
    if not re.fullmatch("[A-Za-z0-9_-]{6,20}", film):
        return None
    start = seconds(query.get("t", query.get("start", [""]))[0])
    watch = f"https://www.youtube.com/watch?v={film}" + (f"&t={start}s" if start else "")
    player = f"https://www.youtube-nocookie.com/embed/{film}?rel=0&autoplay=1" + (f"&start={start}" if start else "")
    player += f"&list={playlist}" if playlist else ""
    return Embed("YouTube", watch, player, "tall" if first == "shorts" else "wide")


def _vimeo(found: re.Match[str], url: SplitResult, query: Query) -> Embed:
    film, secret = found[1], found[2] or query.get("h", [""])[0]
    hidden = f"&h={secret}" if re.fullmatch("[0-9a-f]{6,20}", secret) else ""
    start = seconds(parse_qs(url.fragment).get("t", query.get("t", [""]))[0])
    at = f"#t={start}s" if start else ""
    watch = f"https://vimeo.com/{film}" + (f"/{secret}" if hidden else "") + at
    return Embed("Vimeo", watch, f"https://player.vimeo.com/video/{film}?dnt=1&autoplay=1{hidden}{at}")


def _spotify(found: re.Match[str], url: SplitResult, query: Query) -> Embed:
    kind, name = found[1], found[2]
    shape = "audio" if kind in ("track", "episode") else "list"
    path = f"{kind}/{name}"
    return Embed("Spotify", f"https://open.spotify.com/{path}", f"https://open.spotify.com/embed/{path}", shape)


def _soundcloud(found: re.Match[str], url: SplitResult, query: Query) -> Embed | None:
    watch = f"https://soundcloud.com/{found[1]}"
    if url.hostname == "w.soundcloud.com":
        watch = query.get("url", [""])[0]
        if not re.fullmatch(r"https://(?:api\.)?soundcloud\.com/[A-Za-z0-9_/:%.-]{1,200}", watch):
            return None
    shape = "list" if "/sets/" in watch or "/playlists/" in watch else "audio"
    player = "https://w.soundcloud.com/player/?" + urlencode({"url": watch, "auto_play": "true"})
    return Embed("SoundCloud", watch, player, shape)


def _apple(service: str, host: str) -> Maker:
    def made(found: re.Match[str], url: SplitResult, query: Query) -> Embed:
        part = query.get("i", [""])[0]
        at = f"?i={part}" if re.fullmatch("[0-9]{5,20}", part) else ""
        path = quote(found[0], safe="/%")
        return Embed(service, f"https://{host}{path}{at}", f"https://embed.{host}{path}{at}", "audio" if at else "list")

    return made


def _peertube(found: re.Match[str], url: SplitResult, query: Query) -> Embed | None:
    host = url.hostname or ""
    start = seconds(query.get("start", [""])[0])
    at = f"?start={start}s" if start else ""
    watch = f"https://{host}/w/{found[1]}{at}"
    more = f"&start={start}s" if start else ""
    return Embed(host, watch, f"https://{host}/videos/embed/{found[1]}?autoplay=1{more}") if _is_name(host) else None


def _mastodon(found: re.Match[str], url: SplitResult, query: Query) -> Embed | None:
    host = url.hostname or ""
    watch = f"https://{host}/@{found[1]}/{found[2]}"
    return Embed(host, watch, f"{watch}/embed", "post") if _is_name(host) else None


def _bluesky(found: re.Match[str], url: SplitResult, query: Query) -> Embed:
    """Its player needs the account's DID: a URL with a handle stays a link."""
    who, post = found[1], found[2]
    watch = f"https://bsky.app/profile/{who}/post/{post}"
    return Embed("Bluesky", watch, f"https://embed.bsky.app/embed/{who}/app.bsky.feed.post/{post}", "post")


def _instagram(found: re.Match[str], url: SplitResult, query: Query) -> Embed:
    watch = f"https://www.instagram.com/{found[1]}/{found[2]}/"
    return Embed("Instagram", watch, f"{watch}embed/", "post")


def _x(found: re.Match[str], url: SplitResult, query: Query) -> Embed | None:
    number = found[2] if found[2] else query.get("id", [""])[0]
    if not re.fullmatch("[0-9]{5,25}", number):
        return None
    watch = f"https://x.com/{found[1] or 'i'}/status/{number}"
    return Embed("X", watch, f"https://platform.twitter.com/embed/Tweet.html?id={number}&dnt=true", "post")


def _openstreetmap(found: re.Match[str], url: SplitResult, query: Query) -> Embed | None:
    """The view of the address's `#map=zoom/latitude/longitude`, with the marker of `?mlat=…&mlon=…`."""
    if found[0] == "/export/embed.html":
        bounds = query.get("bbox", [""])[0]
        if not re.fullmatch(rf"{_DEGREES}(,{_DEGREES}){{3}}", bounds):
            return None
        west, south, east, north = map(float, bounds.split(","))
        zoom, latitude, longitude = 14, (south + north) / 2, (west + east) / 2
        marker = query.get("marker", [""])[0]
    else:
        view = re.match(r"(?:.*&)?map=([0-9]{1,2})/(-?[0-9]{1,2}\.?[0-9]*)/(-?[0-9]{1,3}\.?[0-9]*)", url.fragment)
        if not view:
            return None
        zoom, latitude, longitude = int(view[1]), float(view[2]), float(view[3])
        wide = 360 / 2**zoom * 1.5
        high = wide * math.cos(math.radians(latitude)) * 0.66
        west, south, east, north = longitude - wide, latitude - high, longitude + wide, latitude + high
        marker = ",".join(query.get(name, [""])[0] for name in ("mlat", "mlon"))
    marker = marker if re.fullmatch(f"{_DEGREES},{_DEGREES}", marker) else ""
    asked = {"bbox": f"{west:.6f},{south:.6f},{east:.6f},{north:.6f}", "layer": "mapnik"}
    at = "?mlat={}&mlon={}".format(*marker.split(",")) if marker else ""
    return Embed(
        "OpenStreetMap",
        f"https://www.openstreetmap.org/{at}#map={zoom}/{latitude:g}/{longitude:g}",
        "https://www.openstreetmap.org/export/embed.html?" + urlencode(asked | ({"marker": marker} if marker else {})),
        "map",
    )


def _google_maps(found: re.Match[str], url: SplitResult, query: Query) -> Embed | None:
    if found[0] == "/maps/embed":
        map_of = query.get("pb", [""])[0]
        if not re.fullmatch(r"[A-Za-z0-9!.%+_:\s'-]{5,1000}", map_of):
            return None
        address = "https://www.google.com/maps/embed?" + urlencode({"pb": map_of})
        return Embed("Google Maps", address, address, "map")
    if (
        found[0] == "/maps"
        and query.get("output") == ["embed"]
        and len(place := query.get("q", [""])[0]) in range(2, 200)
    ):
        zoom = query.get("z", [""])[0]
        asked = {"q": place, "z": zoom if zoom.isdecimal() and len(zoom) < 3 else "12", "output": "embed"}
        shown = "https://www.google.com/maps?" + urlencode(asked)
        return Embed("Google Maps", shown, shown, "map")
    view = re.search(r"/@(-?[0-9.]{1,20}),(-?[0-9.]{1,20}),([0-9.]{1,5})z", url.path)
    if not view:
        return None
    asked = {"q": f"{view[1]},{view[2]}", "z": view[3].partition(".")[0], "output": "embed"}
    watch = f"https://www.google.com{quote(found[0], safe='/@,%+')}"
    return Embed("Google Maps", watch, "https://www.google.com/maps?" + urlencode(asked), "map")


def _plain(service: str, watch: str, embed: str, shape: str = "wide") -> Maker:
    """What needs no more than the groups of the pattern in two addresses."""
    return lambda found, url, query: Embed(service, watch.format(*found.groups()), embed.format(*found.groups()), shape)


def _is_name(host: str) -> bool:
    return bool(re.fullmatch(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,5}", host)) and not host[-1].isdigit()


def seconds(text: str) -> int:
    """ "90", "90s" and "1m30s" are all 90."""
    time = _TIME.fullmatch(text)
    hours, minutes, rest = (int(part or 0) for part in time.groups()) if time else (0, 0, 0)
    return hours * 3600 + minutes * 60 + rest


_SPOTIFY = r"/(?:intl-[a-z]{2}/)?(?:embed/)?(track|album|playlist|episode|show|artist)/([A-Za-z0-9]{10,40})/?"
_APPLE = r"/[a-z]{2}/(?:podcast|album|song|playlist|station)/[^/]{1,200}(?:/[a-z]{0,4}[0-9a-z.]{5,60})?/?"

_TABLE: list[tuple[str, str, Maker]] = [  # (hosts without "www." and "m.", the whole path, what makes the embed)
    ("youtube.com youtu.be youtube-nocookie.com", r"/.{1,80}", _youtube),
    ("vimeo.com player.vimeo.com", r"/(?:video/)?([0-9]{5,12})(?:/([0-9a-f]{6,20}))?/?", _vimeo),
    ("dailymotion.com", r"/(?:embed/)?video/([a-z0-9]{4,12})(?:_.*)?",
     _plain("Dailymotion", "https://www.dailymotion.com/video/{}", "https://www.dailymotion.com/embed/video/{}")),
    ("tiktok.com", r"/(@[\w.]{1,40})/video/([0-9]{10,25})/?",
     _plain("TikTok", "https://www.tiktok.com/{}/video/{}", "https://www.tiktok.com/embed/v2/{1}", "tall")),
    ("tiktok.com", r"/embed/v2/([0-9]{10,25})/?",
     _plain("TikTok", "https://www.tiktok.com/embed/v2/{}", "https://www.tiktok.com/embed/v2/{}", "tall")),
    ("archive.org", r"/(?:details|embed)/([A-Za-z0-9._-]{3,100})/?",
     _plain("Internet Archive", "https://archive.org/details/{}", "https://archive.org/embed/{}")),
    ("open.spotify.com", _SPOTIFY, _spotify),
    ("soundcloud.com", r"/([\w-]{1,60}/(?:sets/)?[\w-]{1,200})/?", _soundcloud),
    ("w.soundcloud.com", r"/(player)/?", _soundcloud),
    ("podcasts.apple.com embed.podcasts.apple.com", _APPLE, _apple("Apple Podcasts", "podcasts.apple.com")),
    ("music.apple.com embed.music.apple.com", _APPLE, _apple("Apple Music", "music.apple.com")),
    ("bsky.app", r"/profile/(did:[a-z]{2,10}:[A-Za-z0-9._:-]{5,80})/post/([a-z0-9]{8,20})/?", _bluesky),
    ("embed.bsky.app", r"/embed/(did:[a-z]{2,10}:[A-Za-z0-9._:-]{5,80})/app\.bsky\.feed\.post/([a-z0-9]{8,20})/?",
     _bluesky),
    ("instagram.com", r"/(?:[\w.]{1,40}/)?(p|reel|tv)/([\w-]{5,40})(?:/embed(?:/captioned)?)?/?", _instagram),
    ("x.com twitter.com mobile.twitter.com", r"/(\w{1,30})/status/([0-9]{5,25})(?:/.*)?", _x),
    ("platform.twitter.com", r"/embed/Tweet\.html()()", _x),
    ("openstreetmap.org", r"/|/export/embed\.html", _openstreetmap),
    ("google.com", r"/maps(?:/(?:embed|@.{5,80}|place/.{1,400}))?", _google_maps),
    ("codepen.io", r"/([\w-]{1,40})/(?:pen|full|details|embed)/([A-Za-z0-9]{4,40})/?",
     _plain("CodePen", "https://codepen.io/{}/pen/{}", "https://codepen.io/{}/embed/{}?default-tab=result", "page")),
    ("strava.com", r"/activities/([0-9]{5,15})/?(?:embed/.*)?",
     _plain("Strava", "https://www.strava.com/activities/{}", "https://strava-embeds.com/activity/{}", "post")),
    ("strava-embeds.com", r"/activity/([0-9]{5,15})/?",
     _plain("Strava", "https://www.strava.com/activities/{}", "https://strava-embeds.com/activity/{}", "post")),
]  # fmt: skip
EMBEDS: dict[str, list[tuple[re.Pattern[str], Maker]]] = {}
for _hosts, _path, _maker in _TABLE:
    for _host in _hosts.split():
        EMBEDS.setdefault(_host, []).append((re.compile(_path, re.ASCII), _maker))
# Services that run on many hosts, known by the form of their addresses.
ANYWHERE: list[tuple[re.Pattern[str], Maker]] = [
    (re.compile(r"/(?:w|videos/watch|videos/embed)/([A-Za-z0-9]{22}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/?"),
     _peertube),
    (re.compile(r"/@([\w.-]{1,60}(?:@[\w.-]{3,100})?)/([0-9]{15,20})(?:/embed)?/?", re.ASCII), _mastodon),
]  # fmt: skip
