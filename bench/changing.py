"""`python -m bench.changing PATH SECONDS`: renames the post at PATH as often as it can, and tells each number once it
is committed. Whoever asks after that must not see a smaller one."""

import os
import sys
import time

TITLE = "Renamed %d times"


def main(path, seconds):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from blog.models import Post

    post = Post.objects.get(path=path)
    before, end, number = post.title, time.monotonic() + float(seconds), 0
    while time.monotonic() < end:
        number += 1
        post.title = TITLE % number
        post.save(update_fields=["title"])
        print(number, flush=True)
    post.title = before
    post.save(update_fields=["title"])


if __name__ == "__main__":
    main(*sys.argv[1:])
