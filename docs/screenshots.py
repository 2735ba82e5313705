"""`python docs/screenshots.py`: fill a temporary blog and take the screenshots in docs/images/ again.

Takes all of them, or those that are named (`python docs/screenshots.py home write-phone`). Needs what the tests need
(`make test-fast` installs it) and Chromium; text is shown in the fonts of this machine.
"""

import io
import math
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
IMAGES = ROOT / "docs" / "images"
PORT = "8231"
HOME = f"http://localhost:{PORT}"
POST = "/2026/10/12/the-bridge-at-six/"
LATEST = datetime(2026, 10, 12, 5, tzinfo=UTC)

# name: (user, path, width, height, color scheme, where to scroll)
SHOTS = {
    "post": ("guest", POST, 1280, 860, "light", ""),
    "post-dark": ("guest", POST, 1280, 860, "dark", ""),
    "post-code": ("guest", POST, 1280, 1000, "light", ".prose blockquote"),
    "post-code-dark": ("guest", POST, 1280, 1000, "dark", ".prose blockquote"),
    "post-phone": ("guest", POST, 360, 760, "light", ""),
    "post-phone-dark": ("guest", POST, 360, 760, "dark", ".prose table"),
    "replies": ("guest", POST, 1280, 1000, "light", "#comments"),
    "replies-dark": ("guest", POST, 1280, 1000, "dark", "#comments"),
    "replies-phone": ("guest", POST, 360, 760, "light", "#comments"),
    "form": ("guest", POST + "?replytocom={first}", 1280, 760, "light", "#respond"),
    "form-phone": ("guest", POST + "?replytocom={first}", 360, 760, "dark", "#respond"),
    "home": ("guest", "/", 1280, 900, "light", ""),
    "home-dark": ("guest", "/", 1280, 900, "dark", ""),
    "home-phone": ("guest", "/", 360, 760, "light", ""),
    "write": ("owner", "/desk/posts/{draft}/", 1280, 860, "light", ""),
    "write-phone": ("owner", "/desk/posts/{draft}/", 360, 760, "dark", ""),
    "queue": ("owner", "/desk/comments/", 1280, 860, "light", ""),
    "queue-phone": ("owner", "/desk/comments/", 360, 760, "light", ""),
}
# The other themes, with pictures of more posts, at two thirds of their size: {the end of the name: …}
THEMES = ("magazine", "notebook", "portfolio")
THEMED = {
    "home": ("/", 1280, 900, "light"),
    "home-phone": ("/", 360, 760, "dark"),
    "post": ("/2026/10/15/the-quarry-after-the-rain/", 1280, 900, "dark"),
}
# title: (shadows, middle, lights) of a featured picture; those that are not there already are written for it
FEATURED = {
    "The quarry after the rain": ("#26303a", "#8fa3ad", "#f2ead9"),
    "Weights on a Tuesday": ("#3a2320", "#c98a6a", "#fbe9cf"),
    "Things I have found on paths": ("#1d2f24", "#7ba07f", "#eef2dc"),
    "Harbour, early": ("#14303a", "#5fa3b3", "#e4f4f2"),
    "Two winters": ("#2a2438", "#9a86b0", "#f3e3e0"),
}
BRING = "#upload-files"
# The write page in use; the last item lists what is clicked before the screenshot.
WRITING = {
    "writing-preview": ("/desk/posts/{draft}/", 1280, 860, "light", ['[data-tool="preview"]']),
    "writing-preview-phone": ("/desk/posts/{draft}/", 360, 760, "dark", ['[data-tool="preview"]']),
    "writing-links": ("/desk/posts/{draft}/", 1280, 700, "light", ['[data-tool="own"]']),
    "writing-pictures": ("/desk/posts/{draft}/", 1280, 860, "light", [".post-settings > summary", BRING]),
    "writing-pictures-phone": ("/desk/posts/{draft}/", 360, 760, "light", [BRING]),
    "writing-checks": ("/desk/posts/{draft}/checks/", 1280, 1000, "dark", []),
}

TEXT = """
I start before the town is awake. The path goes down behind the brewery, past the allotments, and then there is the
river, or what I take to be the river: at six there is fog on it, and in the fog stands a bridge that belongs to nobody.

The first mile is a liar[^liar]. It says that you are tired, that you slept badly, that the left knee has an opinion.
I have stopped arguing. I tell it what I tell my students: *write it down, we will talk about it later.* By the second
mile the knee has nothing to add.

<!--more-->

![Hills in morning fog, and a low bridge]({picture} "The bridge at six. At seven it is an ordinary bridge.")

## What a week looks like

| Day       |  Miles | What for                         |
|-----------|-------:|----------------------------------|
| Monday    |      0 | Weights, and no excuses          |
| Wednesday |      6 | Easy, with Bob, who talks        |
| Friday    |      5 | Hills behind the brewery         |
| Sunday    |     14 | Slow, alone, further every time  |

Fourteen sounds like a lot. It is the six on Wednesday that make it possible, and the nothing on Monday that makes the
six possible. My grandmother, who never ran a step in her life, knew this about bread.

> Begin slowly, she said, and then slow down. What you hurry, you will do twice.

## What the watch is for

A watch that tells you your pace every ten seconds is a small cruel animal. Mine now sleeps in my pocket until I am
home, where I ask it one question:

```python
def honest_pace(minutes, miles):
    "Minutes per mile, and always rounded up."
    seconds = math.ceil(minutes * 60 / miles)
    return f"{seconds // 60}:{seconds % 60:02}"  # 9:07
```

The rest I learn from the bridge. If I see both its ends, it is summer. If I see one, it is a good day to run. If I see
none, I count steps until the wood sounds under my shoes; the record is two hundred and twelve.

[^liar]: The last mile lies too, but more kindly.
"""

DRAFT = """
Gera is not far. That is the first thing people say when I tell them, and then they tell me by which train.

I want to go by the road: past the quarry, along the *old* railway, over the hills. Bob will come as far as the second.

- [x] shoes
- [ ] somebody to hold the keys
- [ ] a reason
""".strip()

OTHERS = [
    ("On patience", "> It is a long run. Bring a sandwich.\n\nSomebody on the train, with a sandwich", "quote", ""),
    ("", "Rain again, the fine kind that does not fall but stands around. I like the sound of it.", "note", ""),
    ("A good piece on old shoes", "Why the last hundred miles of a shoe are its best. Worth your ten minutes.", "link",
     "https://example.org/old-shoes"),
    ("Weights on a Tuesday", "Three sets of squats, then six miles that felt like eight. The stairs at the office have "
     "become a *conversation*.\n\nBob says that one gets used to it. Bob takes the lift.", "standard", ""),
    ("Things I have found on paths", "One glove, always the left one. A chess knight. Eleven euros in all, in eleven "
     "years. A dog who did not want to be found.", "standard", ""),
]  # fmt: skip

# (key of the parent comment, key, name, text); Ada's comments are marked as the author's.
REPLIES = [
    ("", "first", "Ann Reader", "I have always believed the second mile. It is the fifth that I do not trust."),
    ("first", "b", "Ada", "The fifth is where the hill is. Trust the hill."),
    ("b", "c", "Ann Reader", "I *know* the hill. The hill knows me."),
    ("c", "d", "Bob", "For the record: I do not talk. I comment."),
    ("", "e", "Çağla", "We have such a bridge in Ankara. Nobody has ever seen its other end before eight."),
    ("e", "f", "Ирина", "У нас в Твери такой же. В тумане он длиннее."),
    ("", "g", "Olga", "Two hundred and twelve! I am at 190 and my legs are shorter. Do you count the posts as well?"),
    ("g", "h", "Ada", "Only when nobody is listening."),
    ("g", "i", "Michał", "> the nothing on Monday\n\nThis. It took me six years to learn to do nothing on a Monday."),
    ("", "j", "Rene", "`honest_pace` should take kilometres too. Some of us live on this side."),
    ("j", "k", "Ada", "It takes whatever you bring, as long as you call it a mile."),
    ("", "l", "Noor", "I read this on the train and got off one stop early, to walk."),
]  # fmt: skip
FIRST = {"rule": "hold_first_comment", "verdict": "pending", "why": "It is the first comment by this commenter."}
LINKS = {"rule": "hold_many_links", "verdict": "pending", "why": "It contains 2 links."}
HELD = [
    ("Carl", "carl@example.org", [FIRST], "Which shoes do you wear in the fog? Mine are grey by the time I am home."),
    ("Dora", "dora@example.org", [LINKS, FIRST],
     "I wrote about the same bridge [here](https://example.org/bridge) and [here](https://example.org/fog)."),
]  # fmt: skip


def furnish():
    """Fill the temporary blog; runs in a process with its settings."""
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.files.uploadedfile import SimpleUploadedFile

    from blog.media import uploads
    from blog.models import Category, Post, Tag
    from comments.models import Comment, Person
    from core.models import Site

    Site.objects.update(title="Ada runs", tagline="In the morning, mostly", timezone="Europe/Berlin")
    ada = get_user_model().objects.owners().get()
    ada.bio = "Ada teaches mathematics, runs before breakfast, and writes about both as if they were one thing."
    ada.save()
    picture = uploads.store_upload(SimpleUploadedFile("the-bridge.jpg", landscape(), "image/jpeg"), ada)
    running = Category.objects.create(name="Running")
    for greeting in Post.objects.posts():
        greeting.trash()

    def write(title, source, when=None, tags=("running",), **facts):
        post = Post(title=title, source=source, author=ada, **facts)
        post.save()
        post.categories.set([running])
        post.tags.set(Tag.objects.called(tags))
        if when:
            post.publish(when)
        else:
            post.keep_revision(ada)
        return post

    for number, (title, source, format, url) in enumerate(OTHERS, 1):
        write(title, source, LATEST - timedelta(days=4 * number), format=format, link_url=url)
    main = write("The bridge at six", TEXT.replace("{picture}", picture.get_absolute_url()), LATEST,
                 tags=("fog", "running", "bread"))  # fmt: skip
    draft = write("The road to Gera", DRAFT)

    author, made = Person.objects.of_account(ada), {}
    for number, (above, key, name, text) in enumerate(REPLIES):
        made[key] = Comment.objects.create(
            post=main, parent=made.get(above), name=name, text=text, state="approved",
            person=author if name == "Ada" else None, posted_at=LATEST + timedelta(minutes=47 * number + 80),
        )  # fmt: skip
    for name, email, reasons, text in HELD:
        Comment.objects.create(post=main, name=name, email=email, text=text, state="pending", reasons=reasons,
                               posted_at=LATEST + timedelta(hours=20))  # fmt: skip
    print(made["first"].pk, draft.pk)


def furnish_pictures():
    """Give posts featured pictures, and write those that are not there; after the screenshots of the default theme."""
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.files.uploadedfile import SimpleUploadedFile
    from PIL import Image, ImageOps

    from blog.media import uploads
    from blog.models import Category, Post

    ada, text = get_user_model().objects.owners().get(), TEXT.partition("<!--more-->")[0].replace("[^liar]", "")
    for number, (title, colours) in enumerate(FEATURED.items()):
        drawn, out = ImageOps.grayscale(Image.open(io.BytesIO(landscape()))), io.BytesIO()
        drawn = ImageOps.mirror(drawn) if number % 2 else drawn
        ImageOps.colorize(drawn, *colours[::2], mid=colours[1]).save(out, "JPEG", quality=88)
        upload = SimpleUploadedFile(f"hills-{number}.jpg", out.getvalue(), "image/jpeg")
        post = Post.objects.filter(title=title).first() or Post(title=title, source=text, author=ada)
        post.featured = uploads.store_upload(upload, ada)
        post.save()
        if not post.publish_at:
            post.categories.set(Category.objects.filter(name="Running"))
            post.publish(LATEST + timedelta(days=3 - 9 * number))


def choose_theme(theme):
    import django

    django.setup()
    from blog.models import ReadingSettings

    row = ReadingSettings.objects.get()
    row.theme = theme
    row.save()


def landscape():
    """A drawn picture of hills and a bridge in fog, to avoid the license of a photo."""
    from PIL import Image, ImageDraw, ImageFilter

    wide, high = 1800, 1000
    picture = Image.new("RGB", (wide, high))
    draw = ImageDraw.Draw(picture)
    for y in range(high):
        part = y / high
        draw.line([(0, y), (wide, y)], fill=(int(226 - 26 * part), int(214 - 8 * part), int(196 + 12 * part)))
    draw.ellipse([1270, 190, 1400, 320], fill=(246, 232, 206))
    for layer in range(6):
        near = layer / 5
        colour = tuple(int(far + (close - far) * near) for far, close in [(186, 44), (190, 60), (188, 52)])

        def top(x, layer=layer):
            hills = [(310 + 60 * layer, 46), (130 + 31 * layer, 15), (47 + 7 * layer, 4)]
            rolling = sum(size * math.sin(x / width + 1.7 * layer) for width, size in hills)
            return 420 + 105 * layer - rolling * (0.7 + 0.1 * layer)

        draw.polygon([(0, high), *((x, top(x)) for x in range(0, wide + 8, 8)), (wide, high)], fill=colour)
        if layer == 3:
            bridge(draw, (96, 104, 96))
        if layer < 5:
            fog = Image.new("RGBA", (wide, high), (214, 208, 196, 0))
            ImageDraw.Draw(fog).rectangle([0, 470 + 105 * layer, wide, 560 + 105 * layer], fill=(222, 216, 204, 150))
            fog = fog.filter(ImageFilter.GaussianBlur(55))
            picture.paste(fog, (0, 0), fog)
            draw = ImageDraw.Draw(picture)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue()


def bridge(draw, colour):
    draw.rectangle([420, 640, 1180, 652], fill=colour)
    draw.rectangle([420, 606, 1180, 609], fill=colour)
    for x in range(420, 1181, 38):
        draw.rectangle([x, 606, x + 3, 645], fill=colour)
    for x in (510, 700, 890, 1080):
        draw.rectangle([x, 650, x + 14, 800], fill=colour)


def take_themes(run):
    """`run` runs Python in the blog's environment."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    shots = wanted({f"{theme}-{name}": (theme, *shot) for theme in THEMES for name, shot in THEMED.items()})
    if shots:
        run("docs/screenshots.py", "furnish-pictures")
    with sync_playwright() as play:
        browser = started(play)
        for name, (theme, address, width, height, scheme) in shots:
            run("docs/screenshots.py", "choose-theme", theme)
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.goto(HOME + address)
            page.wait_for_load_state("networkidle")
            with Image.open(io.BytesIO(page.screenshot())) as shot:
                shot.thumbnail((max(360, width * 2 // 3), height))
                shot.save(IMAGES / f"{name}.webp", quality=80, method=6)
            page.close()
        browser.close()


def started(play):
    from tests.browser import FLAGS, NAMES

    return play.chromium.launch(
        executable_path=next((path for name in NAMES if (path := shutil.which(name))), None),
        args=[*FLAGS, "--no-sandbox", "--font-render-hinting=none"],
    )


def take_pictures(numbers):
    from PIL import Image
    from playwright.sync_api import sync_playwright

    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as play:
        browser = started(play)
        for name, (who, address, width, height, scheme, place) in wanted(SHOTS):
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            if who == "owner":
                log_in(page)
            page.goto(HOME + address.format(**numbers))
            page.wait_for_load_state("networkidle")
            if place:
                page.locator(place).first.evaluate("thing => window.scrollTo(0, thing.offsetTop - 40)")
                page.wait_for_timeout(300)
            with Image.open(io.BytesIO(page.screenshot())) as shot:
                shot.save(IMAGES / f"{name}.webp", quality=82, method=6)
            page.close()
        for name, (address, width, height, scheme, pressed) in wanted(WRITING):
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            log_in(page)
            page.goto(HOME + address.format(**numbers))
            page.wait_for_load_state("networkidle")
            if (former := page.get_by_role("button", name="Discard")).count():  # an autosave of the previous screenshot
                former.click()
                page.wait_for_load_state("networkidle")
            for button in pressed:
                if button == BRING:
                    page.locator(button).set_input_files(
                        {"name": "the-station.jpg", "mimeType": "image/jpeg", "buffer": landscape()}
                    )
                    page.locator(".uploads__thumb img").wait_for()
                else:
                    page.locator(button).click()
            page.wait_for_timeout(1500)
            with Image.open(io.BytesIO(page.screenshot())) as shot:
                shot.save(IMAGES / f"{name}.webp", quality=82, method=6)
            page.close()
        browser.close()


def wanted(shots):
    """The shots that are named on the command line; all without names."""
    return [(name, shot) for name, shot in shots.items() if name in sys.argv[1:] or not sys.argv[1:]]


def log_in(page):
    page.goto(f"{HOME}/accounts/login/")
    page.get_by_label("Email").fill(OWNER["DJANGO_SUPERUSER_EMAIL"])
    page.get_by_label("Password").fill(OWNER["DJANGO_SUPERUSER_PASSWORD"])
    page.locator("main form button").first.click()
    page.wait_for_url("**/desk/")


OWNER = {
    "DJANGO_SUPERUSER_EMAIL": "ada@example.org",
    "DJANGO_SUPERUSER_PASSWORD": "hills and dales and hills",
    "DJANGO_SUPERUSER_USERNAME": "Ada",
}
# Fake credentials, so that the form shows its login buttons; nobody clicks them here.
KEYS = {
    f"{name}_{key}": "shown only"
    for name in ("GOOGLE", "FACEBOOK", "X", "GITHUB", "WORDPRESS_COM")
    for key in ("CLIENT_ID", "CLIENT_SECRET")
}


@contextmanager
def blog():
    """A temporary blog with its content; yields the `run` of its environment and the numbers of what is in it."""
    with tempfile.TemporaryDirectory() as folder:
        ours = {"LONGRUN_DATA": f"{folder}/data", "LONGRUN_STATIC": f"{folder}/static", "PORT": PORT}
        env = os.environ | OWNER | KEYS | ours | {"DJANGO_SETTINGS_MODULE": "config.settings"}

        here = {"cwd": ROOT, "env": env, "text": True}

        def run(*words):
            done = subprocess.run([sys.executable, *words], check=True, stdout=subprocess.PIPE, **here)
            return done.stdout

        run("manage.py", "prepare")
        run("manage.py", "createsuperuser", "--noinput")
        first, draft = run("docs/screenshots.py", "furnish").split()[-2:]
        server = subprocess.Popen([sys.executable, "manage.py", "serve"], stdout=subprocess.PIPE, **here)
        try:
            if not any("Longrun is at" in line for line in server.stdout):
                sys.exit("The blog did not start; the lines above say why.")
            yield run, {"first": first, "draft": draft}
        finally:
            server.terminate()
            server.wait()


def main():
    with blog() as (run, numbers):
        take_pictures(numbers)
        take_themes(run)
    list_images()


def list_images():
    for file in sorted(IMAGES.iterdir()):
        print(f"{file.stat().st_size / 1000:6.1f} kB  {file.name}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["furnish"]:
            furnish()
        case ["furnish-pictures"]:
            furnish_pictures()
        case ["choose-theme", theme]:
            choose_theme(theme)
        case _:
            main()
