import re

import pytest
from django.test import Client

from comments.models import Comment, DiscussionSettings
from comments.threads import conversation

pytestmark = pytest.mark.db


def page_of(post, suffix="", client=None):
    response = (client or Client()).get(post.path + suffix)
    assert response.status_code == 200
    return response.content.decode()


def order_in(page):
    return [int(n) for n in re.findall(r'id="comment-(\d+)"', page)]


def shape(replies):
    said = [
        (None if reply.removed else re.sub("<.*?>", "", reply.html).strip(), shape(reply.children)) for reply in replies
    ]
    return [(text, children) if children else text for text, children in said]


def nested(post, user=None):
    from django.contrib.auth.models import AnonymousUser

    return shape(conversation(post, user or AnonymousUser()).replies)


def test_answers_stand_below_what_they_answer(post, make_comment):
    a = make_comment("a")
    b = make_comment("b")
    a1 = make_comment("a1", parent=a)
    make_comment("b1", parent=b)
    make_comment("a11", parent=a1)
    make_comment("a2", parent=a)
    post.refresh_from_db()
    assert nested(post) == [("a", [("a1", ["a11"]), "a2"]), ("b", ["b1"])]
    page = page_of(post)
    assert "6 Responses to “<bdi>A long run</bdi>”" in page
    assert page.count('aria-label="Comment by \u2068Ann\u2069, reply to \u2068Ann\u2069"') == 4


def test_below_the_deepest_level_answers_stand_side_by_side(post, make_comment):
    parent = None
    for n in range(8):
        parent = make_comment(str(n), parent=parent)
    make_comment("last", parent=parent)
    assert nested(post) == [("0", [("1", [("2", [("3", ["4", "5", "6", "7", "last"])])])])]


def test_an_answer_to_something_hidden_stays_readable_in_its_place(ada, post, make_comment):
    root = make_comment("root")
    middle = make_comment("middle", parent=root)
    make_comment("end", parent=middle)
    middle.trash(ada)
    assert nested(post) == [("root", [(None, ["end"])])]
    root.mark_spam(ada)
    assert nested(post) == [(None, [(None, ["end"])])]
    post.refresh_from_db()
    assert post.comment_count == 1


def test_a_chain_of_thousands_breaks_nothing(post, discussion):
    Comment.objects.bulk_create(Comment(post=post, text="x", html="<p>x</p>", state="approved") for _ in range(2000))
    chain = list(Comment.objects.order_by("pk"))
    for above, below in zip(chain, chain[1:], strict=False):
        below.parent_id, below.thread_id = above.pk, chain[0].pk
    Comment.objects.bulk_update(chain, ["parent_id", "thread_id"], batch_size=200)
    assert page_of(post).count('class="comment ') == 2000


def test_the_page_costs_the_same_for_one_and_for_fifty(post, make_comment, connection_queries):
    first = make_comment("first")
    few = connection_queries(lambda: Client().get(post.path))
    for n in range(49):
        make_comment(str(n), parent=first if n % 3 else None)
    many = connection_queries(lambda: Client().get(post.path))
    assert few == many <= 7


def test_many_threads_are_cut_into_pages_and_permalinks_find_theirs(post, discussion, make_comment):
    discussion.comments_per_page = 2
    discussion.save()
    roots = [make_comment(f"root {n}") for n in range(5)]
    answer = make_comment("late answer", parent=roots[0])
    assert order_in(page_of(post)) == [roots[0].pk, answer.pk, roots[1].pk]
    assert order_in(page_of(post, "comment-page-3/")) == [roots[4].pk]
    first = page_of(post)
    assert (
        "Newer Comments" in first and f"{post.path}comment-page-2/#comments" in first and "Older Comments" not in first
    )
    assert "6 Responses to" in page_of(post, "comment-page-2/")
    for comment, place in [(answer, ""), (roots[2], "comment-page-2/"), (roots[4], "comment-page-3/")]:
        response = Client().get(comment.get_absolute_url())
        assert response.status_code == 302
        assert response["Location"] == f"{post.path}{place}#comment-{comment.pk}"
    assert Client().get(f"{post.path}comment-page-4/").status_code == 404
    assert Client().get(f"{post.path}comment-page-0/").status_code == 404


def test_newest_first_is_the_owners_choice(post, discussion, make_comment):
    discussion.order, discussion.comments_per_page = DiscussionSettings.Order.NEWEST, 2
    discussion.save()
    roots = [make_comment(f"root {n}") for n in range(3)]
    assert order_in(page_of(post)) == [roots[2].pk, roots[1].pk]
    assert "Older Comments" in page_of(post)
    assert Client().get(roots[0].get_absolute_url())["Location"] == f"{post.path}comment-page-2/#comment-{roots[0].pk}"


def test_a_comment_posted_on_a_later_page_leads_to_that_page(guest, post, discussion, make_comment, say):
    discussion.comments_per_page = 1
    discussion.save()
    make_comment("first")
    response = say(guest, post, "second")
    assert response["Location"] == f"{post.path}comment-page-2/#comment-{Comment.objects.get(text='second').pk}"


def test_ones_own_that_wait_fill_a_page_as_well(guest, post, discussion, make_comment, say):
    discussion.comments_per_page, discussion.flood_seconds = 2, 0
    discussion.save()
    make_comment("first")
    places = [say(guest, post, text)["Location"].partition("#")[0] for text in ("second", "third", "fourth", "fifth")]
    later = f"{post.path}comment-page-{{}}/"
    assert places == [post.path, later.format(2), later.format(2), later.format(3)]
    assert {comment.state for comment in Comment.objects.exclude(text="first")} == {"pending"}


def test_the_permalink_of_what_one_may_not_see_is_a_404(make_post, post, make_comment):
    private = make_post("Private", visibility="private")
    hidden = [make_comment(state=state) for state in ("pending", "spam", "trash")] + [make_comment(on=private)]
    for comment in hidden:
        assert Client().get(comment.get_absolute_url()).status_code == 404


def test_the_reply_link_works_without_a_script(guest, post, make_comment, say):
    comment = make_comment("A question?", name="Bob")
    page = page_of(post)
    link = re.search(r'href="([^"]*replytocom=\d+#respond)"', page)[1]
    assert "Reply to <bdi>Bob</bdi>" in page and re.search(r"Leave a Reply\s*<", page)
    reply_page = page_of(post, link.removeprefix(post.path).partition("#")[0], guest)
    assert "Leave a Reply to <bdi>Bob</bdi>" in reply_page and f'name="parent" value="{comment.pk}"' in reply_page
    assert "noindex" in reply_page
    say(guest, post, "An answer.", parent=comment.pk)
    answer = Comment.objects.get(text="An answer.")
    assert (answer.parent, answer.thread) == (comment, comment)


def test_a_reply_page_for_a_comment_elsewhere_is_the_plain_form(make_post, post, make_comment):
    for number in [make_comment(on=make_post("Other")).pk, make_comment(state="pending").pk, "x", 2**70, "²"]:
        page = page_of(post, f"?replytocom={number}")
        assert "Leave a Reply to" not in page.partition("<form method")[0].partition('id="respond-title"')[2]
        assert 'name="parent" value=""' in page


@pytest.mark.parametrize("state", ["elsewhere", "pending", "spam", "trash"])
def test_what_is_not_here_cannot_be_answered(guest, make_post, post, make_comment, say, state):
    parent = make_comment(on=make_post("Other")) if state == "elsewhere" else make_comment(state=state)
    response = say(guest, post, "An answer.", parent=parent.pk)
    page = response.content.decode()
    assert response.status_code == 422 and "An answer." in page
    assert "no longer exists" in page and 'name="parent" value=""' in page
    assert not Comment.objects.filter(text="An answer.").exists()


def test_a_closed_post_offers_no_reply(post, make_comment):
    make_comment()
    post.comments_open = False
    post.save()
    page = page_of(post)
    assert "replytocom" not in page and "Comments are closed." in page and "Well said." in page


def test_a_guests_name_cannot_carry_the_authors_mark(ada, post, make_comment):
    make_comment(name="Ada")
    assert "comment__author" not in page_of(post)


def test_the_sidebar_names_the_newest_comments_of_open_posts(make_post, post, make_comment):
    make_comment(name="Open Olga")
    make_comment(name="Pending Paul", state="pending")
    make_comment(name="Secret Sam", on=make_post("Secret", password="plum"))
    page = Client().get("/").content.decode()
    assert "<bdi>Open Olga</bdi> on <bdi>A long run</bdi>" in page
    assert "Pending Paul" not in page and "Secret Sam" not in page


def test_the_owner_sees_how_many_wait_and_readers_do_not(ada, as_, post, make_comment):
    make_comment(state="pending")
    from django.template import Context, Template

    template = Template("{% load comments %}{% waiting_counts as waiting %}{{ waiting.comments }}")
    asked = Client().get(post.path).wsgi_request
    asked.user = ada
    assert template.render(Context({"request": asked})) == "1"
    asked.user = type(ada)()
    assert template.render(Context({"request": asked})) == ""


@pytest.mark.parametrize(("count", "words"), [(0, "Leave a comment"), (1, "1 Comment"), (12, "12 Comments")])
def test_the_count_is_said_as_wordpress_says_it(post, count, words):
    from django.template import Context, Template

    post.comment_count = count
    assert Template("{% load comments %}{% comment_count post %}").render(Context({"post": post})) == words
