"""`python -m tests.upgrade.visit PATHS.json`: the status of pages on the blog of LONGRUN_DATA, and what is in it."""

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

from tests.upgrade.make import counts, set_up


def statuses(public):
    """{path: status} of public paths, and of the desk's lists as they are called today."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client
    from django.urls import reverse

    from tests import pages

    host = {"host": urlsplit(settings.LONGRUN_URL).netloc}
    guest, owner = Client(headers=host), Client(headers=host)
    owner.force_login(get_user_model().objects.owners().get())
    desk = [reverse(name) for name, (_who, needs) in pages.PAGES.items() if name.startswith("desk") and not needs]
    assert len(desk) > 10
    return {path: guest.get(path).status_code for path in public} | {path: owner.get(path).status_code for path in desk}


if __name__ == "__main__":
    set_up()
    public = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print(json.dumps({"statuses": statuses(public), "counts": counts()}))
