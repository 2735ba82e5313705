"""My comments: seen, taken along, forgotten."""

import json

import pytest
from django.contrib.auth import get_user_model

from comments.models import Comment, Person
from core.models import Email
from tests.cast import PASSWORD

ME = "/accounts/me/"


@pytest.fixture
def reader(rene, as_):
    """Rene, who has just shown that it is him."""
    return proved(as_(rene))


def proved(client):
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


@pytest.fixture
def written(rene, make_comment):
    me = Person.objects.of_account(rene)
    return [
        make_comment("My approved words", person=me, name="Rene", email=rene.email),
        make_comment("My held words", person=me, state="pending"),
        make_comment("My odd words", person=me, state="spam"),
        make_comment("My trashed words", person=me, state="trash"),
    ]


def test_i_see_what_i_wrote_and_nobody_elses(reader, written, make_comment):
    make_comment("Somebody else's", name="Rene", email="rene@example.org")
    page = reader.get(ME).content.decode()
    assert "My approved words" in page and "My held words" in page and "My odd words" in page
    assert "Somebody else" not in page and "My trashed words" not in page
    assert page.count("awaiting moderation") == 2 and "spam" not in page.lower()


def test_i_take_all_of_it_along(reader, written, mona):
    written[0].revise(mona, text="My approved words, mended")
    answer = reader.get(f"{ME}comments.json")
    assert answer["Content-Type"] == "application/json" and "attachment" in answer["Content-Disposition"]
    told = json.loads(answer.content)
    assert told["email"] == "rene@example.org"
    assert [c["text"] for c in told["comments"]] == [
        "My approved words, mended", "My held words", "My odd words", "My trashed words"
    ]  # fmt: skip
    assert told["comments"][0]["former_texts"][0]["text"] == "My approved words"
    assert [c["state"] for c in told["comments"]] == ["approved", "pending", "pending", "trash"]
    assert "reasons" not in told["comments"][0]


@pytest.mark.parametrize("how", ["erase", "anonymise"])
def test_my_comments_are_forgotten_as_i_choose(reader, rene, written, how):
    other = Comment.objects.create(post=written[0].post, text="Other", state="approved", name="Ann")
    Email.objects.create(to="a@example.org", subject="x", text="My held words", kind="comment held",
                          key=f"comment {written[1].pk} held, to 1")  # fmt: skip
    assert reader.get(f"{ME}delete-data/").status_code == 200
    assert reader.post(f"{ME}delete-data/", {"how": how}).status_code == 302
    if how == "erase":
        assert list(Comment.objects.all()) == [other]
    else:
        assert set(Comment.objects.exclude(pk=other.pk).values_list("name", "email", "person")) == {("", "", None)}
        assert Comment.objects.filter(text="My approved words").exists()
    assert not Email.objects.exists()
    assert get_user_model().objects.filter(pk=rene.pk).exists()


def test_my_account_goes_too_if_i_say_so(reader, rene, written):
    answer = reader.post(f"{ME}delete-data/", {"how": "anonymise", "account": "on"})
    assert answer.status_code == 302
    assert not get_user_model().objects.filter(pk=rene.pk).exists()
    assert not Person.objects.exists() and Comment.objects.count() == 4
    assert reader.get(ME).status_code == 302, "logged out"


def test_who_wrote_posts_keeps_the_account(ada, as_, post, make_comment):
    make_comment("Mine", person=Person.objects.of_account(ada))
    proved(as_(ada)).post(f"{ME}delete-data/", {"how": "erase", "account": "on"})
    assert get_user_model().objects.filter(pk=ada.pk).exists()
    assert Comment.objects.exists(), "all or nothing"


def test_the_last_owner_stays(ada, as_, make_comment, post, arthur):
    post.author = arthur
    post.save()
    make_comment("Mine", person=Person.objects.of_account(ada))
    answer = proved(as_(ada)).post(f"{ME}delete-data/", {"how": "erase", "account": "on"}, follow=True)
    assert get_user_model().objects.filter(pk=ada.pk).exists() and Comment.objects.exists()
    assert "needs an owner" in answer.content.decode()


@pytest.mark.parametrize("sent", [{}, {"how": "explode"}, {"account": "on"}])
def test_nothing_is_forgotten_by_mistake(reader, rene, written, sent):
    reader.post(f"{ME}delete-data/", sent)
    assert Comment.objects.count() == 4 and get_user_model().objects.filter(pk=rene.pk).exists()


def test_being_forgotten_asks_for_a_fresh_login(rene, as_, written):
    stale = as_(rene)
    answer = stale.post(f"{ME}delete-data/", {"how": "erase"})
    assert answer.status_code == 302 and "reauthenticate" in answer["Location"]
    assert Comment.objects.count() == 4


@pytest.mark.parametrize("path", ["", "comments.json", "delete-data/"])
def test_guests_are_sent_to_log_in(client, discussion, path):
    answer = client.get(f"{ME}{path}")
    assert answer.status_code == 302 and "/accounts/login/" in answer["Location"]


def test_looking_forgets_nothing(reader, written):
    reader.get(f"{ME}delete-data/?how=erase"), reader.head(f"{ME}delete-data/")
    assert Comment.objects.count() == 4
