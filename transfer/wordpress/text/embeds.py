"""URLs of videos, posts and players that WordPress shows as embedded content.

YouTube and Vimeo become the one form that the blog makes a player of: a link alone in its paragraph. Everything else
becomes a link. Source: WordPress's list of oEmbed providers; WordPress.com's shortcodes.
"""

import re
from html import escape
from urllib.parse import parse_qs, urlsplit

PROVIDERS = frozenset(
    """amazon.com animoto.com anghami.com bsky.app cloudup.com crowdsignal.net dailymotion.com dai.ly facebook.com
    flickr.com flic.kr funnyordie.com hulu.com imgur.com instagram.com issuu.com kickstarter.com kck.st meetup.com
    mixcloud.com photobucket.com pinterest.com pin.it pca.st polldaddy.com poll.fm reddit.com reverbnation.com
    scribd.com screencast.com slideshare.net smugmug.com soundcloud.com speakerdeck.com spotify.com ted.com tiktok.com
    tumblr.com twitter.com x.com viddler.com videopress.com wordpress.tv wolframcloud.com archive.org bandcamp.com
    gist.github.com collegehumor.com blip.tv revision3.com rdio.com qik.com vine.co""".split()
)
_FILM = re.compile(r"[A-Za-z0-9_-]{6,20}")
_NUMBER = re.compile(r"[0-9]{5,12}")
_SECRET = re.compile(r"[0-9a-f]{6,20}")
ALONE = re.compile(r"https?://[^\s<>\"\[\]]+")


def host_of(url: str) -> str:
    """The host in lower case without "www." and "m."; "" for what is no URL."""
    try:
        return (urlsplit(url).hostname or "").lower().removeprefix("www.").removeprefix("m.")
    except ValueError:
        return ""


def absolute(url: str) -> str:
    url = url.strip()
    return f"https:{url}" if url.startswith("//") else url


def video(url: str) -> str:
    """The URL of the page of a YouTube or Vimeo video, from any spelling (also `/v/`, `/embed/`, with WordPress's `w`
    and `h`); "" for any other URL."""
    url = absolute(url).replace("&#038;", "&").replace("&amp;", "&").replace("httpv://", "http://")
    try:
        parts = urlsplit(url)
        host, query = host_of(url), parse_qs(parts.query, max_num_fields=30)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https"):
        return ""
    if host in ("youtube.com", "youtu.be", "youtube-nocookie.com", "music.youtube.com"):
        return _youtube(host, parts.path, query, parts.fragment)
    if host in ("vimeo.com", "player.vimeo.com"):
        return _vimeo(parts.path, query)
    return ""


def _youtube(host: str, path: str, query: dict[str, list[str]], fragment: str) -> str:
    steps = [step for step in path.split("&")[0].split("?")[0].split("/") if step]
    film = query.get("v", [""])[0].split("&")[0].split("?")[0]
    if host == "youtu.be":
        film = steps[0] if steps else ""
    elif steps and steps[0] in ("v", "embed", "shorts", "live", "e") and len(steps) > 1:
        film = steps[1]
    if not _FILM.fullmatch(film) or film in ("videoseries", "playlist"):
        return ""
    start = query.get("t", query.get("start", [fragment[2:] if fragment.startswith("t=") else ""]))[0]
    return f"https://www.youtube.com/watch?v={film}" + (f"&t={start}" if re.fullmatch("[0-9hms]{1,10}", start) else "")


def _vimeo(path: str, query: dict[str, list[str]]) -> str:
    steps = [step for step in path.split("/") if step]
    numbers = [step for step in steps if _NUMBER.fullmatch(step)]
    number = numbers[0] if numbers else query.get("clip_id", [""])[0]
    if not _NUMBER.fullmatch(number) or steps[:1] in (["album"], ["showcase"]) and "video" not in steps:
        return ""
    secret = query.get("h", [""])[0] or next((step for step in steps[-1:] if step != number), "")
    return f"https://vimeo.com/{number}" + (f"/{secret}" if _SECRET.fullmatch(secret) else "")


def youtube_of(word: str) -> str:
    """The page of a video by its URL or id; "" if it is neither."""
    word = word.strip().strip("\"'“”")
    word = re.split(r"\s", word)[0] if word else ""
    found = video(word if "//" in word or "." not in word else f"https://{word}")
    if found:
        return found
    word = word.split("&")[0].split("?")[0]
    return f"https://www.youtube.com/watch?v={word}" if _FILM.fullmatch(word) and "/" not in word else ""


def vimeo_of(word: str) -> str:
    word = word.strip().strip("\"'“”")
    return f"https://vimeo.com/{word}" if _NUMBER.fullmatch(word) else video(word)


def is_provider(url: str) -> bool:
    """Whether WordPress shows more than the URL for it."""
    host = host_of(url)
    return any(".".join(host.split(".")[-count:]) in PROVIDERS for count in (2, 3))


def link_html(url: str, words: str = "") -> str:
    return f'<a href="{escape(url)}">{escape(words or url, quote=False)}</a>'
