"""The words of the buttons above a list stay whole on a phone."""

import pytest

from comments.models import Comment

# The words of the buttons that stand in more than one line.
BROKEN = """all => all.flatMap((button) => {
    const walker = document.createTreeWalker(button, NodeFilter.SHOW_TEXT), broken = [];
    for (const node of iterate(walker)) {
        for (const { index, 0: word } of node.data.matchAll(/\\S+/g)) {
            const range = document.createRange();
            range.setStart(node, index);
            range.setEnd(node, index + word.length);
            if (range.getClientRects().length > 1) broken.push(word);
        }
    }
    return broken;
    function* iterate(walker) { while (walker.nextNode()) yield walker.currentNode; }
})"""


@pytest.mark.browser
def test_no_word_of_a_button_is_broken(page, live_server, as_, ada, make_post):
    Comment.objects.create(post=make_post(), text="So do I.", name="Ann", state="approved")
    session = as_(ada).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{live_server.url}/desk/comments/approved/")
    buttons = page.locator(".bulk--stays .button")
    assert buttons.count() == 4
    assert buttons.evaluate_all(BROKEN) == []
