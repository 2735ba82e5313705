"""What common shortcodes of Hugo and tags of Jekyll and Hexo show, in Markdown or HTML: code, figures, players as
links.

All others stay as they are written. What a build leaves out becomes an HTML comment, which no reader sees.
"""

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from transfer.textfiles.front_matter import Facts
from transfer.textfiles.shortcodes import with_shortcodes

RAW = re.compile(r"\{%-?\s*raw\s*-?%\}(.*?)\{%-?\s*endraw\s*-?%\}", re.S)
KEPT = re.compile("\ue000([0-9]+)\ue001")
LIQUID_CODE = re.compile(
    r"(?P<indent>^[ \t]*)?\{%-?\s*(?P<tag>highlight|codeblock)\b(?P<options>[^%]*?)-?%\}[ \t]*\n?(?P<code>.*?)"
    r"\{%-?\s*end(?P=tag)\s*-?%\}",
    re.S | re.M,
)
LIQUID_COMMENT = re.compile(r"\{%-?\s*comment\s*-?%\}(.*?)\{%-?\s*endcomment\s*-?%\}", re.S)
LIQUID_GIST = re.compile(r"\{%-?\s*gist\s+[\"']?([\w./-]+)[\"']?[^%]*%\}")
LIQUID_VALUE = re.compile(r"\{\{-?\s*(site|page)\.([\w.-]+?)\s*-?\}\}")
HUGO_CODE = re.compile(
    r"(?P<indent>^[ \t]*)?\{\{(?P<mark>[<%])\s*highlight\b(?P<options>.*?)[>%]\}\}[ \t]*\n?(?P<code>.*?)"
    r"\{\{[<%]\s*/\s*highlight\s*[>%]\}\}",
    re.S | re.M,
)
HUGO_COMMENT = re.compile(r"\{\{([<%])\s*comment\s*[>%]\}\}(.*?)\{\{[<%]\s*/\s*comment\s*[>%]\}\}", re.S)
HUGO_ONE = re.compile(r"\{\{([<%])\s*(figure|youtube|vimeo|gist|tweet|twitter|x)\b(.*?)/?\s*[>%]\}\}", re.S)
ARGUMENT = re.compile(r"""(?:(\w+)\s*=\s*)?(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`|([^\s"'`=]+))""")
ATTRIBUTES = re.compile(
    r"(?P<code>^[ \t]*(?P<fence>`{3,}|~{3,}).*?(?:^[ \t]*(?P=fence)[`~]*[ \t]*$|\Z)|`[^`\n]+`)"
    r"|(?P<list>[ \t]*\{:[^{}\n]*\})",
    re.S | re.M,
)
FENCES = re.compile(r"`{3,}")


def shown(source: str, system: str, is_html: bool, values: Mapping[str, Facts] | None = None) -> str:
    """`values`: what {{ site.… }} and {{ page.… }} of Jekyll stand for."""
    if system == "hugo" and "{{" in source:
        source = HUGO_COMMENT.sub(lambda found: hidden(found[2]), source)
        source = HUGO_CODE.sub(lambda found: code_of(found, is_html), source)
        return with_shortcodes(HUGO_ONE.sub(hugo_shortcode, source))
    if system in ("jekyll", "hexo") and ("{%" in source or "{{" in source):
        source = liquid(source, is_html, values or {})
    if system == "jekyll" and "{:" in source and not is_html:
        source = ATTRIBUTES.sub(lambda found: found["code"] or "", source)
    return source


def liquid(source: str, is_html: bool, values: Mapping[str, Facts]) -> str:
    raw: list[str] = []

    def keep(found: re.Match[str]) -> str:
        raw.append(found[1])
        return f"\ue000{len(raw) - 1}\ue001"

    def again(found: re.Match[str]) -> str:
        return raw[int(found[1])] if int(found[1]) < len(raw) else found[0]

    def escaped(found: re.Match[str]) -> str:
        return escape(again(found), quote=False)

    source = LIQUID_COMMENT.sub(lambda found: hidden(found[1]), RAW.sub(keep, source))
    source = LIQUID_VALUE.sub(lambda found: value_at(values.get(found[1], {}), found[2]) or found[0], source)
    source = LIQUID_CODE.sub(lambda found: code_of(found, is_html, escaped if is_html else again), source)
    source = LIQUID_GIST.sub(lambda found: f"<https://gist.github.com/{found[1]}>", source)
    return KEPT.sub(again, source)


def value_at(values: Facts, name: str) -> str:
    """What a name with dots stands for, if it is plain and one line."""
    found: Any = values
    for part in name.split("."):
        found = (
            {str(key).lower(): own for key, own in found.items()}.get(part.lower()) if isinstance(found, dict) else None
        )
    return str(found) if isinstance(found, str | int | float) and "\n" not in str(found) else ""


def hidden(text: str) -> str:
    return f"<!--{text.replace('--', '- -')}-->"


def code_of(found: re.Match[str], is_html: bool, inner: Callable[[re.Match[str]], str] | None = None) -> str:
    """A block of code in a fence that nothing in it closes."""
    words = [word.strip("\"',") for word in found["options"].split()]
    named = next((word.partition(":")[2] for word in words if word.startswith("lang:")), "")
    is_title = found.groupdict().get("tag") == "codeblock"
    language = named or ("" if is_title else next((word for word in words if re.fullmatch(r"[\w+#.-]+", word)), ""))
    code, indent = found["code"], found["indent"] or ""
    if is_html:
        code = escape(code, quote=False)
    code = (KEPT.sub(inner, code) if inner else code).rstrip()
    if is_html:
        return f'{indent}<pre><code class="language-{language}">{code}\n</code></pre>'
    fence = "`" * max(3, 1 + max((len(each) for each in FENCES.findall(code)), default=0))
    start = "" if found["indent"] is not None else "\n"  # a fence begins a line
    return f"{start}{indent}{fence}{language}\n{code}\n{indent}{fence}"


def hugo_shortcode(found: re.Match[str]) -> str:
    """What a shortcode without an end shows; itself, if it says too little."""
    name, values, named = found[2], [], {}
    for key, quoted, raw, word in ARGUMENT.findall(found[3]):
        value = (quoted.replace('\\"', '"') if quoted else raw or word).strip()
        if key:
            named[key.lower()] = value
        else:
            values.append(value)
    first = named.get("id") or (values[0] if values else "")
    if name == "figure":
        return figure(named) or found[0]
    if name == "gist" and len(values) > 1:
        return f"<https://gist.github.com/{values[0]}/{values[1]}>"
    if name in ("tweet", "twitter", "x") and first:
        return f"<https://twitter.com/{named.get('user') or 'i'}/status/{first}>"
    if name in ("youtube", "vimeo") and first:
        return f"<https://www.youtube.com/watch?v={first}>" if name == "youtube" else f"<https://vimeo.com/{first}>"
    return found[0]


def figure(named: dict[str, str]) -> str:
    if not named.get("src"):
        return ""
    alt = named.get("alt") or named.get("caption") or ""
    picture = f'<img src="{escape(named["src"])}" alt="{escape(alt)}">'
    if link := named.get("link"):
        picture = f'<a href="{escape(link)}">{picture}</a>'
    words = [f"<strong>{escape(named['title'])}</strong>"] if named.get("title") else []
    words += [escape(named[key]) for key in ("caption", "attr") if named.get(key)]
    caption = f"<figcaption>{' '.join(words)}</figcaption>" if words else ""
    return f"<figure>{picture}{caption}</figure>"
