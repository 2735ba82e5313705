"""`python -m bench.changing PATH`: renames the post at PATH repeatedly until its standard input ends, for at most two
minutes, and prints each number after its commit. A later request must not get a smaller number.

Some renames follow at once, others after a random pause in which the page is cached.

    --rate N         that many renames a second instead
    --ask            one change for each line of the standard input, which names it: `post`, `setting` or `comment`
"""

import argparse
import os
import random
import sys
import threading
import time

TITLE, LONGEST, PAUSE = "Renamed %d times", 120, 0.05  # seconds


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path")
    parser.add_argument("--rate", type=float)
    parser.add_argument("--ask", action="store_true")
    options = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from blog.models import Post

    post = Post.objects.get(path=options.path)
    before = post.title
    (change_when_asked if options.ask else rename_repeatedly)(post, options.rate)
    post.title = before
    post.save(update_fields=["title"])


def rename_repeatedly(post, rate):
    end, number = time.monotonic() + LONGEST, 0
    listening = threading.Thread(target=sys.stdin.read, daemon=True)
    listening.start()
    while listening.is_alive() and time.monotonic() < end:
        number += 1
        rename(post, number)
        print(number, flush=True)
        time.sleep(1 / rate if rate else random.choice((0, random.uniform(0, PAUSE))))


def change_when_asked(post, _rate):
    for number, line in enumerate(sys.stdin, 1):
        CHANGES[line.strip()](post, number)
        print(number, flush=True)


def rename(post, number):
    post.title = TITLE % number
    post.save(update_fields=["title"])


def save_settings(_post, _number):
    from blog.models import ReadingSettings

    ReadingSettings.objects.get().save()


def approve_comment(post, _number):
    from comments.models import Comment

    Comment.objects.filter(post=post).pending().first().approve(post.author)


CHANGES = {"post": rename, "setting": save_settings, "comment": approve_comment}


if __name__ == "__main__":
    main()
