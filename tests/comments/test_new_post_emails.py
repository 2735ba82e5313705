"""New posts by mail: once, to whoever follows, and never what is not new or not for everybody."""

from datetime import timedelta
from html.parser import HTMLParser

import html5lib
import pytest
from django.core import mail as outbox
from django.test import Client
from django.utils import timezone

from blog import jobs as blog_jobs
from blog.models import Series
from comments.models import DiscussionSettings, PostAnnouncement, Subscription
from comments.notifications import new_posts
from core import cache_version, jobs, mail
from core.models import Email, Site
from tests.comments.readers import HOME, link_in, sent_to

pytestmark = pytest.mark.usefixtures("leaves", "discussion")
ANN = "ann@example.org"


@pytest.fixture
def new_post(make_post):
    """A post of this moment, which nobody was told of."""
    return lambda *words, **facts: make_post(*words, at=timezone.now() - timedelta(seconds=5), **facts)


def announce():
    blog_jobs.announce()
    jobs.run_ready()


def test_a_new_post_goes_to_whoever_follows_once(reader, new_post):
    reader(ANN)
    post = new_post("The first mile", "It is a **liar**.")
    announce(), announce()
    email = sent_to(ANN)[0]
    assert len(outbox.outbox) == Email.objects.count() == 1
    assert email.subject == "[Ada runs] The first mile" and email.kind == "new post"
    assert f"{HOME}{post.path}" in email.text and "It is a liar." in email.text
    assert email.headers["List-Unsubscribe"] == f"<{HOME}{link_in(email, 'stop')}>"
    assert email.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert email.headers["List-Id"] == "<posts.localhost>"
    # The same conversation as the comments on it, by what programs go by: references, and the subject without "Re:".
    assert email.headers["References"].startswith("<post.") and email.subject.startswith("[Ada runs] ")


def test_the_email_says_which_part_of_which_series_it_is(reader, new_post, make_post):
    reader(ANN)
    series = Series.objects.create(name="To the river & sea")
    make_post("Door", at=timezone.now() - timedelta(days=400), series=series)
    make_post("Sources", draft=True, series=series)
    new_post("Bridge", series=series)
    announce()
    email, address = sent_to(ANN)[0], f"{HOME}/series/to-the-river-sea/"
    assert f"Part 2 of 2 in the series To the river & sea:\n{address}\n\n" in email.text
    said = " ".join(email.html.split())
    assert f'Part 2 of 2 in the series <a class="l-link" href="{address}"' in said
    assert "<bdi>To the river &amp; sea</bdi></a>" in said


def test_the_email_about_a_post_without_a_series_names_none(reader, new_post):
    reader(ANN)
    new_post()
    announce()
    assert "series" not in sent_to(ANN)[0].text + sent_to(ANN)[0].html


@pytest.mark.parametrize(("how", "whole"), [("excerpt", False), ("full", True)])
def test_the_owner_says_how_much_of_it(reader, new_post, discussion, how, whole):
    discussion.posts_by_mail = how
    discussion.save()
    reader(ANN)
    new_post("Bridges", "\n\n".join([f"Paragraph {n} has some words about a bridge in fog." for n in range(40)]))
    announce()
    email = sent_to(ANN)[0]
    assert ("Paragraph 39" in email.text) == ("Paragraph 39" in email.html) == whole
    assert ("Continue reading" in email.html) != whole


def test_the_owner_may_send_none(reader, new_post, discussion):
    discussion.posts_by_mail = DiscussionSettings.Posts.OFF
    discussion.save()
    reader(ANN)
    new_post()
    announce()
    discussion.posts_by_mail = DiscussionSettings.Posts.FULL
    discussion.save()
    announce()
    assert not Email.objects.exists()


def test_what_is_not_new_is_not_sent(reader, make_post, new_post, ada):
    reader(ANN)
    make_post("Of last year", at=timezone.now() - timedelta(days=400))
    imported = make_post("Imported", draft=True)
    imported.publish(timezone.now(), announced=True)
    restored = new_post("Restored")
    restored.trash()
    restored.restore()
    updated = new_post("Updated")
    announce()
    updated.revise(ada, source="Other words")
    announce()
    assert [email.subject for email in Email.objects.all()] == ["[Ada runs] Updated"]


@pytest.mark.parametrize("kind", ["draft", "scheduled", "private", "password", "page", "trashed"])
def test_what_is_not_for_everybody_is_sent_to_nobody(reader, make_post, new_post, kind):
    reader(ANN)
    if kind == "trashed":
        new_post().trash()
    elif kind == "scheduled":
        make_post(at=timezone.now() + timedelta(days=1))
    elif kind == "password":
        new_post(password="finish line")
    elif kind == "draft":
        make_post(draft=True)
    else:
        new_post(**({"visibility": "private"} if kind == "private" else {"kind": "page"}))
    announce()
    assert not Email.objects.exists()


def test_a_scheduled_post_is_sent_when_its_moment_has_come(reader, make_post):
    reader(ANN)
    post = make_post("Tomorrow", at=timezone.now() + timedelta(hours=1))
    announce()
    assert not Email.objects.exists()
    type(post).objects.update(publish_at=timezone.now() - timedelta(seconds=1))
    announce()
    assert len(outbox.outbox) == 1


@pytest.mark.parametrize("change", ["post", "stop", "between"])
def test_it_is_asked_once_more_before_an_email_leaves(reader, new_post, change):
    follows, post = reader(ANN), new_post()
    if change == "between":
        blog_jobs.announce()
        post.trash()
        jobs.run_ready()
    else:
        blog_jobs.announce()
        new_posts.queue_announcement(PostAnnouncement.objects.get())
        assert Email.objects.count() == 1
        post.trash() if change == "post" else follows.delete()
        mail.deliver_waiting()
    assert not outbox.outbox and not Email.objects.exists()


def test_nobody_unconfirmed_gets_a_post(new_post):
    Subscription.objects.create(address=ANN, what="posts")
    new_post()
    announce()
    assert not Email.objects.exists()


@pytest.mark.db
def test_killed_between_two_parts_it_goes_on_and_nobody_gets_two(reader, new_post, monkeypatch):
    for n in range(25):
        reader(f"r{n}@example.org")
    monkeypatch.setattr(new_posts, "BATCH", 10)
    new_post()
    blog_jobs.announce()
    whole, calls = new_posts.mail.queue_all, []

    def dies_in_the_third(emails, **facts):
        calls.append(emails)
        whole(emails, **facts)
        if len(calls) == 3:
            raise MemoryError  # after the rows, before the commit

    monkeypatch.setattr(new_posts.mail, "queue_all", dies_in_the_third)
    with pytest.raises(MemoryError):
        new_posts.queue_post_emails.call()
    assert (Email.objects.count(), PostAnnouncement.objects.unsent().count()) == (20, 1)
    PostAnnouncement.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    new_posts.queue_missed_emails()
    assert sorted(Email.objects.values_list("to", flat=True)) == sorted(f"r{n}@example.org" for n in range(25))
    jobs.run_ready()
    assert len(outbox.outbox) == 25


@pytest.mark.db
def test_thousands_are_written_in_a_few_statements_each_part(reader, new_post, settled, django_assert_max_num_queries):
    people = [reader(f"r{n}@example.org") for n in range(3)]
    Subscription.objects.bulk_create(
        Subscription(address=f"x{n}@example.org", what="posts", person=people[0].person, confirmed_at=timezone.now())
        for n in range(400)
    )
    new_post()
    blog_jobs.announce()
    settled()
    with django_assert_max_num_queries(60):
        new_posts.queue_post_emails.call()
    assert not PostAnnouncement.objects.unsent().exists()


def test_the_email_survives_mail_programs(reader, new_post, settings):
    settings.LONGRUN_URL = "https://blog.example"
    DiscussionSettings.objects.update(posts_by_mail="full")
    reader(ANN)
    new_post(
        "Bridges & fog", "A [page](/about/).\n\n![Fog](/media/x.jpg)\n\n<script>alert(1)</script>\n\n```\ncode\n```"
    )
    announce()
    html = sent_to(ANN)[0].html
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    parser.parse(html)
    assert not parser.errors
    found = Addresses(html)
    assert found.addresses and all(address.startswith("https://") for address in found.addresses)
    assert not {"script", "link", "form", "iframe", "object", "svg", "picture", "source"} & found.tags
    assert "prefers-color-scheme: dark" in html and 'name="color-scheme" content="light dark"' in html
    assert "<title>Bridges &amp; fog</title>" in html
    assert found.pictures == ["https://blog.example/media/x.jpg"], "no pixel that counts readers"


class Addresses(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.addresses, self.pictures, self.tags = [], [], set()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        found = dict(attributes)
        self.pictures += [found["src"]] if tag == "img" else []
        self.addresses += [found[name] for name in ("href", "src") if name in found]


def test_one_press_in_the_mail_program_ends_it(reader, new_post):
    """RFC 8058: a POST without cookie, origin or token; a GET only shows a button."""
    reader(ANN), reader("rene@example.org")
    new_post()
    announce()
    link = link_in(sent_to(ANN)[0], "stop")
    program = Client(enforce_csrf_checks=True)
    for _ in range(2):
        page = program.get(link)
        assert page.status_code == program.head(link).status_code == 200 and "Unsubscribe" in page.content.decode()
    assert Subscription.objects.count() == 2
    assert program.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert [each.address for each in Subscription.objects.all()] == ["rene@example.org"]
    assert program.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200, "as often as it likes"
    assert "Unsubscribed" in program.get(link).content.decode()
    assert program.post(link[:-3] + "xx/", {"List-Unsubscribe": "One-Click"}).status_code == 404


def test_a_hostile_title_reaches_no_header(reader, new_post):
    reader(ANN)
    post = new_post("A title")
    type(post).objects.update(title="A title\r\nBcc: all@example.org\x0bX: y")
    announce()
    assert len(outbox.outbox) == 1 and "\n" not in outbox.outbox[0].subject
    assert outbox.outbox[0].message()["Bcc"] is None


@pytest.mark.parametrize(
    "odd", ["[k](//[x]y/z)", '<img src="//[x]y/a.png" alt="">', '<video src="//[x]/a.mp4"></video>']
)
def test_an_address_that_leads_nowhere_holds_up_no_email(reader, make_post, discussion, odd):
    discussion.posts_by_mail = "full"
    discussion.save()
    reader(ANN)
    make_post("Odd", f"Before. {odd} Behind.", at=timezone.now() - timedelta(seconds=9))
    blog_jobs.announce()
    jobs.run_ready()
    (email,) = sent_to(ANN)
    assert "Before." in email.html and "Behind." in email.html and "//[" not in email.html


def test_a_post_that_makes_no_email_holds_up_no_other(reader, make_post, monkeypatch, caplog):
    reader(ANN)
    bad = make_post("Bad", at=timezone.now() - timedelta(seconds=9))
    make_post("Good", at=timezone.now() - timedelta(seconds=5))
    made = new_posts.PostEmails

    def emails_of(post, how):
        if post == bad:
            raise ValueError("no email can be made of it")
        return made(post, how)

    monkeypatch.setattr(new_posts, "PostEmails", emails_of)
    blog_jobs.announce()
    jobs.run_ready()
    assert [email.subject for email in sent_to(ANN)] == ["[Ada runs] Good"]
    assert PostAnnouncement.objects.unsent().get().post == bad and "no email can be made of it" in caplog.text
    monkeypatch.setattr(new_posts, "PostEmails", made)
    new_posts.queue_post_emails.call()
    assert [email.subject for email in sent_to(ANN)] == ["[Ada runs] Good", "[Ada runs] Bad"]


def test_in_a_right_to_left_blog_our_own_sentence_keeps_its_direction(reader, new_post):
    Site.objects.update(language="ar", title="مدونة")
    cache_version.invalidate(cache_version.EVERYTHING)
    reader(ANN)
    new_post("الميل الأول", "هذه فقرة.")
    announce()
    html = html5lib.parse(sent_to(ANN)[0].html, namespaceHTMLElements=False)
    # Many mail programs drop <html> with its attributes: the outermost table says the direction as well.
    assert html.get("dir") == html.find("body/table").get("dir") == "rtl"
    sentence = next(each for each in html.iter("span") if "".join(each.itertext()).startswith("You get this email"))
    assert sentence.get("dir") == "ltr" and sentence.find("bdi").text == "مدونة"
