"""A blog in Hebrew, whose interface is English: each line is read in its own direction."""

import pytest

from core.models import Site

SHEET = "/static/interface-direction.css"

# Where the words of an element begin, and where its line ends: [left of the first word, left of the last word,
# the gap at the right of the element].
WORDS = """element => {
    const places = [], walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        for (const word of walker.currentNode.data.matchAll(/\\S+/g)) {
            const range = document.createRange();
            range.setStart(walker.currentNode, word.index);
            range.setEnd(walker.currentNode, word.index + word[0].length);
            places.push(range.getBoundingClientRect());
        }
    }
    return { first: places[0].left, last: places.at(-1).left,
        gap: element.getBoundingClientRect().right - Math.max(...places.map(place => place.right)) };
}"""


@pytest.fixture
def post(blog, ada, make_post):
    Site.objects.update(language="he")
    ada.bio = "רצה בבוקר"
    ada.save()
    return make_post("הגשר", "ערפל על הנהר.", tags=["ריצה"])


@pytest.mark.parametrize("language, loaded", [("he", True), ("ar", True), ("en", False), ("de", False), ("ja", False)])
def test_only_a_blog_with_two_directions_loads_the_sheet(client, make_post, language, loaded):
    Site.objects.update(language=language)
    assert (SHEET in client.get(make_post().path).content.decode()) is loaded


@pytest.mark.browser
def test_an_english_line_reads_from_the_left_and_stands_at_the_right(page, live_server, post):
    page.goto(live_server.url + post.path)
    for line in ("#about-author", ".entry__when", ".entry__foot", "#reply-title, .respond h2, .respond h3"):
        words = page.locator(line).first.evaluate(WORDS)
        assert words["first"] < words["last"], line
        assert words["gap"] < 2, line
    title = page.locator("h1.entry__title").evaluate(WORDS)
    assert title["gap"] < 2
