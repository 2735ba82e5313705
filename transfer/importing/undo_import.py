"""Taking back an import: what it created goes, unless somebody has used or changed it here since."""

from collections.abc import Iterator

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from blog.models import Category, Media, Post, ReadingSettings, Redirect, Tag
from blog.models.reading_settings import reading
from blog.models.redirect import key_of
from comments.models import Comment, Person, StoppedAddress, Subscription
from core import cache_version
from transfer.importing import digests
from transfer.importing.run import FEW_POSTS
from transfer.models import ImportRef, ImportRun, MediaFile

AT_A_TIME = 200


def undo_import(run: ImportRun) -> list[str]:
    """Delete what this run created, in small transactions; returns a sentence for each thing that stays.

    Comments first, then posts, files, terms, people and subscribers. Can be interrupted and called again. Rows that
    were here before (merged terms, mapped authors) are left alone.
    """
    stays: list[str] = []
    undo_comments(run, stays)
    undo_posts(run, stays)
    undo_media(run, stays)
    undo_terms(run, stays)
    undo_people(run, stays)
    undo_subscribers(run, stays)
    restore_former(run, stays)
    with transaction.atomic():
        undo_author_addresses(run)
        run.refs.exclude(created=True, thing__isnull=False).delete()
        run.state, run.phase, run.position = ImportRun.State.UNDONE, "", 0
        run.notices = [*run.notices, *stays][:2000]
        run.save()
        cache_version.invalidate(cache_version.EVERYTHING)
    return stays


def parts(refs: QuerySet[ImportRef]) -> Iterator[list[ImportRef]]:
    """The created rows of a kind, as lists of ImportRefs; those that stay are passed by."""
    last = 0
    while rows := list(refs.filter(created=True, thing__isnull=False, pk__gt=last).order_by("pk")[:AT_A_TIME]):
        last = rows[-1].pk  # before the rows are deleted
        yield rows


def undo_comments(run: ImportRun, stays: list[str]) -> None:
    for refs in parts(run.refs.filter(model="comment")):
        with transaction.atomic():
            rows = Comment.objects.in_bulk([ref.thing for ref in refs])
            going, done = [], []
            for ref in refs:
                row = rows.get(ref.thing)
                if row is not None and ref.stored != digests.of_comment(row):
                    stays.append(_("Comment %d was changed here.") % row.pk)
                    continue
                done.append(ref.pk)
                going += [row.pk] if row is not None else []
            Comment.objects.filter(pk__in=going).erase()
            ImportRef.objects.filter(pk__in=done).delete()


def undo_posts(run: ImportRun, stays: list[str]) -> None:
    for refs in parts(run.refs.filter(model="post")):
        rows = Post.objects.in_bulk([ref.thing for ref in refs])
        for ref in refs:
            post = rows.get(ref.thing)
            reason = post and why_post_stays(post, ref)
            if reason:
                stays.append(reason)
                continue
            with transaction.atomic():
                if post is not None:
                    post.redirects.all().delete()
                    post.was_public, post.status = False, Post.Status.DRAFT
                    post.delete()
                ref.delete()


def why_post_stays(post: Post, ref: ImportRef) -> str:
    if ref.stored != digests.of_post(post):
        return _("“%s” was changed here.") % post
    if Comment.objects.filter(post=post).exclude(state=Comment.State.GONE).exists():
        return _("“%s” was answered here.") % post
    return ""


def undo_media(run: ImportRun, stays: list[str]) -> None:
    brought = MediaFile.objects.filter(run=run).values("media")
    for media in Media.objects.filter(pk__in=brought):
        if media.posts().exists():
            stays.append(_("The file “%s” is used here.") % media)
            continue
        with transaction.atomic():
            Redirect.objects.filter(media=media).delete()
            ImportRef.objects.filter(run=run, model="media", thing=media.pk).delete()
            media.delete()
    MediaFile.objects.filter(run=run, media=None).delete()


def undo_terms(run: ImportRun, stays: list[str]) -> None:
    for model in (Category, Tag):
        refs = [ref for part in parts(run.refs.filter(model=model._meta.model_name)) for ref in part]
        # All are looked at before any is deleted: a category changes when its parent goes.
        terms = model.objects.in_bulk([ref.thing for ref in refs])
        unchanged = {pk: digests.of_term(term) for pk, term in terms.items()}
        for ref in reversed(refs):  # children before their parents
            term = terms.get(ref.thing)
            if term is not None and (term.posts.exists() or ref.stored != unchanged[term.pk]):
                stays.append(_("“%s” is used or was changed here.") % term)
                continue
            with transaction.atomic():
                if term is not None:
                    term.refresh_from_db()
                    path = term.path
                    term.redirects.all().delete()
                    term.delete()
                    Redirect.objects.filter(key=key_of(path)).delete()  # not gone: it was never here
                ref.delete()


def restore_former(run: ImportRun, stays: list[str]) -> None:
    """The permalinks as they were before the import, if nobody has changed them since."""
    former = run.summary.get("former", {})
    before, found = former.get("permalinks", ["", ""])
    posts = Post.objects.posts().exclude(path=None)
    if before and reading().permalinks == found:
        if posts.count() > FEW_POSTS:
            stays.append(_("The permalinks stay: there are posts with addresses of this kind."))
        else:
            with transaction.atomic():
                ReadingSettings.objects.update(permalinks=before)
                cache_version.invalidate(cache_version.EVERYTHING)
            for post in posts:
                post.file()
    run.summary = {name: value for name, value in run.summary.items() if name != "former"}


def undo_author_addresses(run: ImportRun) -> None:
    """The redirects of `keep_author_addresses` and `keep_numbers` to people and categories who were here before."""
    made = Redirect.objects.filter(created_at__gte=run.started_at)
    for login, person in run.refs.filter(model="user").values_list("foreign_id", "thing"):
        made.filter(author=person, key=key_of(f"/author/{login}/")).delete()
        made.filter(author=person, key__startswith="/?author=").delete()
    categories = run.refs.filter(model="category").values_list("thing", flat=True)
    made.filter(category__in=list(categories), key__startswith="/?cat=").delete()


def undo_people(run: ImportRun, stays: list[str]) -> None:
    """People whom the import created and who have never been let in."""
    for refs in parts(run.refs.filter(model="user")):
        for ref in refs:
            person = get_user_model().objects.filter(pk=ref.thing or 0).first()
            if person is not None and (person.is_active or person.posts.exists()):
                stays.append(_("%s has posts here or may log in.") % person)
                continue
            if person is not None:
                person.delete()
            ref.delete()


def undo_subscribers(run: ImportRun, stays: list[str]) -> None:
    """Subscriptions that nobody has confirmed here since, and addresses that the list stopped. What the list ended does
    not begin again."""
    for refs in parts(run.refs.filter(model="subscription")):
        with transaction.atomic():
            rows = Subscription.objects.filter(pk__in=[ref.thing for ref in refs])
            kept = rows.filter(consent="").count()
            if kept:
                stays.append(_("%d subscribers have confirmed here since.") % kept)
            people = list(rows.exclude(consent="").values_list("person", flat=True))
            rows.exclude(consent="").delete()
            unknown = Person.objects.filter(trust=Person.Trust.UNKNOWN, account=None, browser=None, subscriptions=None)
            unknown.filter(pk__in=people, comments=None).delete()
            ImportRef.objects.filter(pk__in=[ref.pk for ref in refs]).delete()
    for refs in parts(run.refs.filter(model="stop")):
        with transaction.atomic():
            StoppedAddress.objects.filter(pk__in=[ref.thing for ref in refs]).delete()
            ImportRef.objects.filter(pk__in=[ref.pk for ref in refs]).delete()
