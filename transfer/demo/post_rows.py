"""Create the demo's posts, pages, categories and tags in bulk.

The result is the same as by `Post`'s methods for one post; tests compare the two.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from random import Random

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

from accounts.models import User
from blog import permalinks
from blog.bulk_create import create_revisions, put_in_search, put_terms
from blog.models import Category, Post, Redirect, Tag
from blog.models.reading_settings import reading
from blog.slugs import slugify, unique
from core import cache_version, languages
from core.site import site
from core.text import shorten
from transfer.demo.corpus import corpus
from transfer.demo.posts import DemoPost

CHUNK = 1000
PASSWORD = "longrun"  # of the protected posts; the command prints it


def create_posts(demo_posts: Sequence[DemoPost], owner: User, progress: Callable[[str, int], object]) -> None:
    """Save the posts; they have primary keys afterwards."""
    categories, tags = create_categories(), create_tags()
    slugs = Slugs()
    key = make_key()
    for start in range(0, len(demo_posts), CHUNK):
        part = demo_posts[start : start + CHUNK]
        posts = [demo_post.post for demo_post in part]
        for post in posts:
            finish(post, owner, key, slugs)
        with transaction.atomic():
            Post.objects.bulk_create(posts)
            put_terms(
                posts,
                [[categories[name].pk for name in demo_post.categories] for demo_post in part],
                [[tags[name].pk for name in demo_post.tags] for demo_post in part],
            )
            if reading().permalinks == "category":
                file_by_category(posts)
            remember_trashed(posts)
            create_revisions(posts, owner)
            put_in_search(posts)
            cache_version.invalidate(cache_version.EVERYTHING)
        progress("posts", len(part))


def create_pages(owner: User, random: Random) -> None:
    """Create a few nested pages by the methods that the desk uses, unless an earlier run created them."""
    pages: dict[str, Post] = {}
    if Post.objects.pages().filter(title=corpus().pages[0].title).exists():
        return
    for page in corpus().pages:
        blocks = corpus().paragraphs["en", page.theme]
        post = Post(
            kind=Post.Kind.PAGE,
            author=owner,
            title=page.title,
            parent=pages.get(page.parent),
            source="\n\n".join(random.sample(blocks, 3)),
            comments_open=False,
        )
        post.save()
        post.publish(announced=True)
        pages[page.title] = post


def create_categories() -> dict[str, Category]:
    """{name: Category}; missing ones are created."""
    rows: dict[str, Category] = {}
    for category in corpus().categories:
        rows[category.name] = Category.objects.named(category.name) or Category.objects.create(
            name=category.name, parent=rows.get(category.parent), description=category.description
        )
    return rows


def create_tags() -> dict[str, Tag]:
    names = [tag.name for tag in corpus().tags]
    return dict(zip(names, Tag.objects.called(names), strict=True))


# One post, without the database


def finish(post: Post, owner: User, key: str, slugs: "Slugs") -> None:
    """Do what `Post.save` and `Post.file` do: render the text, choose a free slug, set the date and the path."""
    post.author = owner
    if post.language == languages.canonical(site().language):
        post.language = ""
    set_rendered(post)
    post.slug = slugs.free(slugify(post.title) or slugify(shorten(post.summary, 6)) or "post")
    if post.visibility == Post.Visibility.PASSWORD:
        post.password = key
    post.was_public = post.is_public or post.status == Post.Status.TRASH
    if post.publish_at:
        post.published_on = timezone.localdate(post.publish_at, site().zone)
        structure = reading().permalinks
        if post.status != Post.Status.TRASH and structure != "category":
            post.path = permalinks.path_of(post, structure)


def set_rendered(post: Post) -> None:
    """Set the rendered HTML. A text that several posts share is rendered once; only its element ids differ."""
    for name, value in rendered(post.source, post.language).items():
        setattr(post, name, value.replace(PATTERN, post.guid[-6:]) if name in ("html", "teaser_html") else value)


PATTERN = "a0z0a0"  # placeholder for the last characters of a post's guid


@cache
def rendered(source: str, language: str) -> dict[str, str]:
    pattern = Post(source=source, language=language, guid=f"urn:longrun:{PATTERN}")
    return {name: getattr(pattern, name) for name in pattern.render()}


def make_key() -> str:
    """The password hash of all protected posts; hashing is slow by design, so it is done once."""
    post = Post()
    post.set_password(PASSWORD)
    return post.password


class Slugs:
    """Finds free slugs: `taken` are those in the database, read once, and those given since."""

    def __init__(self) -> None:
        self.taken = set(Post.objects.exclude(status=Post.Status.TRASH).values_list("slug", flat=True))

    def free(self, wanted: str) -> str:
        slug = unique(wanted, self.taken.__contains__, reserved=permalinks.RESERVED)
        self.taken.add(slug)
        return slug


# A thousand posts and what belongs to them


def file_by_category(posts: Iterable[Post]) -> None:
    """Set paths that begin with the category, which are known only after the categories are saved."""
    dated = [post for post in posts if post.published_on and post.status != Post.Status.TRASH]
    prefetch_related_objects(dated, "categories")
    for post in dated:
        post.path = permalinks.path_of(post, "category")
    Post.objects.bulk_update(dated, ["path"], batch_size=200)


def remember_trashed(posts: Iterable[Post]) -> None:
    """Keep the former path of posts in the trash as a redirect, so that they get it back when they are restored."""
    for post in posts:
        if post.status == Post.Status.TRASH:
            Redirect.keep(permalinks.path_of(post, reading().permalinks), post, public=True)
