"""Long texts as people write them, each in `times` its length, and what has to stand in their HTML how often."""


def links(times):
    items = "".join(f"- [link {n}](https://example.com/{n})\n" for n in range(700 * times))
    return f"A paragraph.\n\n{items}", {"<li>": 700 * times, "<a href=": 700 * times}


def javascript(times):
    line = "  const x = call([1, 'a'], { b: `c` }); // note\n"
    fence = f"```js\n{line * 45}```\n\n"
    return fence * (10 * times), {"<pre>": 10 * times, "// note": 450 * times}


def table(times):
    rows = "".join(f"| {n} | **b** | `c` |\n" for n in range(930 * times))
    return f"| a | b | c |\n|---|:-:|---|\n{rows}", {"<tr>": 930 * times + 1, "<strong>": 930 * times}


def footnotes(times):
    count = 500 * times
    words = "".join(f"Word[^{n}] and more.\n\n" for n in range(count))
    return words + "".join(f"[^{n}]: Note {n}.\n" for n in range(count)), {"footnote-backref": count, "<sup ": count}


def words(times):
    paragraph = "She ran *along* the river, and then on. " * 10
    return f"{paragraph}\n\n" * (325 * times), {"<em>": 3250 * times, "<p>": 325 * times}


def japanese(times):
    paragraph = "走ることについて語るときに僕の語ること。" * 20
    return f"{paragraph}\n\n" * (400 * times), {"<p>": 400 * times, "僕": 8000 * times}


def items_without_an_empty_line(times):
    return "- item of a list, with its words\n" * (1850 * times), {"<li>": 1850 * times}


def nested_quotes(times):
    return f"{'> ' * (39 * times)}deep", {"<blockquote>": 39 * times}


def nested_quotes_of_many_lines(times):
    return f"{'> ' * 39}deep\n" * (50 * times), {"<blockquote>": 39, "deep": 50 * times}


def bare_addresses(times):
    return "See https://example.com/a_b_c and on.\n" * (1500 * times), {"<a href=": 1500 * times}


def headings(times):
    return "".join(f"## Part {n}\n\nWords.\n\n" for n in range(1000 * times)), {"<h2": 1000 * times}


LONG_POSTS = {
    make.__name__.replace("_", " "): make
    for make in (
        links, javascript, table, footnotes, words, japanese, items_without_an_empty_line, nested_quotes,
        nested_quotes_of_many_lines, bare_addresses, headings,
    )
}  # fmt: skip
