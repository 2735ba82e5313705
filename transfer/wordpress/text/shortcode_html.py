"""What each shortcode of WordPress and WordPress.com stands for. A handler gets (conversion, shortcode, content or
None) and returns tokens, or None: then the shortcode stays visible and is named.

Sources: WordPress's documentation of its shortcodes (audio, caption, embed, gallery, playlist, video) and
WordPress.com's list of shortcodes.
"""

import re
from collections.abc import Callable
from html import escape, unescape
from typing import TYPE_CHECKING

from transfer.wordpress.text import embeds
from transfer.wordpress.text.context import Attachment
from transfer.wordpress.text.scanner import Node, Tag, Text, Token
from transfer.wordpress.text.shortcodes import Shortcode
from transfer.wordpress.text.tags import code_block, element

if TYPE_CHECKING:
    from transfer.wordpress.text.convert import Conversion

Handler = Callable[["Conversion", Shortcode, str | None], list[Token] | None]

_PICTURE = re.compile(r"\.(?:jpe?g|jpe|png|gif|webp|avif|svg|bmp|heic|tiff?)\Z", re.IGNORECASE)
_SOUND = re.compile(r"\.(?:mp3|m4a|m4b|oga|ogg|wav|wma|flac|aac)\Z", re.IGNORECASE)
_FILM = re.compile(r"\.(?:mp4|m4v|webm|ogv|mov|flv|wmv|avi|3gp)\Z", re.IGNORECASE)
_SOUNDS = ("mp3", "m4a", "ogg", "oga", "wav", "wma", "flac")
_FILMS = ("mp4", "m4v", "webm", "ogv", "mov", "flv", "wmv")
_NUMBERS = re.compile(r"[0-9]{1,18}")
_ALIGNED = frozenset(("alignleft", "alignright", "aligncenter"))


def _caption(conversion: "Conversion", shortcode: Shortcode, content: str | None) -> list[Token] | None:
    """`[caption align= width= caption=]<a><img></a> words[/caption]`: a figure. The words may be an attribute."""
    if content is None:
        return None
    inside = conversion.scan(content)
    end = _end_of_picture(inside)
    words = conversion.scan(shortcode.attributes["caption"]) if shortcode.attributes.get("caption") else []
    words = words or _stripped(inside[end:])
    if not words:
        return inside
    align = shortcode.attributes.get("align", "")
    figure = Tag("figure", attributes={"class": align} if align in _ALIGNED else {})
    return [
        *(figure, *_stripped(inside[:end])),
        *(Tag("figcaption"), *words, Tag("figcaption", closes=True)),
        Tag("figure", closes=True),
    ]


def _end_of_picture(tokens: list[Token]) -> int:
    """The index behind the first picture and the link around it; 0 without a picture."""
    for at, token in enumerate(tokens):
        if isinstance(token, Node) and token.block:
            return at + 1
        if isinstance(token, Tag) and token.name == "img":
            before = [each for each in tokens[:at] if isinstance(each, Tag)]
            if not before or before[-1].name != "a" or before[-1].closes:
                return at + 1
            after = range(at + 1, len(tokens))
            return next((each + 1 for each in after if _is_end_of_link(tokens[each])), at + 1)
    return 0


def _is_end_of_link(token: Token) -> bool:
    return isinstance(token, Tag) and token.closes and token.name == "a"


def _stripped(tokens: list[Token]) -> list[Token]:
    """Without blank texts and line breaks at both ends."""
    start, end = 0, len(tokens)
    while start < end and _is_blank(tokens[start]):
        start += 1
    while end > start and _is_blank(tokens[end - 1]):
        end -= 1
    return tokens[start:end]


def _is_blank(token: Token) -> bool:
    return isinstance(token, Text) and not token.value.strip() or isinstance(token, Tag) and token.name == "br"


def _gallery(conversion: "Conversion", shortcode: Shortcode, content: str | None) -> list[Token] | None:
    """`[gallery ids= include= exclude= id= order= link=]`: a figure of figures; without numbers the post's."""
    found = _chosen(conversion, shortcode, _PICTURE)
    if not found:
        conversion.note_loss("attachment", shortcode.source)
        return []
    return [Node(gallery_html(conversion, found, shortcode.attributes.get("link", "")), block=True)]


def gallery_html(conversion: "Conversion", pictures: list[Attachment], link: str = "") -> str:
    figures = "\n".join(_figure(conversion, each, link) for each in pictures)
    return element("figure", {"class": "wp-block-gallery"}, f"\n{figures}\n") + "\n"


def _figure(conversion: "Conversion", attachment: Attachment, link: str) -> str:
    size = {"width": str(attachment.width or ""), "height": str(attachment.height or "")}
    size = {} if max(attachment.width, attachment.height) > 9_999 else size
    source = conversion.addresses.picture(attachment.url)
    picture = element("img", {"src": source, "alt": attachment.alt, **size})
    if link == "file":
        picture = element("a", {"href": source}, picture)
    words = conversion.inline(attachment.caption) if attachment.caption.strip() else ""
    return element("figure", {}, picture + (element("figcaption", {}, words) if words else ""))


def _path(url: str) -> str:
    return url.partition("?")[0].partition("#")[0]


def _chosen(conversion: "Conversion", shortcode: Shortcode, kind: re.Pattern[str]) -> list[Attachment]:
    """The attachments of a kind that a gallery or playlist shows, as long as the text has not shown too many."""
    found = [each for each in _named_or_attached(conversion, shortcode) if kind.search(_path(each.url))]
    if len(found) > conversion.files_left:
        conversion.note_loss("limit", shortcode.source)
        found = found[: conversion.files_left]
    conversion.files_left -= len(found)
    return found


def _named_or_attached(conversion: "Conversion", shortcode: Shortcode) -> list[Attachment]:
    """The attachments that it names, or those of the post. Unknown numbers are noted as a loss."""
    context = conversion.context
    numbers = [int(number) for number in _NUMBERS.findall(shortcode.named("ids", "include"))]
    if numbers:
        for number in numbers:
            if number not in context.attachments:
                conversion.note_loss("attachment", str(number))
        return [context.attachments[number] for number in numbers if number in context.attachments]
    found = list(context.attached)
    if _NUMBERS.fullmatch(parent := shortcode.named("id")):
        of_another = [each for each in context.attachments.values() if each.parent == int(parent)]
        found = of_another or found
    left_out = {int(number) for number in _NUMBERS.findall(shortcode.named("exclude"))}
    found = [each for each in found if each not in [context.attachments.get(number) for number in left_out]]
    return found[::-1] if shortcode.named("order").upper() == "DESC" else found


def _playlist(conversion: "Conversion", shortcode: Shortcode, content: str | None) -> list[Token] | None:
    is_film = shortcode.named("type") == "video"
    kind = _FILM if is_film else _SOUND
    found = _chosen(conversion, shortcode, kind)
    if not found:
        conversion.note_loss("attachment", shortcode.source)
        return []
    figures = "\n".join(
        _player(conversion, "video" if is_film else "audio", [each.url], title=each.caption or escape(each.title))
        for each in found
    )
    return [Node(f"{figures}\n", block=True)]


def _player(
    conversion: "Conversion",
    name: str,
    urls: list[str],
    *,
    poster: str = "",
    title: str = "",
    size: dict[str, str] | None = None,
) -> str:
    """A figure with an <audio> or <video>; of several URLs the first is the one, the others are further formats."""
    sources = [conversion.addresses.picture(url) for url in urls]
    posted = {"poster": conversion.addresses.picture(poster)} if poster else {}
    own = {"src": sources[0]} if len(sources) == 1 else {}
    inside = "" if own else "".join(element("source", {"src": source}) for source in sources)
    media = element(name, {"controls": "", **own, **posted, **(size or {})}, inside)
    words = conversion.inline(title) if title.strip() else ""
    return element("figure", {}, media + (element("figcaption", {}, words) if words else ""))


def _audio(conversion: "Conversion", shortcode: Shortcode, content: str | None) -> list[Token] | None:
    """`[audio src= mp3= ogg=]`, `[audio URL]`, `[audio URL|options]`; without any, the post's first sound."""
    urls = _media_urls(shortcode, content, _SOUNDS)
    if not urls:
        urls = [each.url for each in conversion.context.attached if _SOUND.search(_path(each.url))][:1]
    if not urls:
        conversion.note_loss("attachment", shortcode.source)
        return []
    return [Node(_player(conversion, "audio", urls) + "\n", block=True)]


def _video(conversion: "Conversion", shortcode: Shortcode, content: str | None) -> list[Token] | None:
    urls = _media_urls(shortcode, content, _FILMS)
    if not urls:
        urls = [each.url for each in conversion.context.attached if _FILM.search(_path(each.url))][:1]
    if not urls:
        conversion.note_loss("attachment", shortcode.source)
        return []
    if embeds.video(urls[0]) or embeds.is_provider(urls[0]):
        return [conversion.embed(urls[0], block=True)]
    size = {name: value for name in ("width", "height") if re.fullmatch("[0-9]{1,4}", value := shortcode.named(name))}
    poster = shortcode.named("poster")
    return [Node(_player(conversion, "video", urls, poster=poster, size=size) + "\n", block=True)]


def _media_urls(shortcode: Shortcode, content: str | None, kinds: tuple[str, ...]) -> list[str]:
    named = [shortcode.attributes[name] for name in ("src", *kinds) if shortcode.attributes.get(name)]
    plain = [*shortcode.values[:1], *(re.findall(r"(?:https?:)?//[^\s<>\"']+", content or "")[:5])]
    urls = [*named, *(each.partition("|")[0].partition(",http")[0] for each in plain)]
    return list(dict.fromkeys(url for url in urls if "/" in url))


def _code(conversion: "Conversion", shortcode: Shortcode, content: str | None) -> list[Token] | None:
    """`[code]`, `[sourcecode language=]`, `[python]`: stored escaped or as typed."""
    if content is None:
        return None
    code = content if "<" in content else unescape(content)
    language = shortcode.named("language", "lang") or ("" if shortcode.name in _PLAIN_CODE else shortcode.name)
    if not language and shortcode.values and shortcode.source[len(shortcode.name) + 1] == "=":
        language = shortcode.values[0]
    return [Node(code_block(code.strip("\n") + "\n", language) + "\n", block=True)]


def _embed(conversion: "Conversion", shortcode: Shortcode, content: str | None) -> list[Token] | None:
    url = unescape((content or "").strip()) or shortcode.first("src", "url")
    return _link_to(conversion, url)


def _link_to(conversion: "Conversion", url: str) -> list[Token] | None:
    """The embed of a URL; None for what is none."""
    url = embeds.absolute(url.strip().strip("\"'“”"))
    if not re.fullmatch(r"https?://[^\s<>\"]+", url):
        return None
    return [conversion.embed(url, block=True)]


def _youtube(conversion: "Conversion", shortcode: Shortcode, content: str | None) -> list[Token] | None:
    page = embeds.youtube_of(shortcode.first("id", "url", "video", "v") or (content or ""))
    return [conversion.embed(page, block=True)] if page else _link_to(conversion, shortcode.first("url"))


def _vimeo(conversion: "Conversion", shortcode: Shortcode, content: str | None) -> list[Token] | None:
    page = embeds.vimeo_of(shortcode.first("clip_id", "id", "url") or (content or ""))
    return [conversion.embed(page, block=True)] if page else None


def _service(*prefixes: str, names: tuple[str, ...] = ("url", "src", "id")) -> Handler:
    """For a service: its URL as it is, or its id behind the first prefix."""

    def handler(conversion: "Conversion", shortcode: Shortcode, content: str | None) -> list[Token] | None:
        word = (shortcode.first(*names) or (content or "")).strip()
        linked = _link_to(conversion, word)
        if linked or not prefixes or not re.fullmatch(r"[\w.:/-]{1,200}", word):
            return linked
        return _link_to(conversion, prefixes[0] + word)

    return handler


def _spotify(conversion: "Conversion", shortcode: Shortcode, content: str | None) -> list[Token] | None:
    """`[spotify spotify:track:ID]`, or a URL."""
    word = shortcode.first("url", "id") or (content or "")
    if found := re.fullmatch(r"spotify:([a-z]{1,20}):(\w{1,60})", word.strip()):
        word = f"https://open.spotify.com/{found[1]}/{found[2]}"
    return _link_to(conversion, word)


def _archive(conversion: "Conversion", shortcode: Shortcode, content: str | None) -> list[Token] | None:
    return _service("https://archive.org/details/")(conversion, shortcode, content)


def _poll(conversion: "Conversion", shortcode: Shortcode, content: str | None) -> list[Token] | None:
    poll, survey = shortcode.named("poll"), shortcode.named("survey", "link")
    conversion.note_loss("poll", shortcode.source)
    if _NUMBERS.fullmatch(poll):
        return [conversion.embed(f"https://poll.fm/{poll}", block=True)]
    return _link_to(conversion, survey)


def _form(conversion: "Conversion", shortcode: Shortcode, content: str | None) -> list[Token] | None:
    """A form: its words stay, its fields go."""
    conversion.note_loss("form", shortcode.source + (content or ""))
    return conversion.scan(content) if content else []


def _field(conversion: "Conversion", shortcode: Shortcode, content: str | None) -> list[Token] | None:
    return conversion.scan(content) if content else []


def _latex(conversion: "Conversion", shortcode: Shortcode, content: str | None) -> list[Token] | None:
    if content is None:
        return None
    return [Node(element("code", {"class": "language-latex"}, escape(unescape(content).strip(), quote=False)))]


def _left_out(conversion: "Conversion", shortcode: Shortcode, content: str | None) -> list[Token] | None:
    """What the server filled in: nothing of it is in the text."""
    conversion.note_loss("shortcode", shortcode.source)
    return conversion.scan(content) if content else []


def _wrapper(conversion: "Conversion", shortcode: Shortcode, content: str | None) -> list[Token] | None:
    """Its content is all that matters."""
    return conversion.scan(content) if content is not None else []


_PLAIN_CODE = frozenset(("code", "sourcecode", "source", "cc", "plain", "text"))
# SyntaxHighlighter's shortcodes for single languages; those that are words of prose are left out ("java" is safe, "as"
# is not).
_CODE_LANGUAGES = """actionscript3 bash coldfusion cpp csharp css delphi diff erlang fsharp groovy html javascript java
    jscript matlab objc perl php powershell python ruby scala sql vb vbnet xhtml xml yaml""".split()

HANDLERS: dict[str, Handler] = {
    "caption": _caption,
    "wp_caption": _caption,
    "gallery": _gallery,
    "slideshow": _gallery,
    "tiled-gallery": _gallery,
    "playlist": _playlist,
    "audio": _audio,
    "video": _video,
    **dict.fromkeys((*_PLAIN_CODE, *_CODE_LANGUAGES), _code),
    "embed": _embed,
    "youtube": _youtube,
    "vimeo": _vimeo,
    "wpvideo": _service("https://videopress.com/v/"),
    "videopress": _service("https://videopress.com/v/"),
    "dailymotion": _service("https://www.dailymotion.com/video/", names=("id", "url", "video")),
    "ted": _service("https://www.ted.com/talks/"),
    "soundcloud": _service(names=("url",)),
    "spotify": _spotify,
    "mixcloud": _service("https://www.mixcloud.com/"),
    "bandcamp": _service(names=("url",)),
    "tweet": _service("https://twitter.com/i/status/", names=("tweet", "url", "id")),
    "gist": _service("https://gist.github.com/"),
    "instagram": _service("https://www.instagram.com/p/"),
    "facebook": _service(),
    "flickr": _service("https://www.flickr.com/photo.gne?id=", names=("url", "photo", "video")),
    "googlemaps": _service(),
    "googlevideo": _service("https://video.google.com/videoplay?docid="),
    "pinterest": _service(),
    "kickstarter": _service(),
    "scribd": _service("https://www.scribd.com/doc/", names=("url", "id")),
    "slideshare": _service("https://www.slideshare.net/slideshow/embed_code/key/", names=("url", "id")),
    "archiveorg": _archive,
    "archives.org": _archive,
    "polldaddy": _poll,
    "crowdsignal": _poll,
    "contact-form": _form,
    "contact-form-7": _form,
    "contact-field": _field,
    "latex": _latex,
    **dict.fromkeys(("blog_subscription_form", "blog_subscriptions", "jetpack_subscription_form", "archives", "sitemap",
        "display-posts", "googleapps", "portfolio", "recipe-list", "ad", "wp_ad_camp_1"), _left_out),
}  # fmt: skip
# Plugins' shortcodes that have no attributes, so that nothing else tells them from words in brackets.
_KNOWN_PLUGINS = frozenset(
    """easy-digital-downloads events-calendar faq mailchimp members nggallery ngg poll polls ratings rev_slider slider
    social toc wpforms woocommerce_cart woocommerce_checkout woocommerce_my_account wpdatatable table tablepress
    testimonials""".split()
)


def is_suspect(found: Shortcode) -> bool:
    """Whether words in brackets are a shortcode of a plugin, and not `[sic]`, `[1]` or `[citation needed]`."""
    if found.is_escaped:
        return False
    return bool(
        found.attributes
        or found.content_end >= 0
        or "_" in found.name
        or found.source.endswith("/]")
        or found.name in _KNOWN_PLUGINS
        and not found.values
    )
