"""Several authors: boxes, archives, and an address that stays good."""

import pytest


@pytest.fixture
def arthurs(arthur, make_post):
    arthur.bio = "Runs at night."
    arthur.save()
    return make_post("By night", author=arthur)


def proven(as_, user):
    client = as_(user)
    client.post("/accounts/reauthenticate/", {"password": "a long and quiet run"})
    return client


def test_each_post_says_whose_it_is_and_leads_to_their_others(client, arthurs, make_post):
    make_post("By day")
    page = client.get(arthurs.path).content.decode()
    assert "Runs at night." in page and 'href="/author/arthur/"' in page
    listed = client.get("/author/arthur/").content.decode().partition("<aside")[0]
    assert "By night" in listed and "By day" not in listed


def test_an_authors_old_address_leads_to_the_new_one(as_, ada, arthur, arthurs, client):
    desk = proven(as_, ada)
    said = {"name": "Arthur", "handle": "king-arthur", "role": "author", "is_active": "on"}
    assert desk.post(f"/desk/people/{arthur.pk}/", said).status_code == 302
    answer = client.get("/author/arthur/")
    assert (answer.status_code, answer["Location"]) == (301, "/author/king-arthur/")
    assert "By night" in client.get("/author/king-arthur/").content.decode()


def test_a_helper_without_public_posts_has_no_page(client, arthur, make_post):
    make_post("Secret", author=arthur, draft=True)
    assert client.get("/author/arthur/").status_code == 404
