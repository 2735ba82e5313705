"""Links, quotes and notes, each in its own voice: on pages, in lists, in feeds."""

import json

import feedparser


def test_a_link_leads_out_and_its_permalink_stays(client, make_post):
    post = make_post("On shoes", "Worth it.", format="link", link_url="https://example.org/shoes")
    here = f"http://localhost:8000{post.get_absolute_url()}"
    (entry,) = json.loads(client.get("/feed/json/").content)["items"]
    assert (entry["url"], entry["external_url"]) == (here, "https://example.org/shoes")
    (item,) = feedparser.parse(client.get("/feed/").content).entries
    assert item.link == "https://example.org/shoes"
    listed = client.get("/").content.decode()
    assert 'href="https://example.org/shoes"' in listed
    assert f'href="{post.get_absolute_url()}"' in listed


def test_a_note_has_no_title_anywhere(client, make_post):
    make_post("", "Rain again.", format="note")
    (entry,) = json.loads(client.get("/feed/json/").content)["items"]
    assert "title" not in entry
    assert "external_url" not in entry
    assert b"<title></title>" not in client.get("/feed/").content
    (item,) = feedparser.parse(client.get("/feed/").content).entries
    assert not item.get("title")
    assert "Rain again." in item.description
    listed = client.get("/").content.decode()
    assert "entry--note" in listed
    assert "entry__title" not in listed


def test_a_quote_is_shown_as_one(client, make_post):
    post = make_post("On patience", "> It is a long run.", format="quote")
    assert "entry--quote" in client.get("/").content.decode()
    assert "entry--quote" in client.get(post.get_absolute_url()).content.decode()
