"""What the configuration of Hugo, Jekyll, Eleventy or Astro says about the blog: its address, and that of its posts."""

import json
import re
import tomllib
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

import yaml

from transfer.textfiles.front_matter import Loader
from transfer.textfiles.tree import Tree

HUGO = ("hugo.toml", "config.toml", "hugo.yaml", "hugo.yml", "config.yaml", "config.yml", "hugo.json", "config.json",
        "config/_default/hugo.toml", "config/_default/config.toml", "config/_default/hugo.yaml",
        "config/_default/config.yaml")  # fmt: skip
JEKYLL = ("_config.yml", "_config.yaml", "_config.toml")
STYLES = {
    "date": "/:categories/:year/:month/:day/:title.html",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title.html",
    "weekdate": "/:categories/:year/W:week/:short_day/:title.html",
    "none": "/:categories/:title.html",
}
DATED = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})-(.+)")
ASTRO = ("src/content/", "src/pages/", "src/posts/", "src/", "content/", "pages/", "docs/")


def slugged(text: str) -> str:
    return re.sub(r"[^\w]+", "-", text.lower()).strip("-_")


class Site:
    def __init__(self, tree: Tree, url: str) -> None:
        self.tree = tree
        self.facts: dict[str, Any] = {}
        self.system = ""
        for system, names in (("hugo", HUGO), ("jekyll", JEKYLL)):
            name = next((name for name in names if name in tree.real), "")
            if name and not self.system:
                self.system, self.facts = system, self.configuration(name)
        if not self.system and any(name.startswith(("_posts/", "_drafts/")) for name in tree.real):
            self.system = "jekyll"
        base = self.value("baseurl")
        host = self.value("url")
        if self.system == "hugo":
            found = base
        else:
            found = f"{host.rstrip('/')}/{base.strip('/')}" if host else ""
        if not re.match(r"https?://[^/]", found):
            found = ""
        self.has_address = bool(url or found)
        self.url = (url or found or f"https://{slugged(PurePosixPath(tree.name).stem) or 'blog'}.files.invalid").rstrip(
            "/"
        )

    def configuration(self, name: str) -> dict[str, Any]:
        """{key in lower case: value}; nothing of what cannot be read."""
        text = self.tree.text(name)
        try:
            if name.endswith(".toml"):
                found = tomllib.loads(text)
            elif name.endswith(".json"):
                found = json.loads(text)
            else:
                found = yaml.load(text, Loader)  # noqa: S506  (a SafeLoader)
        except (ValueError, TypeError, RecursionError, yaml.YAMLError):
            return {}
        return {str(key).lower(): value for key, value in found.items()} if isinstance(found, dict) else {}

    def value(self, *keys: str) -> str:
        return next((str(self.facts[key]).strip() for key in keys if isinstance(self.facts.get(key), str)), "")

    def permalink(self, name: str, slug: str, when: datetime | None, categories: list[str], kind: str) -> str:
        """The path of a text whose front matter says none."""
        path = PurePosixPath(name)
        if self.system == "jekyll":
            return self.jekyll(path, slug, when, categories, kind)
        inside = next((name.removeprefix(start) for start in ASTRO if name.startswith(start)), name)
        folder = PurePosixPath(inside).parent
        if path.stem == "index":
            folder, stem = folder.parent, folder.name
        else:
            stem = path.stem
        section = folder.parts[0] if folder.parts else ""
        rules = self.facts.get("permalinks")
        rules = rules.get("page", rules) if isinstance(rules, dict) else {}
        rule = rules.get(section) if isinstance(rules, dict) else None
        if isinstance(rule, str) and self.system == "hugo" and when:
            return filled(rule, when, slug or stem, stem, categories, section)
        last = slug or stem
        parts = [*(folder.parts if folder.parts != (".",) else ()), last]
        return "/" + "/".join(part.lower().replace(" ", "-") for part in parts if part) + "/"

    def jekyll(self, path: PurePosixPath, slug: str, when: datetime | None, categories: list[str], kind: str) -> str:
        if kind == "page" or not when:
            stem = path.stem
            rule = self.value("permalink")
            ending = "/" if rule == "pretty" or rule.endswith("/") else ".html"
            inside = [part for part in path.parts[:-1] if not part.startswith("_")]
            return "/" + "/".join(inside) + ("/" if inside else "") + ("" if stem == "index" else f"{stem}{ending}")
        rule = self.value("permalink") or "date"
        folders = list(path.parts[: path.parts.index("_posts")]) if "_posts" in path.parts else []
        own = [*folders, *categories]
        dated = DATED.fullmatch(path.stem)
        return filled(STYLES.get(rule, rule), when, slug or (dated[4] if dated else path.stem), path.stem, own, "")


def filled(rule: str, when: datetime, slug: str, stem: str, categories: list[str], section: str) -> str:
    """A path by a rule with the names of Jekyll and Hugo."""
    values = {
        "categories": "/".join(slugged(each) for each in categories), "year": f"{when:%Y}", "month": f"{when:%m}",
        "day": f"{when:%d}", "i_month": str(when.month), "i_day": str(when.day), "short_year": f"{when:%y}",
        "y_day": f"{when:%j}", "yearday": str(int(f"{when:%j}")), "week": f"{when:%V}", "short_day": f"{when:%a}",
        "hour": f"{when:%H}", "minute": f"{when:%M}", "second": f"{when:%S}", "monthname": f"{when:%B}".lower(),
        "title": slug, "slug": slug, "filename": stem, "slugorfilename": slug, "contentbasename": stem,
        "slugorcontentbasename": slug, "section": section, "sections": section, "name": slug, "output_ext": ".html",
    }  # fmt: skip
    found = re.sub(r":([a-z_]+)", lambda match: values.get(match[1], match[0]), rule)
    return re.sub(r"/{2,}", "/", f"/{found}")
