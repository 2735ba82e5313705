"""Whether a submitted form has anything that the server has not stored: only then it is offered again."""

from blog.desk.forms import WriteForm
from blog.models import Category, Post, Series
from blog.models.autosave import TEXTS
from blog.models.reading_settings import reading
from blog.slugs import slugify
from core.form_fields import same_minute
from core.text import fold, tidy, tidy_line

# Fields that are used during a save and not stored.
OF_ONE_SAVE = {"base_revision", "mark", "minor", "new_category_parent", "password", "when"}
# Fields for which a save has a default, or which the button overrides.
FILLED_IN = {"slug", "publish_at", "status"}


def differs(data, post, by, changed=None):
    """Whether the fields of a write page differ from `post` and its unpublished changes.

    `post` is None for a new form. `changed` has the names of the fields that the user changed; None means unknown: then
    all fields count except those for which a save has a default.
    """
    if post is None:
        return bool(changed) or any(data.get(name, "").strip() for name in TEXTS)
    shown = post.revisions.unpublished() or post
    texts = TEXTS if changed is None else [name for name in TEXTS if name in changed]
    if any(tidied(name, data.get(name, "")) != tidied(name, getattr(shown, name)) for name in texts):
        return True
    form = WriteForm(data, instance=Post.objects.get(pk=post.pk), user=by)
    form.full_clean()
    names = form.fields.keys() - OF_ONE_SAVE - set(TEXTS)
    names = names & changed if changed is not None else names - FILLED_IN
    return any(name in form.errors or not is_stored(name, form.cleaned_data, post) for name in names)


def tidied(name, text):
    if name == "title":
        return tidy_line(text)
    return tidy(text).strip() if name == "excerpt" else tidy(text)


def is_stored(name, typed, post):
    """Whether the post has this field's value, in the form in which a save stores it."""
    if compare := COMPARED.get(name):
        return compare(typed, post)
    return typed[name] == getattr(post, name)


def same_tags(typed, post):
    return {fold(name) for name in typed["tag_names"]} == {fold(tag.name) for tag in post.tags.all()}


def same_categories(typed, post):
    """The save has created a new category already; a post without any gets the default."""
    stored, chosen = set(post.categories.all()), set(typed["categories"])
    if new := new_category(typed):
        chosen.add(new)
    default = reading().default_category
    return stored == (chosen or ({default} if default else set()))


def same_new_category(typed, post):
    return not typed["new_category"] or new_category(typed) in set(post.categories.all())


def new_category(typed):
    return Category.objects.named(name) if (name := typed.get("new_category")) else None


def same_new_series(typed, post):
    """The save has created it already."""
    return not typed["new_series"] or post.series == Series.objects.named(typed["new_series"])


def same_slug(typed, post):
    return slugify(typed["slug"]) == post.slug


def same_moment(typed, post):
    moments = typed["publish_at"], post.publish_at
    return same_minute(*moments) if all(moments) else not any(moments)


COMPARED = {
    "tag_names": same_tags,
    "categories": same_categories,
    "new_category": same_new_category,
    "new_series": same_new_series,
    "slug": same_slug,
    "publish_at": same_moment,
}
