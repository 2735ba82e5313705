"""An offer of unsaved text appears where it says something that the server does not have, and nowhere else."""

import pytest

from blog.models import Autosave, Category, Media, Post

ONE, OTHER = "1" * 32, "2" * 32  # two tabs
MARK = "a" * 32

# A field: what was typed into it, what else stands in the form with it, and something that is not what was saved.
TYPED = {
    "title": ("The  tenth mile ", {}, "The ninth mile"),
    "source": ("Ten miles.\r\nAnd more.", {}, "Ten miles."),
    "excerpt": (" Short. ", {}, "Long."),
    "slug": ("The Tenth Mile", {}, "the-ninth-mile"),
    "language": ("de", {}, "fr"),
    "format": ("quote", {}, "note"),
    "link_url": ("https://example.org/", {"format": "link"}, "https://example.org/else"),
    "visibility": ("private", {}, "public"),
    "sticky": ("on", {}, None),
    "comments_open": (None, {}, "on"),
    "tag_names": ('running,  "Columbus, Ohio"', {}, "running, Columbus, Ohio"),
    "new_category": ("Fog and rain", {}, "Fog"),
    "publish_at": ("2020-01-02T10:30", {}, "2020-01-02T10:31"),
}


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


@pytest.fixture
def standing(ada):
    """What the write page sends of a post in which nothing was changed."""

    def of(post):
        facts = {"title": post.title, "source": post.source, "excerpt": "", "slug": post.slug, "author": str(ada.pk)}
        return facts | {"visibility": "public", "comments_open": "on", "format": "", "status": "published"}

    return of


def sent(fields, **facts):
    return {name: value for name, value in (fields | facts).items() if value is not None}


@pytest.mark.db
@pytest.mark.parametrize("field", TYPED)
def test_a_field_is_offered_until_it_is_saved(desk, ada, make_post, standing, field):
    post = make_post(publish_at="2020-03-03T10:30Z")
    typed, besides, other = TYPED[field]
    fields = standing(post) | besides | {field: typed}
    changed = " ".join([field, *besides])
    key = {"tab": ONE, "count": 7, "changed": changed, "base_revision": post.newest_revision.pk}
    address = f"/desk/posts/{post.pk}/"
    desk.post(f"{address}autosave/", sent(fields, **key, who=ada.pk))
    asked = sent(fields, place=f"post-{post.pk}", who=ada.pk, tab=OTHER, count=9, changed=changed)
    assert len(desk.get(address).context["offered"]) == 1
    assert desk.post("/desk/write/compare/", asked).json() == {"is_saved": False}

    answer = desk.post(address, sent(fields, **key | {"count": 6}, action="update"))
    assert answer.status_code == 302, answer.context["form"].errors
    # A key that came after the save: the form says nothing new.
    desk.post(f"{address}autosave/", sent(fields, **key | {"count": 9}, who=ada.pk))
    assert Autosave.objects.waiting().exists()
    assert not desk.get(address).context["offered"]
    assert not desk.get("/desk/write/").context["offered"]
    assert desk.post("/desk/write/compare/", asked).json() == {"is_saved": True}
    assert desk.post("/desk/write/compare/", {**asked, field: other or ""}).json() == {"is_saved": False}


@pytest.mark.parametrize("field", ["featured", "categories", "parent", "menu_order", "author", "status"])
def test_a_choice_is_offered_until_it_is_saved(desk, ada, ed, make_post, standing, field):
    page = field in ("parent", "menu_order")
    post = make_post(kind="page" if page else "post")
    picture = Media.objects.create(kind=Media.Kind.PICTURE, title="Fog", file_name="fog.png", format="png", by=ada)
    above = make_post("Above", kind="page")
    shelf = Category.objects.create(name="Fog")
    typed = {"featured": picture.pk, "categories": shelf.pk, "parent": above.pk, "menu_order": 4, "author": ed.pk}
    fields = standing(post) | {field: typed.get(field, "draft")}
    asked = sent(fields, place=f"post-{post.pk}", who=ada.pk, tab=OTHER, count=9, changed=field)
    assert desk.post("/desk/write/compare/", asked).json() == {"is_saved": False}
    answer = desk.post(
        f"/desk/posts/{post.pk}/",
        sent(fields, base_revision=post.newest_revision.pk, action="update", tab=ONE, count=1),
    )
    assert answer.status_code == 302, answer.context["form"].errors
    assert desk.post("/desk/write/compare/", asked).json() == {"is_saved": True}


def test_what_the_button_or_the_save_filled_in_is_no_difference(desk, ada):
    typed = {"title": "New", "source": "Text.", "slug": "", "publish_at": "", "status": "draft", "author": ada.pk}
    typed |= {"visibility": "public", "tag_names": "fog"}
    desk.post("/desk/write/", sent(typed, mark=MARK, tab=ONE, count=4, action="publish"))
    assert Post.objects.get().status == "published"
    asked = sent(typed, place=f"new-{MARK}", who=ada.pk, tab=OTHER, count=5)
    assert desk.post("/desk/write/compare/", asked | {"changed": "title source tag_names"}).json() == {"is_saved": True}
    assert desk.post("/desk/write/compare/", asked).json() == {"is_saved": True}  # what was changed is not known
    assert desk.post("/desk/write/compare/", asked | {"source": "Text!"}).json() == {"is_saved": False}


def test_a_field_that_the_writer_left_alone_is_not_theirs(desk, ada, make_post, standing):
    post = make_post()
    fields = standing(post)
    post.revise(ada, source="Somebody else's words.")
    asked = sent(fields, place=f"post-{post.pk}", who=ada.pk, tab=OTHER, count=9)
    assert desk.post("/desk/write/compare/", asked | {"changed": "minor"}).json() == {"is_saved": True}
    assert desk.post("/desk/write/compare/", asked | {"changed": "source"}).json() == {"is_saved": False}


@pytest.mark.parametrize(
    "wrong",
    [{"place": "post-x"}, {"place": "new-1"}, {"place": ""}, {"tab": "x"}, {"who": "0"}, {"place": "post-" + "9" * 18}],
)
def test_nonsense_is_never_called_stored(desk, ada, wrong):
    facts = {"place": f"new-{MARK}", "who": ada.pk, "tab": ONE, "count": 1, "source": "x", "changed": "source"}
    assert desk.post("/desk/write/compare/", facts).json() == {"is_saved": False}
    answer = desk.post("/desk/write/compare/", facts | wrong)
    assert answer.status_code == 400 or answer.json() == {"is_saved": False}
    assert desk.get("/desk/write/compare/").status_code == 405


def test_text_of_others_is_not_compared(as_, arthur, ada, make_post, standing):
    post = make_post()
    asked = sent(standing(post), place=f"post-{post.pk}", who=arthur.pk, tab=ONE, count=1, changed="source")
    assert as_(arthur).post("/desk/write/compare/", asked).json() == {"is_saved": False}
