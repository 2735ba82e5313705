"""Exports of Disqus for tests, written by hand from its schema."""

from html import escape

HEAD = """<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="http://disqus.com/api/schemas/1.0/disqus.xsd">
"""
CATEGORY = (
    '<category dsq:id="7"><forum>getyourmoveon</forum><title>General</title><isDefault>true</isDefault></category>\n'
)


def thread(number, link, title="A post", identifier="", **more):
    facts = {"isClosed": "false", "isDeleted": "false"} | more
    return (
        f'<thread dsq:id="{number}"><id>{escape(identifier)}</id><forum>getyourmoveon</forum><category dsq:id="7"/>'
        f"<link>{escape(link)}</link><title>{escape(title)}</title><message/><createdAt>2014-02-01T10:00:00Z</createdAt>"
        "<author><name>Ada</name><isAnonymous>false</isAnonymous><username>ada</username></author>"
        + "".join(f"<{name}>{value}</{name}>" for name, value in facts.items())
        + "</thread>\n"
    )


def post(number, thread, text="<p>Words</p>", parent=None, name="Bo", email="bo@example.org", username="", **more):
    """`username` "" makes a guest."""
    facts = {"isDeleted": "false", "isSpam": "false"} | more
    return (
        f'<post dsq:id="{number}"><id>wp_{number}</id><message><![CDATA[{text}]]></message>'
        "<createdAt>2014-02-03T04:05:06Z</createdAt>"
        + "".join(f"<{key}>{value}</{key}>" for key, value in facts.items())
        + f"<author><email>{email}</email><name>{escape(name)}</name>"
        f"<isAnonymous>{'false' if username else 'true'}</isAnonymous>"
        + (f"<username>{username}</username>" if username else "")
        + f'</author><ipAddress>203.0.113.9</ipAddress><thread dsq:id="{thread}"/>'
        + (f'<parent dsq:id="{parent}"/>' if parent else "")
        + "</post>\n"
    )


def export(*elements):
    return HEAD + CATEGORY + "".join(elements) + "</disqus>\n"
