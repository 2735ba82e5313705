"""Authors of the file become people of this blog who may not log in until the owner lets them."""

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import roles
from accounts.models import User
from accounts.models.user import free_handle
from core.email_addresses import normalize_email
from transfer.importing import digests
from transfer.importing.session import Session
from transfer.models.import_run import Result
from transfer.records import Author


def store_authors(session: Session) -> None:
    """Map every author to a person: by the author map, by email address, the only author to the only owner."""
    authors = list(session.plan.authors.values())
    known = session.known("authors", [author.login for author in authors])
    owners = list(get_user_model().objects.owners()[:2])
    only = len(authors) == 1 and len(owners) == 1
    for author in authors:
        digest = digests.of_record(author)
        ref = known.get(author.login[:300])
        person, result, reason = None, Result.BROUGHT, ""
        if ref and (person := get_user_model().objects.filter(pk=ref.thing or 0).first()):
            result = Result.UNCHANGED
        elif person := mapped(author, session):
            result, reason = Result.MERGED, _("The author map names %s.") % person
        elif is_new(author, session):
            person = None if session.dry else create_author(author, session)
        elif person := get_user_model().objects.with_address(author.email).first():
            result, reason = Result.MERGED, _("%s has this email address here.") % person
        elif only:
            person = session.owner
            result, reason = Result.MERGED, _("The only author of the file is the owner of this blog.")
        elif not session.dry:
            person = create_author(author, session)
        if person is not None and result != Result.UNCHANGED:
            session.remember("authors", author.login, person, digest=digest, created=result == Result.BROUGHT)
        if person is not None:
            session.users[author.login] = person
            if author.number:
                session.users_by_number[author.number] = person
        session.add_line("authors", author, result, reason, reference=author.login, title=shown_name(author, session))
    for author in session.plan.repeated_authors:
        reason = _("The file lists them twice.")
        session.add_line(
            "authors", author, Result.MERGED, reason, reference=author.login, title=shown_name(author, session)
        )


def mapped(author: Author, session: Session) -> User | None:
    """Whom the author map names: by email address or handle, at the desk by primary key."""
    wanted = session.run.options.get("author_map", {}).get(author.login)
    if isinstance(wanted, int):
        return get_user_model().objects.filter(pk=wanted).first()
    return named(wanted) if wanted else None


def is_new(author: Author, session: Session) -> bool:
    """Whether the author map says that it is nobody who is here."""
    return session.run.options.get("author_map", {}).get(author.login, "") is None


def named(wanted: str) -> User | None:
    """The person here with this email address or handle."""
    people = get_user_model().objects
    return people.with_address(wanted).first() or people.filter(handle=wanted).first()


def shown_name(author: Author, session: Session) -> str:
    return session.line(author.name or f"{author.first_name} {author.last_name}".strip() or author.login)[:120]


def create_author(author: Author, session: Session) -> User:
    """A person who may write and may not log in."""
    email = normalize_email(author.email)
    is_taken = get_user_model().objects.with_address(email).exists()
    person = get_user_model()(
        email=None if is_taken else email or None,
        name=shown_name(author, session) or _("An author"),
        role=roles.AUTHOR,
        handle=free_handle(author.login or shown_name(author, session)),
        is_active=False,
    )
    person.set_unusable_password()
    person.save()
    return person


def same_login(login: str, session: Session) -> User | None:
    """The one person whose login differs in capital letters alone: WordPress's logins do not tell them apart."""
    found = {person.pk: person for known, person in session.users.items() if known.casefold() == login.casefold()}
    return next(iter(found.values())) if len(found) == 1 else None


def author_named(login: str, session: Session) -> User:
    """The person of a login that an item names. One that is not in the file's list of authors gets a person, too."""
    if not login:
        return session.owner
    if login not in session.users:
        ref = session.known("authors", [login]).get(login[:300])
        person = get_user_model().objects.filter(pk=ref.thing or 0).first() if ref else None
        person = person or mapped(Author(login), session) or same_login(login, session)
        is_only = not session.plan.authors and not session.users and not is_new(Author(login), session)
        if person is None and is_only:
            person = session.owner  # a file without authors: the first name is the owner's
        if person is None:
            with transaction.atomic():  # at once: an interrupted import would create them a second time
                created = not session.dry
                person = create_author(Author(login=login), session) if created else session.owner
                ref = session.remember("authors", login, person, digest="", created=created)
                session.refs.remove(ref)
                if created:
                    ref.save()
        elif ref is None and not session.dry:
            session.remember("authors", login, person, digest="", created=False)
        session.users[login] = person
    return session.users[login]
