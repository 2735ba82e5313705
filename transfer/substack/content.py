"""The text of a Substack post as plain HTML: pictures with captions, footnotes, links for what is embedded; without
buttons to subscribe or share, forms and what surrounds them."""

import json
import re
from html import escape
from typing import Any

from transfer.html_tree import Element, figure, linked, parse, rewrite, widest_of
from transfer.substack.pictures import original

REMOVED = frozenset(
    """subscription-widget-wrap subscription-widget-wrap-editor subscription-widget subscribe-widget paywall-jump
    paywall header-anchor-parent header-anchor-widget poll-embed community-chat directMessage install-substack-app-embed
    sponsorship-campaign-embed image-link-expand pencraft-image-controls native-video-embed native-audio-embed
    recommendations-widget comment referral-widget""".split()
)
BUTTONS = frozenset(("button-wrapper", "captioned-button-wrap", "cta-caption"))
POSTS = frozenset(
    (
        "embedded-post-wrap",
        "digest-post-embed",
        "embedded-publication-wrap",
        "embedded-publication",
        "file-embed-wrapper",
    )
)
TWEETS = frozenset(("tweet", "twitter-embed", "bluesky-wrap", "bluesky-embed"))
# Buttons that do something at Substack alone.
OWN_BUTTON = re.compile(
    r"^%|[?&]action=|[?&]gift=|/subscribe(?:[/?#]|$)|/comments(?:[/?#]|$)|/leaderboard|/refer|/gift|/chat(?:[/?#]|$)|"
    r"/survey/|javascript:|[?&]utm_source=substack&.*action"
)
FOREIGN_PICTURE = re.compile(r"(?:^|\s)(?:embedded-|tweet|digest-|expanded-|profile|twitter|instagram|avatar|logo)")
REHOSTED = "__ss-rehost__"  # pictures of embedded posts of other services
PAYWALL = re.compile(r'class="[^"]*\bpaywall(?:-jump)?\b')


def is_gated(html: str) -> bool:
    """Whether only subscribers saw the whole text."""
    return bool(PAYWALL.search(html))


def plain_html(html: str) -> tuple[str, list[str]]:
    """(the text, the addresses of its pictures and files, each once)."""
    tree = parse(html)
    content = Content()
    rewrite(tree, content.change)
    tree.children = content.with_notes(tree.children)
    return tree.html().strip(), list(dict.fromkeys(content.files))


def data(element: Element) -> dict[str, Any]:
    """The facts that Substack writes beside an embedded thing."""
    try:
        found = json.loads(element.get("data-attrs") or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def value(facts: dict[str, Any], *names: str) -> str:
    found = (facts.get(name) for name in names)
    return next((str(each) for each in found if isinstance(each, str | int) and each != ""), "")


class Content:
    def __init__(self) -> None:
        self.files: list[str] = []
        self.notes: list[Element | str] = []

    def change(self, element: Element) -> list[Element | str] | None:
        classes = set(element.classes)
        if classes & REMOVED or element.name in ("form", "input", "button"):
            return []
        if classes & BUTTONS:
            return self.button(element)
        if "captioned-image-container" in classes or element.name == "picture" or element.name == "figure":
            return self.captioned(element)
        if "image3" in classes:
            facts = data(element)
            return self.picture(value(facts, "src"), value(facts, "alt", "title"), escape(value(facts, "title")))
        if element.name == "img":
            return self.image(element)
        if "image-link" in classes and element.first("img"):
            return self.captioned(element)
        if "image-gallery-embed" in classes:
            return self.gallery(element)
        if "footnote" in classes:
            return self.footnote(element)
        if "footnote-anchor" in classes:
            return self.mark(element)
        return self.embedded(element, classes)

    def embedded(self, element: Element, classes: set[str]) -> list[Element | str] | None:
        if classes & TWEETS:
            return self.tweet(element)
        if classes & POSTS:
            return self.card(element)
        if "instagram" in classes or "instagram-embed-wrap" in classes:
            number = value(data(element), "instagram_id")
            link = element.first("a", "instagram-image")
            url = f"https://www.instagram.com/p/{number}/" if re.fullmatch(r"[\w-]+", number) else ""
            return linked(url or (link.get("href") if link else ""), value(data(element), "title"))
        if "youtube-wrap" in classes:
            number = value(data(element), "videoId")
            if re.fullmatch(r"[\w-]{5,20}", number):
                return [Element("iframe", {"src": f"https://www.youtube-nocookie.com/embed/{number}"})]
        if "latex-rendered" in classes:
            formula = value(data(element), "persistentExpression")
            return [Element("p", {}, [Element("code", {}, [escape(formula, quote=False)])])] if formula else []
        if "pullquote" in classes:
            element.name = "blockquote"
        if element.name == "p" and not element.text and not element.first("img") and not element.first("iframe"):
            return []
        element.attributes = {
            name: own for name, own in element.attributes.items() if not name.startswith("data-") and name != "style"
        }
        return None

    # Pictures and files

    def keep(self, url: str) -> str:
        url = original(url)
        if url.startswith(("http://", "https://")):
            self.files.append(url)
            return url
        return ""

    def picture(self, url: str, alt: str = "", caption: str = "", link: str = "") -> list[Element | str]:
        kept = self.keep(url)
        return [figure(kept, alt, caption, link if original(link) != kept else "")] if kept else []

    def image(self, img: Element) -> list[Element | str]:
        """A picture in a sentence."""
        if FOREIGN_PICTURE.search(img.get("class")) or REHOSTED in img.get("src"):
            return []
        kept = self.keep(widest_of(img.get("srcset")) or img.get("src"))
        return [Element("img", {"src": kept, "alt": img.get("alt")})] if kept else []

    def captioned(self, element: Element) -> list[Element | str] | None:
        """A container of one picture, with its link and caption; None for one without a picture, or with several."""
        images = [each for each in element.elements() if each.name == "img"]
        if len(images) != 1:
            return [] if not images and element.name == "picture" else None
        img, link, caption = images[0], element.first("a"), element.first("figcaption")
        if FOREIGN_PICTURE.search(img.get("class")) or REHOSTED in img.get("src"):
            return []
        href = link.get("href") if link and link.first("img") else ""
        href = element.get("href") if element.name == "a" else href
        if caption is not None:
            rewrite(caption, self.change)
        words = caption.inner_html() if caption else ""
        return self.picture(widest_of(img.get("srcset")) or img.get("src"), img.get("alt"), words,
                            href if href.startswith(("http://", "https://")) else "")  # fmt: skip

    def gallery(self, element: Element) -> list[Element | str]:
        gallery = data(element).get("gallery")
        gallery = gallery if isinstance(gallery, dict) else {}
        images = gallery.get("images")
        rows = [each for each in images if isinstance(each, dict)] if isinstance(images, list) else []
        found = [each for row in rows for each in self.picture(value(row, "src"), value(row, "alt"))]
        if found and (caption := value(gallery, "caption")):
            found.append(Element("p", {}, [escape(caption, quote=False)]))
        return found

    # What is embedded

    def button(self, element: Element) -> list[Element | str]:
        """The link of a button that leads somewhere else than to Substack's own forms."""
        if element.first("", "subscription-widget") or element.name == "span":
            return []
        link = element.first("a")
        if link is None or OWN_BUTTON.search(link.get("href")):
            return []
        return linked(link.get("href"), link.text)

    def tweet(self, element: Element) -> list[Element | str]:
        facts, link = data(element), element.first("a")
        url = value(facts, "url") or (link.get("href") if link else "")
        url = url if url.startswith(("http://", "https://")) else ""
        words = escape(value(facts, "full_text", "text"), quote=False).replace("\n", "<br>")
        who = escape(value(facts, "name", "authorName") or value(facts, "username", "authorHandle"), quote=False)
        if not words:
            return linked(url, who)
        source = f'— <a href="{escape(url)}">{who or escape(url)}</a>' if url else f"— {who}" if who else ""
        return [Element("blockquote", {}, [f"<p>{words}</p>", f"<p>{source}</p>" if source else ""])]

    def card(self, element: Element) -> list[Element | str]:
        facts = data(element)
        link = element.first("a", "file-embed-button") or element.first("a")
        url = value(facts, "url", "canonical_url") or (link.get("href") if link else "")
        title = element.first("", "file-embed-details-h1")
        if "file-embed-wrapper" in element.classes and link is not None:
            url = self.keep(link.get("href"))
        words = (title.text if title else "") or value(facts, "title", "name") or (link.text if link else "")
        return linked(url, words)

    # Footnotes

    def mark(self, element: Element) -> list[Element | str]:
        number = re.sub(r"\D", "", element.get("id") or element.get("href")) or element.text
        link = Element("a", {"class": "footnote-ref", "href": f"#fn:{number}"}, [escape(element.text or number)])
        return [Element("sup", {"id": f"fnref:{number}"}, [link])]

    def footnote(self, element: Element) -> list[Element | str]:
        link, content = element.first("a"), element.first("", "footnote-content") or element
        number = re.sub(r"\D", "", (link.get("id") or link.text) if link else "") or str(len(self.notes) + 1)
        rewrite(content, self.change)
        back = f'<a class="footnote-backref" href="#fnref:{number}">↩︎</a>'
        inside = content.inner_html().strip()
        inside = f"{inside[:-4]} {back}</p>" if inside.endswith("</p>") else f"<p>{inside} {back}</p>"
        self.notes.append(Element("li", {"id": f"fn:{number}"}, [inside]))
        return []

    def with_notes(self, children: list[Element | str]) -> list[Element | str]:
        """The text with its footnotes at the end."""
        if not self.notes:
            return children
        return [*children, Element("div", {"class": "footnote"}, [Element("hr"), Element("ol", {}, self.notes)])]
