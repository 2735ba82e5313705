"""What the tests of the WXR reader share."""

from collections import Counter
from pathlib import Path

from transfer.records import KINDS, Channel, Item, Loss, Notice
from transfer.wordpress import elements
from transfer.wordpress.reader import read

DATA = Path(__file__).resolve().parents[2] / "data/wxr"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n'
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">\n'
    "<channel>\n<title>Blog</title>\n<wp:base_blog_url>https://blog.example</wp:base_blog_url>\n"
)
END = "</channel>\n</rss>\n"


def item(number, content="<![CDATA[text]]>", more="", title="A title", status="publish"):
    """An item of nine lines and those of `more`."""
    return (
        f"<item>\n<title>{title}</title>\n<content:encoded>{content}</content:encoded>\n<wp:post_id>{number}</wp:post_id>\n"
        f"<wp:status>{status}</wp:status>\n<wp:post_type>post</wp:post_type>\n<wp:post_password></wp:post_password>\n"
        f"{more}</item>\n"
    )


def comment(number, content="<![CDATA[answer]]>"):
    return (
        f"<wp:comment>\n<wp:comment_id>{number}</wp:comment_id>\n<wp:comment_content>{content}</wp:comment_content>\n"
        "</wp:comment>\n"
    )


def meta(key, value):
    value = f"<wp:meta_value><![CDATA[{value}]]></wp:meta_value>"
    return f"<wp:postmeta><wp:meta_key>{key}</wp:meta_key>{value}</wp:postmeta>\n"


def read_text(path, text):
    """The records of a file of this text or these bytes."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(read([path]))


def of(records, kind):
    return [record for record in records if isinstance(record, kind)]


def items(records):
    return of(records, Item)


def losses(records):
    return [(loss.kind, loss.reference, loss.line) for loss in of(records, Loss)]


def counted(records):
    """{kind: elements} of what a reader yields, losses included."""
    found = Counter(elements.kind_of(record) for record in records if not isinstance(record, Channel | Notice))
    found["comments"] += sum(len(record.comments) for record in items(records))
    return dict.fromkeys(KINDS, 0) | found
