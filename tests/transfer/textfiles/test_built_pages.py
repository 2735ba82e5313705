"""Folders as people have them: texts of which Jekyll, Hexo or Hugo build no page stay drafts, addresses follow the
configuration, common shortcodes show what they showed, and no text is left out because of its ending or encoding."""

from datetime import UTC, date, datetime

import pytest

from blog.models import Post, Redirect
from tests.transfer.importing_files import bring, in_file
from tests.transfer.textfiles.folders import folder
from transfer.date_values import parse_date
from transfer.textfiles.templates import shown

pytestmark = pytest.mark.django_db
TEXT = "---\ntitle: {}\n---\ntext\n"


@pytest.fixture
def markdown(tmp_path, ada):
    def markdown(files, **options):
        return bring(tmp_path, "markdown", folder(tmp_path / "blog", files), **options)

    return markdown


def state(title):
    return Post.objects.get(title=title).status


def leads_to(key):
    return Redirect.objects.get(key=key).thing.title


JEKYLL = """url: https://old.example
permalink: pretty
exclude: [notes, "*.tmp.md"]
include: [_pages]
collections:
  miles: {output: true, permalink: "/:collection/of/:path/"}
  people: {}
  trails: {output: true}
defaults:
  - scope: {path: ""}
    values: {author: Ada, image: /x.png}
  - scope: {path: later, type: pages}
    values: {published: false}
"""


def test_of_what_jekyll_builds_no_page_stays_a_draft(markdown):
    done = markdown({
        "_config.yml": JEKYLL,
        "_posts/2020-01-02-a.md": TEXT.format("Post"),
        "_posts/ideas.md": TEXT.format("Without a date"),
        "_posts/_2020-01-02-b.md": TEXT.format("Underscored"),
        "_old/2020-01-02-c.md": TEXT.format("Old folder"),
        "_people/cleo.md": TEXT.format("Cleo"),
        "_miles/ten/long.md": TEXT.format("Long"),
        "_trails/hill.md": TEXT.format("Hill"),
        "_pages/imprint.md": TEXT.format("Imprint"),
        "notes/secret.md": TEXT.format("Excluded"),
        "x.tmp.md": TEXT.format("Excluded by pattern"),
        "later/plan.md": TEXT.format("By default"),
        "about.md": TEXT.format("About"),
    })  # fmt: skip
    drafts = set(Post.objects.filter(status="draft").values_list("title", flat=True))
    assert drafts == {"Without a date", "Underscored", "Old folder", "Cleo", "Excluded", "Excluded by pattern",
                      "By default"}  # fmt: skip
    assert leads_to("/miles/of/ten/long") == "Long" and leads_to("/trails/hill") == "Hill"
    assert any("no page for these texts" in notice for notice in done["notices"])
    assert in_file(done)["authors"] == 1  # a default of the configuration


ODD = [
    "collections: [{a: 1}, 5, notes]", "collections: {notes: 5, 7: {output: true}}", "collections: text",
    "defaults: [1, {scope: 3, values: 4}, {values: [a]}]", "exclude: {a: b}\ninclude: ['[', 5]",
    "source: ../..", "source: /", "permalink: {a: b}", "languages: [a]",
]  # fmt: skip


@pytest.mark.parametrize("line", ODD)
def test_an_odd_configuration_stops_nothing(markdown, line):
    done = markdown({"_config.yml": f"url: https://old.example\n{line}\n", "_posts/2020-01-02-a.md": TEXT.format("A"),
                     "_notes/b.md": TEXT.format("B")})  # fmt: skip
    assert done["totals"]["posts"]["brought"] + done["totals"]["pages"]["brought"] == 2 and state("B") == "draft"


def test_jekylls_titles_categories_and_rules_of_a_text(markdown):
    markdown({
        "_config.yml": "url: https://old.example\ncollections: {posts: {permalink: '/news/:year/:title/'}}\n",
        "running/_posts/2020-01-02-ten-long-miles.md": "---\ncategories: slow\n---\nx",
        "_posts/2020-01-03-own.md": "---\ntitle: Own\npermalink: /:month/:title.html\n---\nx",
        "_posts/2020-01-04-date.md": "---\ntitle: Date\npermalink: date\n---\nx",
    })  # fmt: skip
    post = Post.objects.get(title="Ten Long Miles")
    assert {each.name for each in post.categories.all()} == {"running", "slow"}
    assert leads_to("/news/2020/ten-long-miles") == "Ten Long Miles"
    assert leads_to("/01/own.html") == "Own" and leads_to("/2020/01/04/date.html") == "Date"


def test_a_folder_of_hexo(markdown):
    markdown({
        "_config.yml": "url: https://old.example\nsource_dir: source\nskip_render:\npermalink: :year/:title/\n",
        "scaffolds/post.md": "---\ntitle: {{ title }}\ndate: {{ date }}\n---\n",
        "source/_posts/hello.md": "---\ntitle: Hello\ndate: 2020-01-02 03:04:05\ntags: [two words]\n---\n"
        "{% codeblock lang:js %}\nlet *a*\n{% endcodeblock %}\n",
        "source/_drafts/d.md": TEXT.format("D"),
        "source/about/index.md": "---\ntitle: About\ndate: 2020-01-01\nlayout: page\n---\nx",
    })  # fmt: skip
    assert leads_to("/2020/hello") == "Hello" and state("D") == "draft" and state("About") == "published"
    post = Post.objects.get(title="Hello")
    assert [tag.name for tag in post.tags.all()] == ["two words"] and "<em>" not in post.html
    assert not Post.objects.filter(title__contains="{").exists()


def test_what_hugo_builds_no_page_of_stays_unseen(markdown):
    markdown({
        "hugo.toml": 'baseURL = "https://old.example/"\n',
        "content/posts/run/index.md": TEXT.format("Run"),
        "content/posts/run/beside.md": TEXT.format("Resource"),
        "content/posts/run/deep/more.md": TEXT.format("Deep resource"),
        "content/parts/_index.md": "---\ncascade:\n  build: {render: never}\n---\n",
        "content/parts/part.md": TEXT.format("Part"),
        "content/parts/shown.md": "---\ntitle: Shown\nbuild: {render: always}\n---\nx",
        "content/late/_index.md": "---\ncascade: [{draft: true, target: {path: '/late/**'}}]\n---\n",
        "content/late/x.md": TEXT.format("Late"),
        "content/index/x.md": TEXT.format("Folder of that name"),
    })  # fmt: skip
    public = {post.title for post in Post.objects.all() if post.is_public}
    assert public == {"Run", "Shown", "Folder of that name"}
    assert {state("Resource"), state("Deep resource"), state("Late")} == {"draft"}


def test_languages_of_hugo_are_in_addresses_and_not_in_titles(markdown):
    markdown({
        "hugo.yaml": "baseURL: https://old.example/\ndefaultContentLanguage: de\n",
        "config/_default/languages.toml": '[de]\ncontentDir = "content/deutsch"\n[fr]\n',
        "content/deutsch/posts/lauf.md": TEXT.format("Lauf"),
        "content/posts/course.fr.md": "---\n---\nx",
        "content/posts/_index.fr.md": "---\ntitle: Tous\n---\n",
    })  # fmt: skip
    assert leads_to("/posts/lauf") == "Lauf"
    post = Post.objects.exclude(title="Lauf").get()
    assert post.slug == "course" and post.language == "fr" and leads_to("/fr/posts/course") == post.title


def test_texts_of_other_languages_and_encodings_are_there(markdown):
    done = markdown({
        "hugo.toml": "", "README.rst": "no text",
        "content/posts/a.textile": "---\ntitle: A\ndate: 2020-01-02\n---\nh2. Head\n",
        "content/posts/b.org": "#+TITLE: B\n#+DATE: <2020-01-03 Fri>\n#+TAGS: x\n\n* Head\n",
        "content/posts/c.mkdn": "---\ntitle: C\ndate: 2020-01-04\n---\nc",
        "content/posts/d.md": "---\ntitle: Dé\ndate: 2020-01-05\n---\nd".encode("utf-16"),
        "content/posts/e.Rmd": TEXT.format("E"), "content/posts/e.md": "---\ntitle: E built\ndate: 2020-01-06\n---\ne",
        "docs/manual.adoc": "= No text of the blog",
    })  # fmt: skip
    assert in_file(done)["posts"] == 5 and {state("A"), state("B")} == {"draft"}
    assert {state("C"), state("Dé"), state("E built")} == {"published"}
    assert "h2. Head" in Post.objects.get(title="A").source and "* Head" in Post.objects.get(title="B").source
    assert {notice.partition(".")[0] for notice in done["notices"] if "Texts in" in notice} == {
        "Texts in Textile: 1", "Texts in Org: 1"
    }  # fmt: skip


def test_a_section_may_be_called_as_a_folder_of_programs_is(markdown):
    names = ("content/functions/resources/a.md", "content/data/b.md", "posts/public/c.md", "src/pages/vendor/d.md")
    others = (
        "resources/x.md",
        "themes/own/exampleSite/content/x.md",
        "content/a/node_modules/m/x.md",
        "data/posts/x.md",
    )
    markdown({"hugo.toml": ""} | {name: TEXT.format(name) for name in names + others})
    assert set(Post.objects.values_list("title", flat=True)) == set(names)


def test_tags_of_eleventy_that_make_collections_are_no_tags(markdown):
    markdown({".eleventy.js": "", "posts/a.md": "---\ntitle: A\ndate: Jul 08 2022\ntags: [post, run]\n---\nx",
              "posts/b.md": "---\ntitle: B\npermalink: false\n---\nx"})  # fmt: skip
    post = Post.objects.get(title="A")
    assert [tag.name for tag in post.tags.all()] == ["run"] and post.published_on == date(2022, 7, 8)
    assert state("B") == "draft"


def test_the_page_of_a_folder_with_a_text_is_a_page(markdown):
    done = markdown({
        "hugo.toml": 'baseURL = "https://old.example/"\n',
        "content/_index.md": "---\ntitle: Home\n---\nWelcome",
        "content/about/_index.md": "---\ntitle: About\n---\nWe run.",
        "content/posts/_index.md": "---\ntitle: Posts\n---\n\n",
        "content/posts/a.md": TEXT.format("A"),
    })  # fmt: skip
    assert leads_to("/about") == "About" if Post.objects.get(title="About").path != "/about/" else True
    assert "We run." in Post.objects.get(title="About").html and in_file(done) == {"posts": 1, "pages": 1, "other": 2}


def test_lists_of_our_own_export_are_terms_and_nothing_else(markdown):
    done = markdown({
        "content/lists/categories/running/_index.md": "---\ntitle: Running\nurl: /category/running/\n"
        "list: {key: categories}\n---\nOn foot",
        "content/posts/a.md": "---\ntitle: A\ndate: 2020-01-02\ncategories: [Running]\n---\nx",
    })  # fmt: skip
    assert in_file(done) == {"posts": 1, "categories": 1}
    assert Post.objects.get(title="A").categories.get().description == "On foot"


def test_astros_folder_of_pages_has_posts_too(markdown):
    markdown({"src/pages/articles/a.md": "---\ntitle: A\npubDate: 2022-09-01\n---\nx",
              "src/pages/index.md": "---\ntitle: Start\npubDate: 2022-09-01\n---\nx"})  # fmt: skip
    assert {post.title: post.kind for post in Post.objects.all()} == {"A": "post", "Start": "page"}


def test_values_of_the_configuration_and_the_front_matter_are_filled_in(markdown):
    markdown({
        "_config.yml": "url: https://old.example\nrepository: https://code.example/x\nauthor: {name: Ada}\n",
        "_posts/2020-01-02-a.md": "---\ntitle: A\nplace: Sea\n---\n[c]({{ site.repository }}) {{ site.author.name }} "
        "{{page.place}} {{ site.none }} {% raw %}{{ page.place }}{% endraw %}",
    })  # fmt: skip
    post = Post.objects.get(title="A")
    assert post.source == "[c](https://code.example/x) Ada Sea {{ site.none }} {{ page.place }}"


WRITTEN = [
    ("2020-1-2", (2020, 1, 2)), ("2020/01/02 10:30", (2020, 1, 2, 10, 30)), ("Jul 8 2022", (2022, 7, 8)),
    ("July 8th, 2022", (2022, 7, 8)), ("Friday, 8 July 2022", (2022, 7, 8)), ("8-Jul-2022", (2022, 7, 8)),
    ("Jan 2, 2020 3:04 pm", (2020, 1, 2, 15, 4)), ("<2020-01-02 Thu 10:30>", (2020, 1, 2, 10, 30)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "numbers"), WRITTEN)
def test_dates_as_people_write_them(text, numbers):
    assert parse_date(text) == datetime(*numbers)  # noqa: DTZ001


def test_dates_of_emails_have_a_zone_and_two_numbers_are_not_guessed():
    assert parse_date("Thu, 02 Jan 2020 10:00:00 +0100") == datetime(2020, 1, 2, 9, tzinfo=UTC)
    assert parse_date("01/02/2020") is None and parse_date("Foo 8 2022") is None and parse_date("2020-13-45") is None


SHOWN = [
    ("jekyll", "{% highlight ruby linenos %}\n# one\n{% endhighlight %}", "```ruby\n# one\n```"),
    ("jekyll", "{% highlight liquid %}{% raw %}{% if x %}{% endraw %}{% endhighlight %}", "```liquid\n{% if x %}\n```"),
    ("jekyll", "a{% comment %}not -- yet{% endcomment %}", "a<!--not - - yet-->"),
    ("jekyll", "Words\n{: .note}\n`{: .code}`", "Words\n\n`{: .code}`"),
    ("jekyll", "{% include x.html %}", "{% include x.html %}"),
    ("hugo", '{{< highlight go "linenos=true" >}}\nx\n```\n{{< /highlight >}}', "````go\nx\n```\n````"),
    ("hugo", "{{< youtube abc >}}", "<https://www.youtube.com/watch?v=abc>"),
    ("hugo", '{{< gist ada 12 >}} {{< tweet user="a" id="1" >}}',
     "<https://gist.github.com/ada/12> <https://twitter.com/a/status/1>"),
    ("hugo", '{{< figure src="/a.png" caption="A & b" >}}',
     '<figure><img src="/a.png" alt="A &amp; b"><figcaption>A &amp; b</figcaption></figure>'),
    ("hugo", "{{% comment %}}secret{{% /comment %}}{{< own x >}}{{</* youtube x */>}}",
     "<!--secret-->{{< own x >}}{{< youtube x >}}"),
    ("", "{% highlight a %}", "{% highlight a %}"),
]  # fmt: skip


@pytest.mark.parametrize(("system", "source", "result"), SHOWN)
def test_common_shortcodes_show_what_they_showed(system, source, result):
    assert shown(source, system, is_html=False) == result


def test_code_in_html_is_escaped():
    source = "{% highlight html %}<b>{% raw %}{{ <i> }}{% endraw %}{% endhighlight %}"
    result = '<pre><code class="language-html">&lt;b&gt;{{ &lt;i&gt; }}\n</code></pre>'
    assert shown(source, "jekyll", is_html=True) == result


def test_what_a_build_leaves_out_is_not_shown(markdown, client):
    text = "---\ntitle: A\n---\nShown {% comment %}Secret words{% endcomment %}"
    markdown({"_config.yml": "url: https://old.example\n", "_posts/2020-01-02-a.md": text})
    post = Post.objects.get(title="A")
    assert "Shown" in post.html and "Secret" not in post.html and "Secret words" in post.source
    assert b"Secret" not in client.get("/feed/").content
