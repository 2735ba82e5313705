"""What is being typed lies on the server before anybody saves it, and is offered again: also without a script."""

import json

import pytest
from django.test import Client

from blog.models import Autosave, Post

ONE, OTHER = "1" * 32, "2" * 32  # two tabs
MARK = "a" * 32


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


@pytest.fixture
def type_in(desk, ada):
    """type_in("words", post=post, tab=ONE, count=7): the write page's script after its pause; its answer."""

    def send(source, *, post=None, tab=ONE, count=1, client=desk, who=ada, **typed):
        address = f"/desk/posts/{post.pk}/autosave/" if post else "/desk/write/autosave/"
        mark = {} if post else {"mark": MARK}
        facts = {"title": "", "excerpt": "", "source": source, "tab": tab, "count": count, "who": who.pk}
        return client.post(address, mark | facts | typed)

    return send


def fields(**typed):
    return {"title": "", "source": "", "excerpt": "", "visibility": "public", "action": "save"} | typed


@pytest.mark.db
def test_what_is_typed_lies_beside_the_post_and_changes_nothing(desk, ada, make_post, type_in):
    post = make_post(source="Before.")
    answer = type_in("Before, and aft", post=post, count=12, title="T", base_revision=post.newest_revision.pk)
    assert answer.status_code == 200
    assert (answer.json()["revision"], answer.json()["is_stale"]) == (12, False)
    assert Post.objects.get().source == "Before."
    row = Autosave.objects.get()
    assert (row.post, row.by, row.title, row.source) == (post, ada, "T", "Before, and aft")
    page = desk.get(f"/desk/posts/{post.pk}/").content.decode()
    assert "You have unsaved text from" in page
    assert "Before, and aft</textarea>" in page


def test_a_later_key_replaces_an_earlier_one_and_a_late_one_does_not(make_post, type_in):
    post = make_post()
    type_in("one two", post=post, count=7)
    type_in("one two three", post=post, count=13)
    assert type_in("one", post=post, count=3).json()["revision"] == 3
    assert Autosave.objects.get().source == "one two three"


@pytest.mark.db
def test_a_text_that_is_taken_up_stands_in_the_form_with_all_its_fields(desk, make_post, type_in):
    post = make_post(tags=["old"])
    opened = post.newest_revision.pk
    type_in("Half a", post=post, title="Tit", excerpt="Ex", tag_names="new, tags", sticky="on", base_revision=opened)
    form = desk.get(f"/desk/posts/{post.pk}/?use=autosave").context["form"]
    assert {name: form[name].value() for name in ("title", "source", "excerpt", "tag_names", "sticky")} == {
        "title": "Tit", "source": "Half a", "excerpt": "Ex", "tag_names": "new, tags", "sticky": True,
    }  # fmt: skip
    assert form["base_revision"].value() == opened
    assert desk.get(f"/desk/posts/{post.pk}/").context["form"]["source"].value() == "Ten miles before breakfast."


@pytest.mark.db
def test_unsaved_new_posts_are_listed_and_go_on_as_themselves(desk, type_in):
    for number, mark in enumerate("abcde"):
        type_in(f"Text {number}", mark=mark * 32, title=f"Title {number}", tab=str(number) * 32)
    page = desk.get("/desk/write/").content.decode()
    for number in range(5):
        assert f"Unsaved: “<bdi>Title {number}</bdi>”" in page
        assert f"Text {number}</textarea>" in page
    taken = desk.get("/desk/write/", {"mark": "c" * 32})
    assert taken.context["form"]["source"].value() == "Text 2"
    assert taken.context["form"]["mark"].value() == "c" * 32
    assert "Unsaved: “<bdi>Title 2</bdi>”" not in taken.content.decode()
    assert not Post.objects.exists()


def test_a_page_goes_on_as_a_page(desk, ada):
    facts = {"title": "About", "source": "Me", "excerpt": "", "tab": ONE, "count": 1, "who": ada.pk, "mark": MARK}
    desk.post("/desk/write/autosave/?kind=page", facts)
    assert f'href="/desk/write/?mark={MARK}&amp;kind=page"' in desk.get("/desk/write/").content.decode()


def test_a_text_waiting_elsewhere_is_named_on_the_write_page(desk, make_post, type_in):
    type_in("Half", post=make_post("A long run"))
    page = desk.get("/desk/write/").content.decode()
    assert "Unsaved in “<bdi>A long run</bdi>”" in page
    assert "?use=autosave" in page


@pytest.mark.db
def test_a_save_ends_the_matter_and_keys_that_come_late_are_not_offered(desk, ada, type_in):
    type_in("Ten mil", count=7)
    answer = desk.post("/desk/write/", fields(source="Ten miles.", author=ada.pk, mark=MARK, tab=ONE, count=10))
    post = Post.objects.get()
    assert not Autosave.objects.waiting().exists()
    type_in("Ten miles", count=9)
    assert not Autosave.objects.waiting().exists()
    assert not desk.get(answer["Location"]).context["offered"]
    type_in("Ten miles. More", count=15)  # back in the old tab, which does not know yet that it is a post now
    assert Autosave.objects.waiting().get().post == post
    assert desk.get("/desk/write/", {"mark": MARK})["Location"] == f"/desk/posts/{post.pk}/"


def test_a_form_that_is_wrong_keeps_its_text_on_the_server(desk, ada, type_in):
    type_in("Ten mil", count=7)
    typed = fields(source="Ten miles.", author=ada.pk, mark=MARK, tab=ONE, count=10, publish_at="late")
    answer = desk.post("/desk/write/", typed)
    assert answer.status_code == 422
    assert not answer.context["offered"]
    assert answer.context["seen"] == f"{ONE}:10"
    assert "data-dirty" in answer.content.decode()
    assert Autosave.objects.waiting().exists()


@pytest.mark.db
def test_what_another_tab_typed_is_set_aside_and_not_overwritten(make_post, type_in):
    post = make_post()
    type_in("From the first tab", post=post, tab=ONE)
    type_in("From the second", post=post, tab=OTHER)
    assert Autosave.objects.get().source == "From the second"
    assert post.revisions.filter(kind="refused").get().source == "From the first tab"


@pytest.mark.db
def test_two_tabs_on_one_new_form_keep_both_texts(type_in):
    type_in("From the first tab", tab=ONE)
    type_in("From the second", tab=OTHER)
    assert set(Autosave.objects.waiting().values_list("source", flat=True)) == {"From the first tab", "From the second"}


def test_who_took_a_text_over_leaves_no_copy_of_it(make_post, type_in):
    post = make_post()
    type_in("Half a", post=post, tab=ONE, count=6)
    type_in("Half a text", post=post, tab=OTHER, count=5, seen=f"{ONE}:6")
    assert not post.revisions.filter(kind="refused").exists()
    type_in("Mine", post=post, tab="3" * 32, count=1, seen=f"{OTHER}:4")  # one key more was pressed there
    assert post.revisions.filter(kind="refused").get().source == "Half a text"


def test_a_save_in_one_tab_leaves_what_another_one_typed(desk, ada, make_post, type_in):
    post = make_post()
    type_in("From the other tab", post=post, tab=OTHER)
    typed = fields(source="Saved here", author=ada.pk, base_revision=post.newest_revision.pk, tab=ONE, count=9)
    desk.post(f"/desk/posts/{post.pk}/", typed | {"status": "published", "action": "update"})
    assert Post.objects.get().source == "Saved here"
    assert Autosave.objects.waiting().get().source == "From the other tab"


def test_a_form_of_two_tabs_that_became_a_post_keeps_the_other_text_as_a_revision(desk, ada, type_in):
    type_in("From the other tab", tab=OTHER)
    desk.post("/desk/write/", fields(source="Saved here", author=ada.pk, mark=MARK, tab=ONE, count=9))
    assert not Autosave.objects.waiting().exists()
    assert Post.objects.get().revisions.filter(kind="refused").get().source == "From the other tab"


def test_what_was_undone_by_hand_is_not_offered(make_post, type_in):
    post = make_post()
    type_in("x", post=post, count=1)
    assert type_in("", post=post, count=2, same="1").json()["revision"] == 2
    assert not Autosave.objects.waiting().exists()
    type_in("from elsewhere", post=post, tab=OTHER)
    type_in("", post=post, count=4, same="1")
    assert Autosave.objects.waiting().get().source == "from elsewhere"


def test_a_newer_text_is_told_while_one_types(ada, make_post, type_in):
    post = make_post()
    opened = post.newest_revision.pk
    post.revise(ada, source="Saved elsewhere.")
    assert type_in("Mine", post=post, base_revision=opened).json()["is_stale"] is True


def test_a_conflict_is_not_offered_a_second_time(desk, ada, make_post, type_in):
    post = make_post()
    opened = post.newest_revision.pk
    post.revise(ada, source="Saved elsewhere.")
    type_in("Mine", post=post, base_revision=opened, count=4)
    typed = fields(source="Mine", author=ada.pk, base_revision=opened, tab=ONE, count=4, status="published")
    assert desk.post(f"/desk/posts/{post.pk}/", typed).status_code == 409
    assert not desk.get(f"/desk/posts/{post.pk}/").context["offered"]
    assert post.revisions.filter(kind="refused").get().source == "Mine"


def test_without_a_script_the_offered_text_is_saved_and_done(desk, ada, make_post, type_in):
    post = make_post()
    type_in("Half a text", post=post, base_revision=post.newest_revision.pk)
    page = desk.get(f"/desk/posts/{post.pk}/?use=autosave")
    seen = page.context["seen"]
    assert f'name="seen" value="{seen}"' in page.content.decode()
    typed = fields(
        source="Half a text and a bit", author=ada.pk, base_revision=page.context["form"]["base_revision"].value()
    )
    desk.post(f"/desk/posts/{post.pk}/", typed | {"seen": seen, "status": "published", "action": "update"})
    assert Post.objects.get().source == "Half a text and a bit"
    assert not Autosave.objects.waiting().exists()


def test_thrown_away_is_only_what_was_seen(desk, make_post, type_in):
    post = make_post()
    type_in("Half", post=post, count=4)
    row = Autosave.objects.get()
    type_in("Half a", post=post, count=6)
    address = f"/desk/write/autosaves/{row.pk}/discard/"
    assert desk.post(address, {"seen": f"{ONE}:4"})["Location"] == f"/desk/posts/{post.pk}/"
    assert Autosave.objects.exists()
    desk.post(address, {"seen": f"{ONE}:6"})
    assert not Autosave.objects.exists()


def test_no_password_is_kept(make_post, type_in):
    type_in("x", post=make_post(), password="geheim", csrfmiddlewaretoken="t" * 64, tag_names="run")
    assert Autosave.objects.get().fields == {"tag_names": ["run"]}


@pytest.mark.db
def test_text_that_a_database_refuses_is_kept_without_its_nul(make_post, type_in):
    type_in("a\0b\r\nc", post=make_post(), tag_names="a\0b")
    row = Autosave.objects.get()
    assert (row.source, row.fields) == ("ab\nc", {"tag_names": ["ab"]})


# Who may


def test_a_guest_is_told_and_nothing_is_kept(blog, ada, make_post, type_in, client):
    post = make_post()
    assert type_in("x", post=post, client=client).status_code == 403
    assert client.get("/desk/write/token/").json()["who"] == ""
    assert not Autosave.objects.exists()


def test_after_a_login_beside_the_text_a_fresh_token_lets_the_save_go_on(ada):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    facts = {"title": "", "source": "x", "excerpt": "", "tab": ONE, "count": 1, "who": ada.pk, "mark": MARK}
    assert browser.post("/desk/write/autosave/", facts, headers={"X-CSRFToken": "x" * 64}).status_code == 403
    told = browser.get("/desk/write/token/")
    assert "no-store" in told["Cache-Control"]
    assert json.loads(told.content)["who"] == str(ada.pk)
    answer = browser.post("/desk/write/autosave/", facts, headers={"X-CSRFToken": told.json()["token"]})
    assert answer.status_code == 200


def test_somebody_elses_login_saves_nothing_of_mine(as_, ed, make_post, type_in, ada):
    answer = type_in("Ada's", post=make_post(), client=as_(ed), who=ada)
    assert answer.status_code == 409
    assert not Autosave.objects.exists()


def test_each_person_has_an_own_row_and_sees_no_other(as_, ed, make_post, type_in):
    post = make_post()
    type_in("Ada's words", post=post)
    type_in("Ed's words", post=post, client=as_(ed), who=ed, tab=OTHER)
    assert Autosave.objects.count() == 2
    page = as_(ed).get(f"/desk/posts/{post.pk}/").content.decode()
    assert "Ed&#x27;s words" in page
    assert "Ada&#x27;s words" not in page
    row = Autosave.objects.get(by=ed)
    assert as_(None).post(f"/desk/write/autosaves/{row.pk}/discard/").status_code == 403
    assert type_in("x", client=as_(ed), who=ed).status_code == 200
    mine = Autosave.objects.exclude(by=ed).get()
    assert as_(ed).post(f"/desk/write/autosaves/{mine.pk}/discard/").status_code == 404


def test_a_post_that_is_not_theirs_takes_no_autosave(as_, arthur, rene, make_post, type_in):
    post = make_post()
    assert type_in("x", post=post, client=as_(arthur), who=arthur).status_code == 404
    assert type_in("x", client=as_(rene), who=rene).status_code == 403
    assert not Autosave.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"tab": "x"}, 400),
        ({"tab": ""}, 400),
        ({"count": "-1"}, 400),
        ({"count": "9" * 30}, 400),
        ({"mark": "nonsense"}, 400),
        ({"source": "x" * 1_000_001}, 413),
        ({"slug": "x" * 100_001}, 413),
    ],
)
def test_nonsense_is_refused(type_in, wrong, status):
    assert type_in(**{"source": "x"} | wrong).status_code == status
    assert not Autosave.objects.exists()


def test_no_get_keeps_or_throws_away(desk, make_post, type_in):
    post = make_post()
    type_in("Half", post=post)
    row = Autosave.objects.get()
    assert desk.get(f"/desk/posts/{post.pk}/autosave/").status_code == 405
    assert desk.get(f"/desk/write/autosaves/{row.pk}/discard/").status_code == 405
    assert desk.get("/desk/write/token/").status_code == 200
    assert Autosave.objects.get() == row
