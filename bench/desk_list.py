"""`python -m bench.desk_list`: time and queries of the desk's list of posts with 1,000 and with 50,000 posts.

Each page is requested by Django's test client; printed are the fastest round in milliseconds and the number of
queries. The blog is temporary.
"""

import os
import sys
import tempfile
import time
from datetime import timedelta

SIZES = (1_000, 50_000)
LISTS = {
    "all": "",
    "published": "?show=published",
    "drafts": "?show=draft",
    "newest first": "?sort=date",
    "published, newest first": "?show=published&sort=date",
    "by title": "?sort=title",
    "a category": "?category={category}",
    "a tag": "?tag=run",
    "a month": "?month=2020-03",
    "an author": "?author={author}",
    "words": "?q=number+42",
}


def fill(author, size):
    """Add posts of 3 kB up to `size`: one per hour back from 2025, a tenth drafts, half in a category. Returns the ids
    {"category", "author"} for LISTS."""
    from datetime import UTC, datetime

    from blog.models import Category, Post, Tag

    sport, _made = Category.objects.get_or_create(slug="sport", defaults={"name": "Sport", "route": "sport"})
    run = Tag.objects.called(["run"])[0]
    text = "Ten miles before breakfast, and nobody about. " * 65
    there, first = Post.objects.count(), datetime(2025, 1, 1, tzinfo=UTC)
    for start in range(there, size, 1000):
        posts = []
        for number in range(start, min(start + 1000, size)):
            at, draft = first - timedelta(hours=number), number % 10 == 0
            posts.append(
                Post(
                    author=author, title=f"Number {number * 7919 % 100_000}", slug=f"p{number}", source=text,
                    html=f"<p>{text}</p>", plain=text, summary=text[:300], updated_at=at, html_version=10**6,
                    status="draft" if draft else "published", publish_at=None if draft else at,
                    published_on=None if draft else at.date(), path=None if draft else f"/{at:%Y/%m/%d}/p{number}/",
                )
            )  # fmt: skip
        made = Post.objects.bulk_create(posts)
        Post.categories.through.objects.bulk_create(
            Post.categories.through(post=post, category=sport) for post in made[::2]
        )
        Post.tags.through.objects.bulk_create(Post.tags.through(post=post, tag=run) for post in made[::5])
    return {"category": sport.pk, "author": author.pk}


def costs(client, author, sizes=SIZES, rounds=15):
    """{list: {size: (seconds, queries)}}, with warm caches: a first request of each page is not measured."""
    from django.db import connection

    asked = []

    def listen(execute, *query):
        asked.append(query)
        return execute(*query)

    found = {name: {} for name in LISTS}
    for size in sizes:
        known = fill(author, size)
        for name, query in LISTS.items():
            address = f"/desk/posts/{query.format(**known)}"
            assert client.get(address).status_code == 200
            asked.clear()
            with connection.execute_wrapper(listen):
                client.get(address)
            times = []
            for _round in range(rounds):
                start = time.perf_counter()
                client.get(address)
                times.append(time.perf_counter() - start)
            found[name][size] = (min(times), len(asked))
    return found


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    with tempfile.TemporaryDirectory(prefix="longrun-bench-") as folder:
        os.environ["LONGRUN_DATA"] = folder
        import django

        django.setup()
        from django.contrib.auth import get_user_model
        from django.core.management import call_command
        from django.test import Client

        from server.setup.create_site import create_blog

        call_command("migrate", verbosity=0)
        create_blog(title="Bench", name="Ada", email="ada@example.org", password="a long and quiet run")
        ada = get_user_model().objects.owners().get()
        client = Client(headers={"host": "localhost"})
        client.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
        print(f"{'list':<26}" + "".join(f"{size:>10,} posts" for size in SIZES) + "   times  questions")
        for name, found in costs(client, ada).items():
            seconds = [found[size][0] for size in SIZES]
            line = "".join(f"{second * 1000:>13.1f} ms" for second in seconds)
            print(f"{name:<26}{line}{seconds[-1] / seconds[0]:>8.2f}{max(count for _s, count in found.values()):>11}")


if __name__ == "__main__":
    sys.exit(main())
