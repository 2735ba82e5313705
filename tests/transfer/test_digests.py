"""An import knows what it has brought by a digest, which must stay the same in later versions."""

from dataclasses import replace
from datetime import datetime

from blog.models import Post
from transfer.importing import digests
from transfer.records import Comment, Item, TermUse

ITEM = Item(
    number=7,
    title="A “day”",
    date=datetime(2010, 9, 9, 12, 30),  # noqa: DTZ001  (records are naive)
    terms=[TermUse("category", "reisen", "Reisen")],
    meta=[("odd", "ä\\")],
    comments=[Comment(number=1, content="Yes")],
    line=12,
    file="export.xml",
)


def test_the_digests_of_a_data_folder_are_those_of_this_version():
    assert digests.of_record(ITEM) == "d78bdffe026b9874745f369cf0cbbd8ae0232dc34829331a3a4557122fc5e4f9"
    assert digests.of_record(ITEM.comments[0]) == "d19abc3e2075f5ead8a661eb4bd767d8a1384dd8226172ba2247528a73676a2d"


def test_the_place_in_the_file_and_the_comments_do_not_count():
    assert digests.of_record(replace(ITEM, line=1, file="other.xml", comments=[])) == digests.of_record(ITEM)


def test_a_post_whose_syntax_was_switched_here_counts_as_edited():
    post = Post(kind="post", title="A", source="==b==")
    digest = digests.of_post(post)
    assert digest == "68a1e1f8564bab071bcbd55263beda900d5fa03a3eae8d547e45306192cfd414", (
        "as an earlier version stored it"
    )
    post.extended_markdown = True
    assert digests.of_post(post) != digest


def test_everything_else_counts():
    for changed in ({"title": "A"}, {"terms": [TermUse("category", "reisen", "R")]}, {"date": None}, {"meta": []}):
        assert digests.of_record(replace(ITEM, **changed)) != digests.of_record(ITEM), changed
