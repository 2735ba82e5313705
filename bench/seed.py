"""`python -m bench.seed POSTS COMMENTS WAITING`: creates the content to measure, in the blog in LONGRUN_DATA.

It adds to the demo content what the measured pages need: posts with exact numbers of comments, a rare word in every
hundredth post, WAITING held comments. Prints the paths of the pages and a session key as JSON.
"""

import json
import os
import secrets
import sys
from datetime import timedelta

THREADS = (10, 100, 1_000)
RARE = "xylophones"  # in one post of a hundred; no text of the demo contains it
COMMON = "the"
TAGS, CATEGORY = ["running", "river", "rain"], "Bench"
NEWEST = 10
CHUNK = 1_000


def sow(posts, comments, waiting):
    """Returns {"pages": {kind: path}, "session": session key of the owner, "bypass": a Cookie header that bypasses the
    page cache}. A second run creates nothing."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    from blog.models import Post

    owner = get_user_model().objects.owners().get()
    talks = {post.slug: post for post in Post.objects.filter(slug__startswith="bench-1")}
    if not talks:
        call_command("seed_demo", posts=posts, comments=comments, stdout=sys.stderr)
        owner.handle = owner.handle or "ada"
        owner.save()
        spread(RARE)
        end = Post.objects.listed().newest_first().first().publish_at
        for number in range(NEWEST):  # so that front pages show the same posts whatever the size of the blog
            post_with(0, owner, f"bench-newest-{number}", end + timedelta(minutes=1 + number))
        for number in THREADS:
            talks[f"bench-{number}"] = post_with(number, owner, f"bench-{number}", end - timedelta(days=40))
        hold(talks["bench-10"], waiting)
    return {"pages": pages(owner, talks), "session": session_of(owner), "bypass": bypass_cookie()}


def post_with(number, owner, slug, at):
    """A post of 600 words with a category, three tags and `number` approved comments of 40 to 80 words."""
    from blog.models import Category, Post, Tag
    from transfer.demo.corpus import corpus

    blocks = corpus().paragraphs["en", "running"]
    text = " ".join("\n\n".join(blocks * 20).split(" ")[:600])
    post = Post(author=owner, title=f"Measured, with {number} comments", slug=slug, source=text)
    post.save()
    post.publish(at=at, announced=True)
    category = Category.objects.named(CATEGORY) or Category.objects.create(name=CATEGORY)
    post.categories.add(category)
    post.tags.add(*Tag.objects.called(TAGS))
    answer(post, number, "approved")
    return post


def answer(post, number, state):
    """Create `number` comments, each by another browser; half of the approved ones reply to the one before."""
    from blog import search
    from comments.models import Comment, Person
    from comments.models.queryset import recount
    from transfer.demo.corpus import corpus

    texts = [
        f"{first}\n\n{second}" for first, second in zip(*[iter(corpus().comments["en", "remarks"])] * 2, strict=False)
    ]
    rendered = [Comment(text=text) for text in texts]
    for comment in rendered:
        comment.render()
    for start in range(0, number, CHUNK):
        part = range(start, min(start + CHUNK, number))
        people = Person.objects.bulk_create(Person(browser=secrets.token_hex(16)) for _ in part)
        made = Comment.objects.bulk_create(
            Comment(
                post=post, person=person, state=state, name=f"Reader {at}", email=f"reader{at}@example.org",
                text=rendered[at % len(texts)].text, html=rendered[at % len(texts)].html,
                html_version=rendered[at % len(texts)].html_version, posted_at=post.publish_at + timedelta(minutes=at),
                reasons=[] if state == "approved" else
                [{"rule": "hold_first_comment", "verdict": state, "why": "The first of this writer."}],
            )
            for at, person in zip(part, people, strict=True)
        )  # fmt: skip
        if state == "approved":
            replies = made[1::2]
            for before, comment in zip(made[::2], replies, strict=False):
                comment.parent = comment.thread = before
            Comment.objects.bulk_update(replies, ["parent", "thread"])
            search.put_all("comment", [comment.search_entry for comment in made])
    recount({post.pk})


def hold(post, number):
    """Add `number` held comments."""
    answer(post, number, "pending")


def spread(word):
    """Add a word to every hundredth public post."""
    from blog.models import Post

    for pk in list(Post.objects.posts().open().order_by("pk").values_list("pk", flat=True)[50::100]):
        post = Post.objects.get(pk=pk)
        post.source += f"\n\nAnd then somebody played {word}.\n"
        post.save()


def pages(owner, talks):
    """{kind: path} of the measured pages: the same kinds in a small blog and in a big one."""
    from blog.models import Post

    public = Post.objects.posts().open()
    middle = public.newest_first()[public.count() // 2 : public.count() // 2 + 1].get()
    tag = middle.tags.first() or public.filter(tags__isnull=False).first().tags.first()
    per_page = 10
    deep = max(2, Post.objects.listed().count() // per_page // 2)
    found = {f"post, {number} comments": talks[f"bench-{number}"].path for number in THREADS}
    return found | {
        "home": "/",
        "month": f"/{middle.published_on:%Y/%m}/",
        "category": middle.categories.first().get_absolute_url(),
        "tag": tag.get_absolute_url(),
        "author": f"/author/{owner.handle}/",
        "deep page": f"/page/{deep}/",
        "feed": "/feed/",
        "comments feed": "/comments/feed/",
        "sitemap": "/sitemap-posts.xml",
        "rare word": f"/search/?q={RARE}",
        "common word": f"/search/?q={COMMON}",
        "comment form": f"/comments/{talks['bench-10'].pk}/",
        "queue": "/desk/comments/",
    }


def bypass_cookie():
    """The cookie of a reader who has given the password of a post that is not there."""
    from django.http import HttpResponse

    from core.cookies import POST_PASSWORD

    name = f"{POST_PASSWORD.name}0"
    response = HttpResponse()
    response.set_signed_cookie(name, "bench")
    return f"{name}={response.cookies[name].coded_value}"


def session_of(owner):
    from django.test import Client

    client = Client()
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.cookies["sessionid"].value


def main(posts, comments, waiting):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    print(json.dumps(sow(int(posts), int(comments), int(waiting))))


if __name__ == "__main__":
    main(*sys.argv[1:])
