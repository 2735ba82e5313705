"""The front matter of a text, at its very beginning: YAML between "---", TOML between "+++", a JSON object, or
the lines `#+KEY: value` of Org."""

import json
import re
import tomllib
from datetime import date, datetime
from typing import Any

import yaml

Facts = dict[str, Any]
LONGEST = 1 << 18  # characters
FENCED = re.compile(r"\s*(---|\+\+\+|;;;)(yaml|yml|toml|json)?[ \t]*\n(.*?)^(\1|\.\.\.)[ \t]*(?:\n|\Z)", re.S | re.M)
ORG = re.compile(r"(?:[ \t]*\n)*(?:[ \t]*#\+[A-Za-z_]+:.*(?:\n|\Z))+")
TRUE, FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0", "")


class FrontMatterError(Exception):
    """Front matter that cannot be read: the reason and the line in the file."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.reason, self.line = reason, line


class Loader(yaml.SafeLoader):
    """Plain values alone: numbers, dates, yes and no stay text, since a tag may be "2020" or "no". No aliases."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases are not read", mark)
        return super().compose_node(parent, index)


Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def split(text: str) -> tuple[Facts | None, str, int]:
    """(facts with keys in lower case or None without front matter, the text behind it, the text's line).

    Raises FrontMatterError.
    """
    if match := FENCED.match(text):
        kind = match[2] or {"---": "yaml", "+++": "toml", ";;;": "json"}[match[1]]
        line = text.count("\n", 0, match.start(3)) + 1
        facts = parse(match[3], kind, line)
        end = match.end()
    elif text.lstrip().startswith(("---\n", "+++\n")):
        raise FrontMatterError("the front matter has no end", 1)
    elif re.match(r"\s*\{\s*\"", text):
        start = len(text) - len(text.lstrip())
        try:
            found, length = json.JSONDecoder(strict=False).raw_decode(text[start:])
        except json.JSONDecodeError as error:
            raise FrontMatterError(error.msg, text.count("\n", 0, start) + error.lineno)
        except RecursionError:
            raise FrontMatterError("it is nested too deep", 1)
        facts, end = found, start + length
    elif match := ORG.match(text):
        lines = (line.strip()[2:].partition(":") for line in match[0].splitlines() if line.strip())
        facts, end = {key: value.strip() for key, _colon, value in lines}, match.end()
    else:
        return None, text, 1
    if facts is None:
        facts = {}
    if not isinstance(facts, dict):
        raise FrontMatterError("the front matter is no list of names and values", 1)
    return {str(key).lower(): value for key, value in facts.items()}, text[end:], text.count("\n", 0, end) + 1


def parse(source: str, kind: str, line: int) -> Any:
    if len(source) > LONGEST:
        raise FrontMatterError("the front matter is too long", line)
    try:
        if kind == "toml":
            return tomllib.loads(source)
        if kind == "json":
            return json.loads(source if source.lstrip().startswith("{") else "{" + source + "}", strict=False)
        return yaml.load(source, Loader)  # noqa: S506  (a SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise FrontMatterError(
            error.problem or "no YAML", line + (error.problem_mark.line if error.problem_mark else 0)
        )
    except json.JSONDecodeError as error:
        raise FrontMatterError(error.msg, line + error.lineno - 1)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+)", str(error))
        raise FrontMatterError(str(error).partition(" (at")[0], line + (int(place[1]) - 1 if place else 0))
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise FrontMatterError(type(error).__name__, line)


def text_at(facts: Facts, *keys: str) -> str:
    """The first of these values that is there and is plain, as text."""
    for key in keys:
        value = facts.get(key)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str | int | float | date | datetime) and str(value).strip():
            return str(value).strip()
    return ""


def list_at(facts: Facts, *keys: str, spaces: bool = False) -> list[str]:
    """All values under these keys; a text is one value, or several between commas; for Jekyll, blanks."""
    found: list[str] = []
    for key in keys:
        value = facts.get(key)
        if isinstance(value, str):
            value = value.split(",") if "," in value else value.split() if spaces and key.endswith("s") else [value]
        elif isinstance(value, int | float | date) and not isinstance(value, bool):
            value = [str(value)]
        elif isinstance(value, dict):
            value = [value]
        for each in value if isinstance(value, list) else []:
            if isinstance(each, dict):
                each = text_at({str(name).lower(): own for name, own in each.items()}, "name", "title", "slug")
            if each is not None and not isinstance(each, list) and str(each).strip():
                found.append(str(each).strip())
    return list(dict.fromkeys(found))


def is_true(facts: Facts, *keys: str) -> bool:
    """Whether one of them is anything but false, no, off, 0 or empty."""
    return any(
        facts.get(key) is not None and str(facts[key]).strip().lower() not in FALSE for key in keys
    )  # fmt: skip


def is_false(facts: Facts, key: str) -> bool:
    return facts.get(key) is not None and str(facts[key]).strip().lower() not in TRUE
