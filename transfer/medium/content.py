"""A story of Medium's export as plain HTML. Its pages are h-entries: p-name, p-summary, e-content, dt-published."""

import re
from dataclasses import dataclass, field

from transfer.html_tree import Element, figure, linked, parse, rewrite

UNIFORM = str.maketrans("‘’“”…", "''\"\".")
HEADINGS = ("h1", "h2", "h3", "h4", "blockquote")
IMAGE_HOST = re.compile(r"https?://(?:cdn-images-\d+\.medium\.com|miro\.medium\.com)/")
# "/max/800/1*a.png", "/v2/resize:fit:1400/format:webp/1*a.png": the same picture in a size.
SIZED = re.compile(
    r"(https?://)(?:cdn-images-\d+\.medium\.com|miro\.medium\.com)/(?:[^/\s\"']+/)*([^/\s\"'?#]+)(?:[?#].*)?$"
)


@dataclass
class Story:
    """`written` is the date as the file writes it, `author` the name and `profile` its address."""

    title: str = ""
    subtitle: str = ""
    canonical: str = ""
    link: str = ""  # https://medium.com/p/…
    written: str = ""
    author: str = ""
    profile: str = ""
    html: str = ""
    tags: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    featured: str = ""
    is_response: bool = False


def uniform(text: str) -> str:
    """A title for comparison: without blanks, quotation marks' forms and a full stop at its end."""
    return re.sub(r"\s", "", text.translate(UNIFORM)).rstrip(".").casefold()


def own_address(url: str) -> str:
    """The picture in its own size: both hosts of Medium have it at /max/N/, and miro without one."""
    match = SIZED.match(url.strip())
    return f"{match[1]}miro.medium.com/v2/{match[2]}" if match else url.strip()


def story_of(text: str) -> Story:
    tree = parse(text)
    footer, content = tree.first("footer"), tree.first("", "e-content")
    name, summary = tree.first("", "p-name"), tree.first("", "p-summary")
    story = Story(title=name.text if name else "", subtitle=summary.text if summary else "")
    canonical, author, date = tree.first("", "p-canonical"), tree.first("", "p-author"), tree.first("", "dt-published")
    story.canonical = canonical.get("href") if canonical else ""
    story.author, story.profile = (author.text, author.get("href")) if author else ("", "")
    story.written = date.get("datetime") if date else ""
    links = [each.get("href") for each in footer.elements() if each.name == "a"] if footer else []
    story.link = next((link for link in links if re.search(r"//medium\.com/p/[0-9a-f]+", link)), "")
    story.tags = [each.text for each in tree.elements() if each.name == "a" and "p-tag" in each.classes]
    if content is not None:
        story.is_response = is_response(story, content)
        Content(story).write(content)
    return story


def is_response(story: Story, content: Element) -> bool:
    """Whether it answers somebody: Medium has no mark for it. A story has a heading of its own; the title of a response
    is the beginning of its text, and it has neither heading nor subtitle nor picture."""
    shapes = {each.name for each in content.elements()}
    if story.subtitle or shapes & {"h1", "h2", "h3", "h4", "figure", "img"}:
        return False
    words = uniform(story.title.rstrip("…. "))
    return bool(words) and uniform(content.text).startswith(words)


class Content:
    def __init__(self, story: Story) -> None:
        self.story = story
        self.headed = False  # the title of the text was met
        self.ruled = False  # the line above the first section was met

    def write(self, content: Element) -> None:
        rewrite(content, self.change)
        self.story.files = list(dict.fromkeys(self.story.files))
        self.story.html = re.sub(r">\s*\n\s*<", ">\n<", content.inner_html()).strip()

    def change(self, element: Element) -> list[Element | str] | None:
        classes = element.classes
        if element.name == "hr" or "section-divider" in classes:
            first, self.ruled = not self.ruled, True
            return [] if first else [Element("hr")]
        if "graf--mixtapeEmbed" in classes or "graf--mixtape" in classes:
            link, strong = element.first("a"), element.first("strong")
            return linked(link.get("href"), (strong or link).text) if link else []
        if element.name in ("section", "div"):
            rewrite(element, self.change)
            return element.children
        if element.name == "figure" or element.name == "img":
            return self.picture(element)
        if element.name == "iframe":
            return [Element("iframe", {"src": element.get("src")})] if element.get("src").startswith("http") else []
        if element.name in HEADINGS and not self.headed:
            self.headed = True
            if uniform(element.text) == uniform(self.story.title):
                return []
        if "graf--subtitle" in classes and uniform(element.text) == uniform(self.story.subtitle):
            return []
        if element.name == "pre":
            return self.code(element)
        self.plain(element)
        return None

    def plain(self, element: Element) -> None:
        kept = {"a": ("href", "title"), "ol": ("start",)}.get(element.name, ())
        element.attributes = {name: element.attributes[name] for name in kept if element.get(name)}
        if element.name in ("h3", "h4"):  # the title of a story is its h3
            element.name = {"h3": "h2", "h4": "h3"}[element.name]

    def code(self, element: Element) -> list[Element | str]:
        language = element.get("data-code-block-lang")
        for each in element.elements():
            if each.name == "br":
                each.name, each.children = "", ["\n"]
            elif each.name in ("span", "code"):
                each.name = ""
            self.plain(each)
        known = re.fullmatch(r"[a-z0-9+#-]{1,20}", language)
        facts = {"class": f"language-{language}"} if known else {}
        return [Element("pre", {}, [Element("code", facts, [element.inner_html()])])]

    def picture(self, element: Element) -> list[Element | str] | None:
        images = [each for each in element.elements() if each.name == "img"] if element.name == "figure" else [element]
        frame, caption = element.first("iframe"), element.first("figcaption")
        if caption is not None:
            rewrite(caption, self.change)
        words = caption.inner_html().strip() if caption else ""
        if not images:
            link = element.first("a")
            if frame is not None and frame.get("src").startswith("http"):
                found: list[Element | str] = [Element("iframe", {"src": frame.get("src")})]
                return [*found, Element("p", {}, [words])] if words else found
            return linked(link.get("href"), link.text) if link else []
        done: list[Element | str] = []
        for img in images:
            url = own_address(img.get("src"))
            if not url.startswith(("http://", "https://")):
                continue
            self.story.files.append(url)
            if img.get("data-is-featured") == "true":
                self.story.featured = url
            link = element.first("a")
            href = link.get("href") if link and link.first("img") and link.get("href").startswith("http") else ""
            done.append(figure(url, img.get("alt"), words if img is images[-1] else "", href))
        return done
