"""Categories, tags and the terms of other taxonomies."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from blog.models import Category, Tag
from core.text import fold
from transfer.importing import digests
from transfer.importing.plan import listed_slug, slug_here
from transfer.importing.session import Session
from transfer.importing.texts import plain_text
from transfer.models import ImportRef
from transfer.models.import_run import Result
from transfer.records import Term, TermUse

KINDS = {"category": "categories", "post_tag": "tags", "tag": "tags"}
ELEMENTS = {"category": "categories", "tag": "tags", "term": "terms"}  # as what the receipt counts it
LONGEST_NAME = 200  # characters
LONGEST_ROUTE = 750  # characters, with room for another slug
MODELS: dict[str, type[Category] | type[Tag]] = {"categories": Category, "tags": Tag}


def store_terms(session: Session) -> None:
    """Create the terms that the head of the file lists, parents first; what stands here already is used."""
    listed = parents_first(session.plan.terms)
    known = {kind: session.known(kind, [term.slug for term in listed]) for kind in (*MODELS, "terms")}
    seen: set[tuple[str, str]] = set()
    for term in listed:
        kind = KINDS.get(term.taxonomy, "terms")
        again = (term.taxonomy, term.slug) in seen
        seen.add((term.taxonomy, term.slug))
        if again:
            reason = _("The file lists it twice.")
            session.add_line(ELEMENTS[term.element], term, Result.MERGED, reason, reference=term.slug, title=term.name)
        elif kind == "terms":
            keep(term, known[kind].get(f"{term.taxonomy}/{term.slug}"), session)
        else:
            store_term(term, kind, known[kind].get(term.slug[:300]), session)


def parents_first(terms: list[Term]) -> list[Term]:
    """The terms in an order in which every parent of the file comes before its children."""
    by_slug = {(term.taxonomy, term.slug): term for term in terms}
    done: dict[int, Term] = {}

    def add(term: Term, above: tuple[str, ...]) -> None:
        parent = by_slug.get((term.taxonomy, term.parent)) if term.parent else None
        if parent is not None and id(parent) not in done and term.parent not in above:
            add(parent, (*above, term.slug))
        done.setdefault(id(term), term)

    for term in terms:
        add(term, ())
    return list(done.values())


def keep(term: Term, ref: ImportRef | None, session: Session) -> None:
    """A term of a taxonomy that this blog does not have: its data stay with the import."""
    digest = digests.of_record(term)
    unchanged = ref is not None and ref.digest == digest
    if not unchanged:
        facts = {"taxonomy": term.taxonomy, "name": term.name, "parent": term.parent, "meta": term.meta}
        key = f"{term.taxonomy}/{term.slug}"
        session.remember("terms", key, digest=digest, kept=facts | {"description": term.description})
    reason = _("Terms of “%s” have no place here; its data are kept.") % term.taxonomy
    result = Result.UNCHANGED if unchanged else Result.SKIPPED
    session.add_line(ELEMENTS[term.element], term, result, reason, reference=term.slug, title=term.name)


def store_term(term: Term, kind: str, ref: ImportRef | None, session: Session) -> None:
    model = MODELS[kind]
    digest = digests.of_record(term)
    row = model.objects.filter(pk=ref.thing or 0).first() if ref else None
    result, reason = Result.UNCHANGED, ""
    if row is None:
        row, result, reason = find_or_create(term, model, session)
    elif ref and ref.digest != digest:
        if ref.stored == digests.of_term(row):
            result = Result.UPDATED
            write_term(row, term, session)
        else:
            result, reason = Result.SKIPPED, _("It was changed here since the last import.")
    if row is not None:
        mapping = session.categories if kind == "categories" else session.tags
        mapping[term.slug] = row.pk
        if result in (Result.BROUGHT, Result.UPDATED, Result.MERGED):
            session.remember(
                kind,
                term.slug,
                row,
                digest=digest,
                stored=digests.of_term(row),
                created=result == Result.BROUGHT or bool(ref and ref.created),
                kept={"meta": term.meta} if term.meta else {},
            )
    session.add_line(ELEMENTS[term.element], term, result, reason, reference=term.slug, title=term.name)


def find_or_create(
    term: Term, model: type[Category] | type[Tag], session: Session
) -> tuple[Category | Tag | None, Result, str]:
    """(row, result, reason): a term with the same name is used, unless it is another one of the file."""
    name = cut_name(session.line(term.name)) or cut_name(term.slug)
    there = model.objects.named(name) if fold(name) else None
    own = set((session.categories if model is Category else session.tags).values())
    if there is not None and there.pk not in own:
        return there, Result.MERGED, _("It was here before.")
    reason = ""
    if there is not None or not fold(name):
        name, reason = free_name(name, term, model), _("Another term has this name.") if there else ""
    if session.dry:
        return None, Result.BROUGHT, reason
    row = model(name=name)
    write_term(row, term, session)
    return row, Result.BROUGHT, reason


def free_name(name: str, term: Term, model: type[Category] | type[Tag]) -> str:
    """A name that no other term has: with the parent's, or with a number."""
    plain = name if fold(name) else term.slug or "term"
    ends = ["", *([f" ({term.parent[:60]})"] if term.parent else []), *(f" ({number})" for number in range(2, 1000))]
    tries = (f"{cut_name(plain, len(fold(end)) + 2)}{end}" for end in ends)
    return next(each for each in tries if fold(each) and model.objects.named(each) is None)


def cut_name(name: str, room: int = 0) -> str:
    """The name, cut so that it and its key have `room` for more."""
    name = name[: LONGEST_NAME - room]
    while len(fold(name)) > LONGEST_NAME - room:  # some letters become several
        name = name[:-1]
    return name.strip()


def write_term(row: Category | Tag, term: Term, session: Session) -> None:
    row.slug = slug_here(term.slug) or row.slug
    is_html = session.run.system == "wordpress"
    row.description = plain_text(term.description) if is_html else term.description
    if isinstance(row, Category):
        row.parent = Category.objects.filter(pk=session.categories.get(term.parent, 0)).first()
        if row.parent and len(row.parent.route) > LONGEST_ROUTE:
            row.parent = None
    row.save()


def term_ids(uses: Iterable[TermUse], taxonomy: str, session: Session) -> list[int]:
    """The primary keys of an item's categories or tags; those that the head does not list are created."""
    kind = KINDS[taxonomy]
    mapping = session.categories if kind == "categories" else session.tags
    found = []
    for use in uses:
        if KINDS.get(use.taxonomy) != kind or not (use.slug or use.name):
            continue
        slug = use.slug or slug_here(use.name)
        if slug not in mapping:
            slug = listed_slug(session.plan, use) or slug
        if slug not in mapping and not use.name:
            continue  # WordPress makes no term without a name
        if slug not in mapping and not session.dry:
            ref = session.known(kind, [slug]).get(slug[:300])
            row = MODELS[kind].objects.filter(pk=ref.thing or 0).first() if ref else None
            if row is None:
                term = Term(use.taxonomy, slug, use.name)
                row, result, _reason = find_or_create(term, MODELS[kind], session)
                session.remember(
                    kind, slug, row, digest="", stored=digests.of_term(row), created=result == Result.BROUGHT
                )
            if row is not None:
                mapping[slug] = row.pk
        if slug in mapping:
            found.append(mapping[slug])
    return list(dict.fromkeys(found))
