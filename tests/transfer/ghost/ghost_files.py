"""Exports of Ghost for tests, as its generations write them."""

import json


def post(number="5f1", **facts):
    return {
        "id": number, "uuid": f"u-{number}", "title": f"Post {number}", "slug": f"post-{number}",
        "html": "<p>Ten miles.</p>", "status": "published", "visibility": "public", "type": "post",
        "published_at": "2021-03-05T06:30:00.000Z", "created_at": "2021-03-01T06:30:00.000Z",
        "updated_at": "2021-04-01T06:30:00.000Z", "featured": 0,
    } | facts  # fmt: skip


def export(*posts, wrapped=True, version="5.80.0", **tables):
    data = {"posts": list(posts), "settings": [{"key": "title", "value": "Get Your Move On"}]} | tables
    document = {"meta": {"exported_on": 1614925800000, "version": version}, "data": data}
    return json.dumps({"db": [document]} if wrapped else document, indent=1)
