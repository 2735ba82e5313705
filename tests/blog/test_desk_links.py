"""Finding one's own posts to link to them."""

import pytest


def found(client, words=""):
    answer = client.get("/desk/links/", {"q": words}, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    return [link["title"] for link in answer.json()["links"]]


@pytest.mark.db
def test_titles_come_first_then_texts_and_without_words_the_newest(as_, ada, make_post, on):
    make_post("Bread", "Flour and fog.", at=on(2026, 1, 1))
    make_post("Fog on the bridge", "Grey.", at=on(2026, 1, 2))
    make_post("Rain", "Wet.", at=on(2026, 1, 3))
    assert found(as_(ada), "fog") == ["Fog on the bridge", "Bread"]
    assert found(as_(ada)) == ["Rain", "Fog on the bridge", "Bread"]
    assert found(as_(ada), "snow") == []


def test_words_in_the_titles_of_old_posts_are_found_by_the_search(as_, ada, make_post, monkeypatch):
    monkeypatch.setattr("blog.desk.link_search.TITLES", 1)
    make_post("The foghorn")
    make_post("Rain")
    assert found(as_(ada), "foghorn") == ["The foghorn"]
    assert found(as_(ada), "ghor") == []  # any part of a word: in new titles alone
    make_post("Longhorns")
    assert found(as_(ada), "ghor") == ["Longhorns"]


def test_a_link_leads_to_the_permalink_and_cannot_break_out_of_its_words(as_, ada, make_post):
    post = make_post("A [bridge] in fog")
    (link,) = as_(ada).get("/desk/links/", headers={"Accept": "application/json"}).json()["links"]
    assert link["markdown"] == f"[A (bridge) in fog]({post.get_absolute_url()})"


def test_it_is_a_page_without_scripts(as_, ada, make_post):
    post = make_post("Fog")
    assert f"[Fog]({post.get_absolute_url()})" in as_(ada).get("/desk/links/?q=fog").content.decode()


def test_what_one_may_not_read_is_not_found(as_, cora, rene, make_post):
    make_post("Secret fog", visibility="private")
    assert found(as_(cora), "fog") == []
    assert as_(rene).get("/desk/links/").status_code == 403


def test_queries_do_not_grow_with_what_is_found(as_, ada, make_post, django_assert_max_num_queries):
    for number in range(15):
        make_post(f"Number {number}", "fog")
    client = as_(ada)
    found(client, "fog")
    with django_assert_max_num_queries(10):
        assert len(found(client, "fog")) == 12
