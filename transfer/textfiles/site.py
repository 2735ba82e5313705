"""What the configuration of Hugo, Jekyll, Hexo, Eleventy or Astro says about the blog: its address, and that of its
posts."""

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

import yaml

from transfer.textfiles.front_matter import Facts, Loader
from transfer.textfiles.hugo import Bundles, Languages, handed_down
from transfer.textfiles.jekyll import Rules
from transfer.textfiles.tree import Tree

HUGO = ("hugo.toml", "config.toml", "hugo.yaml", "hugo.yml", "config.yaml", "config.yml", "hugo.json", "config.json",
        "config/_default/hugo.toml", "config/_default/config.toml", "config/_default/hugo.yaml",
        "config/_default/config.yaml")  # fmt: skip
JEKYLL = ("_config.yml", "_config.yaml", "_config.toml")
HUGO_LANGUAGES = tuple(f"config/_default/languages.{ending}" for ending in ("toml", "yaml", "yml", "json"))
ELEVENTY = (".eleventy.js", *(f"eleventy.config.{ending}" for ending in ("js", "mjs", "cjs", "ts")))
HEXO_RULE = ":year/:month/:day/:title/"
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
        is_octopress = any(name.startswith("source/_posts/") for name in tree.real)
        if not self.system and (is_octopress or any(name.startswith(("_posts/", "_drafts/")) for name in tree.real)):
            self.system = "jekyll"
        if not self.system and any(name in tree.real for name in ELEVENTY):
            self.system = "eleventy"
        is_jekyll = self.system == "jekyll"
        self.rules = Rules(self.facts if is_jekyll else {}, has_configuration=is_jekyll and bool(self.facts))
        if self.rules.is_hexo:
            self.system = "hexo"
        folder = self.value("source", "source_dir") or ("source" if is_octopress else "")
        self.source = f"{folder.strip('./')}/" if is_jekyll and folder.strip("./") else ""
        more = next((name for name in HUGO_LANGUAGES if name in tree.real), "")
        if self.system == "hugo" and more:
            self.facts.setdefault("languages", self.configuration(more))
        self.languages = Languages(self.facts if self.system == "hugo" else {})
        self.bundles = Bundles(tree.texts() if self.system == "hugo" else ())
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

    def path_of(self, name: str) -> PurePosixPath:
        """The path of a text below the folder that Jekyll or Hexo reads."""
        return PurePosixPath(name.removeprefix(self.source) if self.source else name)

    def with_defaults(self, facts: Facts, name: str, lists: Mapping[PurePosixPath, Facts]) -> Facts:
        """The front matter of a text with what the configuration and the lists above it (`lists`) hand down."""
        if self.system == "hugo":
            return handed_down(lists, name) | facts
        return self.rules.with_defaults(facts, self.path_of(name)) if self.rules.has_configuration else facts

    def is_built(self, name: str, *, has_date_in_name: bool) -> bool:
        """Whether a build makes a page of the text, whatever its front matter says."""
        if self.system in ("jekyll", "hexo"):
            return self.rules.is_built(self.path_of(name), is_dated=has_date_in_name)
        return not (self.system == "hugo" and self.bundles.has_inside(name))

    def permalink(
        self, name: str, slug: str, when: datetime | None, categories: list[str], kind: str, given: str = ""
    ) -> str:
        """The path of a text whose front matter says none, or a rule for it (`given`)."""
        if self.system in ("jekyll", "hexo"):
            return self.jekyll(self.path_of(name), slug, when, categories, kind, given)
        name, language = self.languages.placed(name)
        path = PurePosixPath(name)
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
        prefix = self.languages.prefix(language)
        if isinstance(rule, str) and self.system == "hugo" and when:
            return prefix + filled(rule, when, slug or stem, stem, categories, section)
        last = slug or stem
        parts = [*(folder.parts if folder.parts != (".",) else ()), last]
        is_ugly = self.system == "hugo" and str(self.facts.get("uglyurls") or "").lower() == "true"
        found = "/".join(part.lower().replace(" ", "-") for part in parts if part)
        return f"{prefix}/{found}.html" if is_ugly and found else f"{prefix}/{found}/"

    def jekyll(
        self, path: PurePosixPath, slug: str, when: datetime | None, categories: list[str], kind: str, given: str
    ) -> str:
        label = self.rules.collection(path)
        site_rule = self.value("permalink")
        is_pretty = site_rule == "pretty" or site_rule.endswith("/")
        dated = DATED.fullmatch(path.stem)
        slug = slug or (dated[4] if dated else path.stem)
        if label:
            rule = (
                given
                or self.rules.setting(label, "permalink")
                or f"/:collection/:path{'/' if is_pretty else ':output_ext'}"
            )
            inside = path.with_suffix("").as_posix().partition(f"_{label}/")[2]
            return filled(rule, when, slug, path.stem, categories, label, inside)
        if given:
            return filled(STYLES.get(given, given), when, slug, path.stem, categories, "")
        if kind == "page" or not when:
            stem = path.stem
            ending = "/" if is_pretty and self.system == "jekyll" else ".html"
            folders = [part for part in path.parts[:-1] if not part.startswith("_")]
            return "/" + "/".join(folders) + ("/" if folders else "") + ("" if stem == "index" else f"{stem}{ending}")
        default = HEXO_RULE if self.system == "hexo" else "date"
        rule = self.rules.setting("posts", "permalink") or site_rule or default
        return filled(STYLES.get(rule, rule), when, slug, path.stem, categories, "")


def filled(
    rule: str, on: datetime | None, slug: str, stem: str, categories: list[str], section: str, inside: str = ""
) -> str:
    """A path by a rule with the names of Jekyll, Hexo and Hugo. `inside` is the place in a collection."""
    when = on or datetime(1970, 1, 1)  # noqa: DTZ001  (only the names of a rule without a date are used)
    values = {
        "categories": "/".join(slugged(each) for each in categories), "year": f"{when:%Y}", "month": f"{when:%m}",
        "day": f"{when:%d}", "i_month": str(when.month), "i_day": str(when.day), "short_year": f"{when:%y}",
        "y_day": f"{when:%j}", "yearday": str(int(f"{when:%j}")), "week": f"{when:%V}", "short_day": f"{when:%a}",
        "hour": f"{when:%H}", "minute": f"{when:%M}", "second": f"{when:%S}", "monthname": f"{when:%B}".lower(),
        "title": slug, "slug": slug, "filename": stem, "slugorfilename": slug, "contentbasename": stem,
        "slugorcontentbasename": slug, "section": section, "sections": section, "name": slug, "output_ext": ".html",
        "collection": section, "path": inside or stem,
    }  # fmt: skip
    found = re.sub(r":([a-z_]+)", lambda match: values.get(match[1], match[0]), rule)
    return re.sub(r"/{2,}", "/", f"/{found}")
