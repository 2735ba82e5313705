"""The first content of a new blog, which the owner may delete: a post with a comment, a category, a page."""

from django.utils.translation import gettext as _

from blog.models import Category, Post, ReadingSettings
from blog.models.post import FIRST_PAGE, FIRST_POST
from comments.models import Comment, DiscussionSettings


def create_first_content(owner):
    """Create the settings rows and the first content, in the active language and time zone."""
    category = Category.objects.create(name=_("Notes"))
    ReadingSettings.objects.create(default_category=category)
    DiscussionSettings.objects.create()
    create_comment(first_post(owner, category))
    about_page(owner)


def first_post(owner, category):
    post = Post(
        guid=FIRST_POST,
        author=owner,
        title=_("The first page of a new book"),
        source=_(
            "This is your first post, and it is yours to edit or to delete.\n\n"
            "Write in plain text. A blank line makes a paragraph, a word between *asterisks* is emphasized, "
            "a line that begins with `>` is a quotation, and an address in brackets after a "
            "[few words](/about/) is a link.\n\n"
            "> Begin anywhere.\n\n"
            "Readers can comment below. You decide which comments appear."
        ),
    )
    post.save()
    post.categories.add(category)
    post.publish(announced=True)
    return post


def about_page(owner):
    page = Post(
        guid=FIRST_PAGE,
        author=owner,
        kind=Post.Kind.PAGE,
        title=_("About"),
        slug="about",
        comments_open=False,
        source=_(
            "Say here who you are, what you write about, and how to reach you. Many readers look for "
            "this page first.\n\n"
            "A page like this one has no date and appears in the menu."
        ),
    )
    page.save()
    page.publish(announced=True)


def create_comment(post):
    """An example comment by a guest: the owner can see it and try moderation on it."""
    Comment.objects.create(
        post=post,
        state=Comment.State.APPROVED,
        name=_("A friendly margin"),
        text=_(
            "This is what a comment looks like. New comments wait at your desk until you approve "
            "them; you can delete this one."
        ),
    )
