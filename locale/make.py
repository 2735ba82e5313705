#!/usr/bin/env python3
"""`make messages`: read all texts for readers into the catalogues of `locale/`, and compile what is translated.

Needs Debian's gettext; whoever only runs Longrun does not, for `.po` and `.mo` are both committed. The desk and what
owners are sent are English and left out. A new language: `python locale/make.py xx`, translate the `.po`, run it again.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent

# What no reader sees, as patterns for makemessages: the desk, the set-up, emails to owners, and what only these print.
DESK_ONLY = [
    *("*/desk/*", "templates/setup/*", "templates/weekly.txt", "server/backups/*", "server/email_pages/*"),
    *("server/doctor/*", "server/templatetags/doctor.py"),
    *(
        "server/weekly_report.py",
        "server/setup/forms.py",
        "server/setup/views.py",
        "transfer/*",
        "*/management/*",
        "*/migrations/*",
    ),
    *("comments/moderation/*", "comments/spam/*", "comments/notifications/owner.py"),
    *(
        "comments/notifications/owner_digest.py",
        "comments/notifications/contact_messages.py",
        "comments/templatetags/moderation.py",
    ),
    *("comments/templatetags/desk_lists.py", "comments/models/discussion_settings.py"),
    *("comments/models/moderation_action.py", "comments/models/block.py", "comments/models/message.py"),
    *(
        f"templates/comments/mail/{name}.txt"
        for name in ("digest", "held", "published", "automatic_hold", "_reply_to", "message", "messages_held")
    ),
    *("templates/comments/decide*.html", "templates/comments/switch.html", "templates/comments/_hold_all*.html"),
    *("templates/comments/_field_errors.html", "templates/comments/_undo_decision.html"),
    *("blog/models/reading_settings.py", "blog/models/bulk_action.py", "blog/models/revision.py"),
    *("blog/models/media.py", "blog/models/visits.py", "blog/models/not_found.py", "blog/models/taxonomy.py"),
    *("blog/themes.py", "blog/web_fonts.py", "templates/_theme_preview.html"),
    *("blog/models/robots.py", "blog/robots/*", "blog/site_lines.py", "blog/own_css.py", "blog/snippet.py"),
    *("blog/models/css_revision.py", "templates/_css_draft.html"),
    *("blog/gpx.py", "blog/models/home_zone.py", "blog/models/link_check.py"),
    *("blog/publish_checks.py", "blog/media/*", "blog/duplicate.py", "core/models/*", "core/safe_fetch.py"),
    *("accounts/login_providers.py", "accounts/roles.py", "accounts/apps.py"),
]
PLURALS = {
    "de": "nplurals=2; plural=(n != 1);",
    "es": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
}
ELSEWHERE = [".venv", ".static", "data", "tests", "bench", "docs", "deploy", "static", "locale", "run.py"]


def main(*new):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    import django
    from django.core.management import call_command

    django.setup()
    languages = sorted({*new, *(place.name for place in HERE.iterdir() if (place / "LC_MESSAGES").is_dir())})
    call_command(
        "makemessages",
        locale=languages,
        ignore_patterns=[*DESK_ONLY, *ELSEWHERE],
        extensions=["html", "txt", "py", "xml"],
        no_location=True,
        no_obsolete=True,
        no_wrap=True,
        verbosity=0,
    )
    for language in languages:
        catalogue = HERE / language / "LC_MESSAGES" / "django.po"
        text = catalogue.read_text(encoding="utf-8")
        body = text[text.index("\n\n") :]  # the header holds dates: the same texts are to be the same file
        catalogue.write_text(header(language) + body, encoding="utf-8")
    call_command("compilemessages", locale=languages, verbosity=0)


def header(language):
    return f"""# Longrun's texts for readers.
msgid ""
msgstr ""
"Project-Id-Version: Longrun\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {PLURALS[language]}\\n"
"""


if __name__ == "__main__":
    main(*sys.argv[1:])
