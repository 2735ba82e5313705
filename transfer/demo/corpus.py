"""The texts of the demo blog: the files under `texts/`, read once."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TEXTS = Path(__file__).parent / "texts"
LANGUAGES = ("en", "de", "es")
THEMES = ("running", "weights", "weather", "shoes", "kitchen", "town", "trains", "books", "workshop")
REMARK, QUESTION, ANSWER = "remarks", "questions", "answers"
BREAK = "\n* * *\n"


@dataclass(frozen=True)
class Title:
    language: str
    theme: str
    text: str


@dataclass(frozen=True)
class DemoCategory:
    """The data of a category; `theme` is empty for the general one."""

    theme: str
    name: str
    parent: str
    description: str


@dataclass(frozen=True)
class DemoTag:
    """The data of a tag; without a theme it fits any post."""

    theme: str
    name: str


@dataclass(frozen=True)
class Page:
    title: str
    parent: str
    theme: str


@dataclass(frozen=True)
class Name:
    """A commenter, and the script in which their name is written."""

    script: str
    text: str
    website: str


@dataclass(frozen=True)
class Corpus:
    paragraphs: dict[tuple[str, str], tuple[str, ...]]  # (language, theme) → Markdown blocks of 40 to 120 words
    comments: dict[tuple[str, str], tuple[str, ...]]  # (language, remarks | questions | answers) → texts
    titles: tuple[Title, ...]
    sequels: dict[str, tuple[str, ...]]  # language → suffixes for titles that are used again
    categories: tuple[DemoCategory, ...]
    tags: tuple[DemoTag, ...]
    pages: tuple[Page, ...]
    names: tuple[Name, ...]
    spam: tuple[str, ...]


@cache
def corpus() -> Corpus:
    return Corpus(
        paragraphs={
            (language, theme): blocks(f"paragraphs/{theme}.{language}.md") for language in LANGUAGES for theme in THEMES
        },
        comments={
            (language, kind): blocks(f"comments/{kind}.{language}.md")
            for language in LANGUAGES
            for kind in (REMARK, QUESTION, ANSWER)
        },
        titles=tuple(Title(*row) for row in table("titles.tsv")),
        sequels={
            language: tuple(text for spoken, text in table("sequels.tsv") if spoken == language)
            for language in LANGUAGES
        },
        categories=tuple(DemoCategory(*row) for row in table("categories.tsv")),
        tags=tuple(DemoTag(*row) for row in table("tags.tsv")),
        pages=tuple(Page(*row) for row in table("pages.tsv")),
        names=tuple(Name(*row) for row in table("names.tsv")),
        spam=tuple(read("comments/spam.txt").splitlines()),
    )


def blocks(name: str) -> tuple[str, ...]:
    return tuple(block.strip() for block in read(name).split(BREAK))


def table(name: str) -> list[list[str]]:
    """The rows of a tab-separated file below its heading, each as a list of strings."""
    rows = csv.reader(read(name).splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return list(rows)[1:]


def read(name: str) -> str:
    return (TEXTS / name).read_text(encoding="utf-8")
