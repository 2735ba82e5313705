"""A new blog, and what `restore_from` says when it brings another into it."""

import io

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection

from blog.models import (
    Category,
    CssRevision,
    Icon,
    LinkCard,
    Media,
    MenuLink,
    Post,
    Redirect,
    Referrer,
    Series,
    Tag,
    Visit,
)
from comments.models import (
    Comment,
    Message,
    ModerationAction,
    Person,
    Report,
    SpamIndicator,
    StoppedAddress,
    Subscription,
    TrainingExample,
)
from transfer.models import MirrorSettings

EMPTIED = (
    Comment, Message, Redirect, Subscription, MenuLink, Post, Category, Tag, Series, MirrorSettings, Icon, Media,
    Person, StoppedAddress, ModerationAction, Report, CssRevision, Visit, Referrer, TrainingExample, SpamIndicator,
    LinkCard,
)  # fmt: skip


def emptied(settings, tmp_path):
    """A new blog of the same owner."""
    for model in EMPTIED:
        model.objects.all().delete()
    numbered = [{"table": model._meta.db_table, "column": "id"} for model in EMPTIED if model._meta.auto_field]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_by_name_sql(no_style(), numbered):
            cursor.execute(statement)
    get_user_model().objects.exclude(role="owner").delete()
    settings.LONGRUN_DATA = tmp_path / "new"
    settings.MEDIA_ROOT = tmp_path / "new" / "media"
    settings.MEDIA_ROOT.mkdir(parents=True)


def restored(folder, *options):
    out = io.StringIO()
    call_command("restore_from", folder, *options, stdout=out)
    return out.getvalue()
