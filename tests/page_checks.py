"""Checks for the element tree of any page."""

import re

# Whatever looks like an English date or time of day.
DATES = re.compile(
    r"(?<![\d/])\d{1,2}/\d{1,2}/\d{2,4}|\b\d{4}-\d{2}-\d{2}\b"
    r"|\b(?:\d{1,2} )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? \d{1,2}\b(?:, \d{4})?"
    r"|\b\d{1,2}(?::\d{2}){0,2} ?(?:[ap]m\b|[ap]\.m\.)|\b\d{1,2}:\d{2}(?::\d{2})?\b(?! [ap]m)",
    re.IGNORECASE,
)
TIME = r"\d{1,2}:\d{2}(?::\d{2})? [ap]m"
LONG = "January February March April May June July August September October November December".split()
OURS = {
    "readers": rf"(?:{'|'.join(LONG)}) \d{{1,2}}, \d{{4}}|{TIME}",
    "the desk": rf"(?:{'|'.join(each[:3] for each in LONG)}) \d{{1,2}}, \d{{4}}|{TIME}",
}
SPOKEN = ("alt", "aria-label", "data-label", "placeholder", "title")
SILENT = ("script", "style", "template", "textarea", "code", "pre")


def told(tree):
    """Every text of a page, also attributes that are shown or read by screen readers."""
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        yield from (element.get(name) for name in SPOKEN if element.get(name))
        if element.text and element.tag not in SILENT:
            yield element.text
        if element.tail:
            yield element.tail


def wrong_dates(tree, path):
    """Errors: dates in another format than that of the desk or of public pages, and doubled full stops."""
    ours = re.compile(OURS["the desk" if path.startswith("/desk/") else "readers"])
    wrong = []
    for text in told(tree):
        dates = [found[0] for found in DATES.finditer(text)]
        wrong += [f"a date of another form: {each!r}" for each in dates if not ours.fullmatch(each)]
        wrong += [f"two full stops: {text.strip()[:80]!r}"] * bool(re.search(r"(?<!\.)\.\.(?!\.)", text))
    return wrong


HEBREW = re.compile("[\u0590-\u05ff]")
LATIN = re.compile("[A-Za-z]{2,}")  # a word of the interface; single letters may be initials
NOT_SHOWN = ("head", "script", "style", "template")


def wrong_directions(tree):
    """Errors: user text (Hebrew on this page) whose direction is mixed with that of the interface.

    Each must be in its own element with `dir`, or in a `bdi`, without text of the interface (Latin).
    """
    wrong = []
    look(tree.find("body"), None, wrong)
    return list(dict.fromkeys(wrong))


def look(element, holder, wrong):
    if not isinstance(element.tag, str) or element.tag in NOT_SHOWN or is_unseen(element):
        return
    if element.tag == "bdi" or element.get("dir"):
        holder = element
    is_typed = element.tag == "input" and element.get("type") not in ("hidden", "radio", "checkbox")
    judge(element, element.get("value") if is_typed else element.text, holder, wrong)
    for child in element:
        look(child, holder, wrong)
        judge(element, child.tail, holder, wrong)


def judge(element, text, holder, wrong):
    if not text or not HEBREW.search(text):
        return
    where = f"<{element.tag} {dict(element.attrib)}> {text.strip()[:60]}"
    if holder is None:
        wrong.append(f"no direction of its own: {where}")
    elif holder.tag not in ("code", "textarea") and LATIN.search(shown_in(holder)):
        wrong.append(f"beside words of the interface: {where} in <{holder.tag}> {shown_in(holder)[:80]}")


def shown_in(holder):
    """Its text without descendants that have their own direction or are visually hidden, and without “Protected:”,
    which is part of a title."""
    pieces = [holder.text or ""]
    for child in holder:
        own = child.tag == "bdi" or child.get("dir") or is_unseen(child) or not isinstance(child.tag, str)
        pieces += ["" if own else shown_in(child), child.tail or ""]
    return " ".join(pieces).replace("Protected:", "").strip()


def is_unseen(element):
    return "visually-hidden" in element.get("class", "").split()


TAG = re.compile(r"""<[a-z](?:[^<>"']|"[^"]*"|'[^']*')*>""", re.IGNORECASE)
VALUE = re.compile(r"""=("[^"]*"|'[^']*')""")
# Attributes may stand on lines of their own, but an `{% if %}` between them should leave nothing behind.
UNTIDY = re.compile(r"\s>$|[ \t]\n|\n\s*\n|[^\s][ \t]{2,}[^\s]")


def untidy_tags(source):
    """Start tags with white space before `>`, at the end of a line, or twice between attributes."""
    return [tag for tag in TAG.findall(source) if UNTIDY.search(VALUE.sub('=""', tag))]
