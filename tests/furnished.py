"""A blog with an example of everything, for tests of every page.

`furnish(ada)` fills the database of the current process. `python -m tests.furnished` fills that of a running blog
(LONGRUN_DATA) and prints `pages.paths()` as JSON; with `--hostile` all texts are as long as possible.
"""

import io
import json
import sys
from datetime import UTC, datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

EVERYTHING = """
The first mile is a liar[^1]. It says that you are tired.

<!--more Go on-->

[TOC]

## What I carried

| Thing | Weight |
|-------|-------:|
| Keys  |   80 g |
| Phone |  180 g |

1. A list
    - inside a list
2. and on

- [x] done
- [ ] to do

> Begin slowly,
> and slow down.

```python
def pace(minutes, miles):
    # what everybody asks
    return f"{minutes / miles:.2f}"
```

### And what I did not

Term
:   Its meaning, with `code` and ~~struck~~ words, and a link to [the rest](https://example.org/).

![A bridge in fog]({picture} "The bridge at six")

[^1]: So is the last one.
"""


def furnish(ada):
    from blog.media import uploads
    from blog.models import Category, Post, Referrer, RobotVisit, Series, Tag, Visit
    from comments.models import Comment, Message, Person, Report

    picture = uploads.store_upload(SimpleUploadedFile("bridge.png", drawn(), "image/png"), ada)
    picture.alt = "A bridge in fog"
    picture.save()
    sport = Category.objects.create(name="Sport", description="Everything that makes you sweat.")
    running = Category.objects.create(name="Running", parent=sport)

    def write(title, source="A few words.", *, at=None, tags=(), password="", **facts):
        post = Post(title=title, source=source, author=ada, **facts)
        if password:
            post.set_password(password)
        post.save()
        post.tags.set(Tag.objects.called(tags))
        post.categories.set([running])
        if at:
            post.publish(at)
        else:
            post.keep_revision(ada)
        return post

    when = datetime(2026, 3, 5, 7, tzinfo=UTC)
    main = write("The first mile", EVERYTHING.replace("{picture}", picture.get_absolute_url()), at=when,
                 tags=["running", "weights"], featured=picture)  # fmt: skip
    write("", "Rain again. I like the sound.", format="note", at=when + timedelta(days=1), tags=["running"])
    write("A good piece on shoes", "Worth your ten minutes.", format="link", link_url="https://example.org/shoes",
          at=when + timedelta(days=2), tags=["running"])  # fmt: skip
    write("On patience", "> It is a long run.\n\nSomebody on the train", format="quote", at=when + timedelta(days=3))
    for number in range(12):
        write(f"Morning {number}", at=when - timedelta(days=number + 1), tags=["morning"])
    Post.objects.filter(title__startswith="Morning").update(series=Series.objects.create(name="To the river"))
    locked = write("Results", "Forty-one minutes.", password="finish line", at=when + timedelta(days=4))
    about = write("About me", kind="page", contact_form=True, at=when)
    write("My shoes", kind="page", parent=about, at=when)
    draft = write("Not finished", "Half a thought.")
    draft.revise(ada, source="Half a thought and a bit.")
    today = timezone.localdate()
    for ago in range(25):
        day = today - timedelta(days=ago)
        Visit.objects.add({(main.pk, day): 40 - ago, (about.pk, day): 3})
        robots = {"Googlebot": {"requests": 90 - ago, "microseconds": 40_000 * ago},
                  "GPTBot": {"requests": 45_000, "refused": 44_321, "microseconds": 9_000}}  # fmt: skip
        RobotVisit.objects.add(day, robots)
    Referrer.objects.add({("news.example.com", today): 31, ("a-rather-long-name.of-some-planet.example.net", today): 7})

    def answer(text, parent=None, state="approved", name="Ann Reader", **facts):
        return Comment.objects.create(post=main, parent=parent, text=text, state=state, name=name, **facts)

    first = answer("I have always believed the second mile.")
    second = answer("And the *third*?", first, name="Bob")
    third = answer("Never.\n\n> And the third?\n\nSee https://example.org/ for why.", second)
    for number in range(8):
        answer(f"Thought number {number}.", name="Çağla" if number % 2 else "Bob")
    answer("Deep in the thread.", third, name="Olga")
    reasons = [{"rule": "hold_first_comment", "verdict": "pending", "why": "It is the first comment."}]
    answer("So do I, on good days.", first, name="Ada", person=Person.objects.of_account(ada))
    answered = answer("Thrown away, and answered.", name="Dora")
    answer("I had answered this.", answered, name="Bob")
    answered.trash(ada)
    carl = Person.objects.of_browser("c" * 32)
    answer("Is this held?", state="pending", name="Carl", email="carl@example.org", reasons=reasons, person=carl)
    answer("Was that held?", name="Carl", person=carl).trash(ada)
    for number in range(3):
        answer(f"Buy a watch at https://example.net/{number}", state="spam", name="Watches")
    for number, (state, why) in enumerate([("new", []), ("done", []), ("pending", reasons)]):
        facts = {
            "text": f"Shall we run {number + 1} miles on Saturday?\n\nI know a way along the river.",
            "reasons": why,
            "post": about,
        }
        Message.objects.create(state=state, name="Nora", email="nora@example.org", fingerprint=str(number), **facts)
    Report.objects.create(comment=third, network="a" * 32)
    second.revise(ada, text="And the *third* mile?")
    answer("Never mind.", state="trash", name="Dora")
    return {"main": main, "locked": locked, "about": about, "draft": draft, "picture": picture, "comment": first}


def drawn():
    from PIL import Image

    image, out = Image.linear_gradient("L").resize((1800, 1000)).convert("RGB"), io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.contrib.auth import get_user_model

    from tests import pages

    ada = get_user_model().objects.owners().get()
    furnish(ada)
    listed = pages.paths()
    if "--hostile" in sys.argv:
        from tests.hostile import lengthen

        lengthen(ada)
    print(json.dumps(listed))
