"""`python -m server.drill_pages`, for the restore drill: migrate the blog in LONGRUN_DATA and render its pages.

The last line that it prints is JSON: how many pages were rendered, and [path, status] of those that failed.
"""

import json

import django
from django.conf import settings
from django.core.management import call_command
from django.test import Client

SAMPLE = 20  # posts


def main():
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    from blog.models import Post
    from server.setup import owner_exists

    if not owner_exists():  # every page says that it is not set up yet
        print(json.dumps({"pages": 0, "failed": []}))
        return

    public = Post.objects.published().filter(kind=Post.Kind.POST).order_by("pk")
    count = public.count()
    chosen = [public[place] for place in range(0, count, max(1, count // SAMPLE))][:SAMPLE]
    paths = ["/", "/feed/", *(post.get_absolute_url() for post in chosen)]
    client = Client(raise_request_exception=False, HTTP_HOST=settings.LONGRUN_HOST)
    statuses = [(path, client.get(path, secure=settings.LONGRUN_HTTPS).status_code) for path in paths]
    failed = [(path, status) for path, status in statuses if status != 200]
    print(json.dumps({"pages": len(paths), "failed": failed}))


if __name__ == "__main__":
    main()
