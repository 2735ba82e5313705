"""`python -m server.drill_pages`, for the restore drill: migrate the blog in LONGRUN_DATA and render its pages.

With `--paths` it changes nothing, reads a JSON list of paths and renders those: the drill compares what they look like
in the blog that is served. The last line that it prints is JSON: `failed`, [path, status] of pages that do not render,
and `posts`, {path: {"post": number, "digest": what the post and its conversation look like}}.
"""

import hashlib
import json
import re
import sys

import django
from django.conf import settings
from django.core.management import call_command
from django.test import Client

NEWEST, SPREAD = 10, 10  # posts: the newest ones, and others from all years
# Around these stand lists and counts, which change with every comment elsewhere.
PARTS = [
    re.compile(rb'<article class="entry.*?</article>', re.DOTALL),
    re.compile(rb'<section class="conversation.*?</main>', re.DOTALL),
]


def main():
    django.setup()
    if "--paths" in sys.argv:
        report(dict.fromkeys(json.load(sys.stdin)), [])
        return
    call_command("migrate", interactive=False, verbosity=0)
    from server.setup import owner_exists

    if owner_exists():
        report(chosen_posts(), ["/", "/feed/"])
    else:  # every page says that it is not set up yet
        report({}, [])


def chosen_posts():
    """{path: number}"""
    from blog.models import Post

    public = Post.objects.published().filter(kind=Post.Kind.POST).order_by("-pk")
    count = public.count()
    spread = [public[place] for place in range(NEWEST, count, max(1, (count - NEWEST) // SPREAD))]
    return {post.get_absolute_url(): post.pk for post in [*public[:NEWEST], *spread[:SPREAD]]}


def report(posts, others):
    """Render all paths and print what came of it."""
    client = Client(raise_request_exception=False, HTTP_HOST=settings.LONGRUN_HOST)
    failed, looks = [], {}
    for path in [*others, *posts]:
        response = client.get(path, secure=settings.LONGRUN_HTTPS)
        if response.status_code != 200:
            failed.append([path, response.status_code])
        elif path in posts:
            looks[path] = {"post": posts[path], "digest": digest(response.content)}
    print(json.dumps({"pages": len(others) + len(posts), "failed": failed, "posts": looks}))


def digest(page):
    """The SHA-256 of the post and its conversation."""
    found = (part.search(page) for part in PARTS)
    return hashlib.sha256(b"\n".join(match[0] if match else b"" for match in found)).hexdigest()


if __name__ == "__main__":
    main()
