"""`python -m bench.changing PATH`: renames the post at PATH repeatedly until its standard input ends, for at most two
minutes, and prints each number after its commit. A later request must not get a smaller number.

Some renames follow at once, others after a random pause in which the page is cached."""

import os
import random
import sys
import threading
import time

TITLE, LONGEST, PAUSE = "Renamed %d times", 120, 0.05  # seconds


def main(path):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from blog.models import Post

    post = Post.objects.get(path=path)
    before, end, number = post.title, time.monotonic() + LONGEST, 0
    listening = threading.Thread(target=sys.stdin.read, daemon=True)
    listening.start()
    while listening.is_alive() and time.monotonic() < end:
        number += 1
        post.title = TITLE % number
        post.save(update_fields=["title"])
        print(number, flush=True)
        time.sleep(random.choice((0, random.uniform(0, PAUSE))))
    post.title = before
    post.save(update_fields=["title"])


if __name__ == "__main__":
    main(sys.argv[1])
