"""An object of every kind for each role, on which tests/test_rights.py tries what tests/rights.py says."""

import secrets
from dataclasses import dataclass, field

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests import rights_forms, rights_people
from tests.matrix import drawn


@dataclass
class Things:
    """An object of every kind for each role, also for roles that may not create it: users may have had another role."""

    people: dict
    own: dict = field(default_factory=dict)  # (kind, role) → things
    common: dict = field(default_factory=dict)  # kind → thing

    def of(self, kind, role):
        """[(whose, thing)] for this role: the user's own, and those of the owner (for the owner: of the editor)."""
        if not kind:
            return [("", None)]
        if kind in self.common:
            some = self.common[kind]
            return [("", thing) for thing in (some if isinstance(some, list) else [some])]
        if kind == "account":
            return [("own" if person.role == role else "others'", person) for person in self.people.values()]
        other = "editor" if role == "owner" else "owner"
        own = self.own.get((kind, role), [])
        return [("own", thing) for thing in own] + [("others'", thing) for thing in self.own[kind, other]]


def build(people):
    from accounts.models import Invitation
    from blog.media import uploads
    from blog.models import (
        Autosave,
        BulkAction,
        Category,
        CssRevision,
        Media,
        MediaUse,
        NotFound,
        Post,
        Redirect,
        Series,
        Tag,
    )
    from comments.models import Comment, Message, Person
    from core.models import Email
    from transfer.models import ExportFile, ImportRef, ImportRun, MediaFile

    things, now = Things(people), timezone.now()
    shelf, tag = Category.objects.create(name="Shelf"), Tag.objects.create(name="Tagged")
    Tag.objects.create(name="Other")
    series = Series.objects.create(name="Serial")
    Series.objects.create(name="Other")
    for role, person in people.items():

        def write(title, at=None, person=person):
            post = Post(title=title, source="Words", author=person)
            post.save()
            if at:
                post.publish(at)
            post.keep_revision(person)
            return post

        draft, public, trashed, shown = write("Draft"), write("Public", now), write("Trashed"), write("Shown", now)
        trashed.trash()
        files = [uploads.store_upload(SimpleUploadedFile(f"{n}.png", drawn(), "image/png"), person) for n in range(3)]
        files[1].trash()
        Post.objects.filter(pk=shown.pk).update(author=people["owner" if role != "owner" else "editor"])
        MediaUse.objects.create(media=files[2], post=shown)
        bulk = BulkAction(action="trash", by=person)
        bulk.former = {}
        bulk.save()
        mine = {
            "draft": [draft, public],
            "trashed": [trashed],
            "revision": [draft.newest_revision],
            "file": [Media.objects.get(pk=files[0].pk), Media.objects.get(pk=files[2].pk)],
            "trashed_file": [Media.objects.get(pk=files[1].pk)],
            "bulk": [bulk],
            "autosave": [Autosave.objects.create(by=person, mark=secrets.token_hex(16), tab="a" * 32, count=1)],
        }
        page = Post.objects.create(kind="page", title="Page", source="Words", author=person)
        page.publish(now)
        page.keep_revision(person)
        mine |= {"page": [page]} | rights_people.belongings(person, role, public)
        for kind, some in mine.items():
            things.own[kind, role] = some
    public = things.own["draft", "owner"][1]
    person = Person.objects.create(browser="b" * 32)
    comment = Comment.objects.create(post=public, text="Said", name="Guest", email="guest@example.org", person=person)
    other = Comment.objects.create(post=public, text="Also said", name="Guest", state="approved")
    Redirect.keep("/old/", public, public=True)
    NotFound.objects.create(key="/missed", day=now.date(), host="")
    run = ImportRun.objects.create(source="export.xml", state=ImportRun.State.DONE, origin="old.example")
    MediaFile.objects.create(run=run, origin="old.example", url="https://old.example/a.png", foreign_id="1")
    kept = {"type": "thread", "title": "Before", "link": "/before/", "address": "/before", "comments": ["5"]}
    ImportRef.objects.create(run=run, origin="old.example", kind="other", foreign_id="9", digest="", kept=kept)
    things.common = {
        "category": shelf, "tag": tag, "series": series, "person": person, "comment": comment,
        "message": Message.objects.create(text="Said", name="Guest", email="guest@example.org", fingerprint="x"),
        "decision": Comment.objects.filter(pk=other.pk).mark_spam(people["owner"]),
        "logged email": Email.objects.create(to="x@example.org", subject="x", text="x", state="sent"),
        "oldpath": Redirect.objects.first(),
        "own css": CssRevision.objects.create(state="used", css="p { color: blue }"),
        "invitation": Invitation.objects.create(email="new@example.org", by=people["owner"]),
        "import": run,
        "export": ExportFile.objects.create(format="json", key="e" * 32, state="done"),
        "menu link": rights_forms.prepare(),
        "blog setting": list(rights_forms.blog_settings()),
        "look setting": list(rights_forms.look_settings()),
        "around setting": list(rights_forms.around_settings()),
        "discussion setting": list(rights_forms.discussion_settings()),
        "email setting": list(rights_forms.email_settings()),
    }  # fmt: skip
    return things
