"""`python docs/screenshots_of_kinds.py`: a post with every kind of content: its page, on paper, in a feed, in an email.

The post is that of `tests/every_kind.py`; screenshots.py says what is needed.
"""

import io
import json
import sys
from datetime import timedelta
from urllib.request import urlopen

from screenshots import FEATURED, HOME, IMAGES, LATEST, blog, landscape, list_images, started

PATH = "/2026/10/19/everything-at-once/"
# name: (what to open, width, color scheme, medium)
SHOTS = {
    "kinds": ("page", 1100, "light", "screen"),
    "kinds-dark": ("page", 1100, "dark", "screen"),
    "kinds-phone": ("page", 360, "dark", "screen"),
    "kinds-print": ("page", 718, "light", "print"),
    "kinds-feed": ("feed", 718, "light", "screen"),
    "kinds-email": ("email", 718, "light", "screen"),
}
# What a reader of feeds adds of its own.
FEED_READER = (
    "<!doctype html><meta charset=utf-8><style>body { max-width: 40em; margin: 2em auto; font: 1em/1.5 serif } "
    "img, video { max-width: 100%; height: auto }</style>"
)


def furnish():
    """Publish the post, and print the HTML of its email as JSON; runs in a process with the blog's settings."""
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from PIL import Image, ImageOps

    from blog.models import Post
    from comments.models import DiscussionSettings
    from comments.notifications.new_posts import PostEmails
    from tests.every_kind import text_by

    ada, pictures = get_user_model().objects.owners().get(), []
    shapes = [(0, 0, 1800, 1000), (500, 0, 1120, 1000), (400, 0, 1400, 1000), (0, 100, 1800, 1000)]
    for box, colours in zip(shapes, FEATURED.values(), strict=False):
        drawn, out = ImageOps.grayscale(Image.open(io.BytesIO(landscape())).crop(box)), io.BytesIO()
        ImageOps.colorize(drawn, *colours[::2], mid=colours[1]).save(out, "PNG")
        pictures.append(out.getvalue())
    post = Post(title="Everything at once", source=text_by(ada, pictures), author=ada, extended_markdown=True)
    post.save()
    post.publish(LATEST + timedelta(days=7))
    print(json.dumps(PostEmails(post, DiscussionSettings.Posts.FULL).html))


def main():
    from PIL import Image
    from playwright.sync_api import sync_playwright

    with blog() as (run, _numbers), sync_playwright() as play:
        email = json.loads(run("docs/screenshots_of_kinds.py", "furnish").splitlines()[-1])
        feed = json.load(urlopen(f"{HOME}/feed/json/"))["items"]
        texts = {
            "email": email,
            "feed": FEED_READER + next(each["content_html"] for each in feed if PATH in each["url"]),
        }
        browser = started(play)
        for name, (what, width, scheme, medium) in SHOTS.items():
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            if what == "page":
                page.goto(HOME + PATH)
            else:
                page.set_content(texts[what])
            page.emulate_media(media=medium)
            if medium == "print":
                page.evaluate("dispatchEvent(new Event('beforeprint'))")
            for image in page.locator("img").all():
                image.scroll_into_view_if_needed()
            page.wait_for_load_state("networkidle")
            page.evaluate("scrollTo(0, 0)")
            end = page.locator(".respond, #comments").first if what == "page" else page.locator("no-such-element")
            place = end.bounding_box() if end.count() else None
            height = int(place["y"]) if place else page.evaluate("document.documentElement.scrollHeight")
            clip = {"x": 0, "y": 0, "width": width, "height": height}
            with Image.open(io.BytesIO(page.screenshot(full_page=True, clip=clip))) as shot:
                shot.thumbnail((max(360, width * 6 // 10), height))
                shot.save(IMAGES / f"{name}.webp", quality=80, method=6)
            page.close()
        browser.close()
    list_images()


if __name__ == "__main__":
    furnish() if sys.argv[1:] == ["furnish"] else main()
