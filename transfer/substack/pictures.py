"""The addresses of Substack's pictures: its image host spells the original inside its own address."""

import re
from urllib.parse import unquote

FETCHED = re.compile(
    r"https?://(?:substackcdn\.com|cdn\.substack\.com)/image/fetch/(?:[^\s/]+/)*?"
    r"(https?(?:%3A%2F%2F|://)[^\s\"'<>]+)",
    re.IGNORECASE,
)


def original(url: str) -> str:
    """The picture's own address: "https://substackcdn.com/image/fetch/w_1456/https%3A%2F%2F…" unwrapped."""
    url = url.strip()
    for _each in range(3):  # a fetched address may be fetched once more
        match = FETCHED.match(url)
        if match is None:
            break
        url = unquote(match[1]) if "%3a%2f%2f" in match[1].lower() else match[1]
    return url
