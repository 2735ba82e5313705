"""`python docs/page_weights.py`: what browsers load for a page of each theme and for the write page.

docs/design.md has the figures. The blog is that of screenshots.py. The sizes are those of the bodies as they are sent,
in bytes, in a browser that has nothing.
"""

from screenshots import HOME, POST, THEMES, blog, log_in, started

PAGES = {"post": POST, "front page": "/"}
LOADED = """() => performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource")).map(
    each => [each.name, each.initiatorType, each.encodedBodySize, each.decodedBodySize])"""


def weigh(page, address):
    """{kind: [files, bytes sent, bytes unpacked]} of all that the page loads."""
    page.goto(HOME + address)
    page.wait_for_load_state("networkidle")
    found = {}
    for url, initiator, sent, unpacked in page.evaluate(LOADED):
        name = url.partition("?")[0]
        if not url.startswith(HOME):
            kind = "elsewhere"
        elif initiator == "navigation":
            kind = "HTML"
        elif name.endswith((".css", ".js")):
            kind = "CSS" if name.endswith(".css") else "JavaScript"
        else:
            kind = "fonts" if name.endswith(".woff2") else "images" if initiator in ("img", "css", "image") else "other"
        files = found.setdefault(kind, [0, 0, 0])
        for at, more in enumerate((1, sent, unpacked)):
            files[at] += more
    return found


def tell(name, found):
    kinds = "; ".join(
        f"{kind} {sent:,} of {unpacked:,} in {files}" for kind, (files, sent, unpacked) in sorted(found.items())
    )
    print(f"{name}: {sum(sent for _files, sent, _unpacked in found.values()):,} bytes. {kinds}")


def main():
    from playwright.sync_api import sync_playwright

    with blog() as (run, numbers), sync_playwright() as play:
        browser = started(play)
        for theme in ("", *THEMES):
            run("docs/screenshots.py", "choose-theme", theme)
            for name, address in PAGES.items():
                page = browser.new_page(viewport={"width": 1280, "height": 860})
                tell(f"{theme or 'paperback'}, {name}", weigh(page, address))
                page.close()
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        log_in(page)
        tell("write page", weigh(page, f"/desk/posts/{numbers['draft']}/"))
        browser.close()


if __name__ == "__main__":
    main()
