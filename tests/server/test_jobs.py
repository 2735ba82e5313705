import os
import time
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from accounts import avatars
from comments.models import Comment
from server import backups
from server.backups.schedule import run_backup
from server.jobs import delete_unused_avatars


def test_a_backup_of_a_clock_that_was_once_wrong_does_not_end_all_backups(written):
    from_tomorrow = backups.create_backup()
    from_tomorrow.path.rename(from_tomorrow.path.with_name("2126-01-01-040000"))
    assert backups.latest() is None
    run_backup.func(timezone.now().isoformat())
    made = backups.latest()
    assert [kept.name for kept in backups.list_backups()] == ["2126-01-01-040000", made.name]
    assert backups.find("last") == made


def test_what_was_made_since_it_was_asked_for_is_not_made_again(written):
    asked = (timezone.now() - timedelta(minutes=5)).isoformat()
    made = backups.create_backup()
    run_backup.func(asked)
    assert backups.list_backups() == [made]


def test_a_picture_goes_when_no_account_and_no_comment_shows_it(settings, tmp_path, rene, make_post):
    settings.MEDIA_ROOT = tmp_path
    of_rene, of_a_comment, of_nobody, fresh = (
        avatars.store_avatar(face) for face in (b"one", b"two", b"three", b"four")
    )
    rene.picture = of_rene
    rene.save()
    avatar = f"/accounts/picture/{of_a_comment}.webp"
    Comment.objects.create(post=make_post(), text="Seen with a picture.", state="approved", avatar=avatar)
    two_days_ago = time.time() - 2 * 86400
    for name in (of_rene, of_a_comment, of_nobody):
        os.utime(Path(settings.MEDIA_ROOT, avatars.stored_name(name)), (two_days_ago, two_days_ago))
    delete_unused_avatars()
    assert avatars.read(of_nobody) is None
    assert all(map(avatars.read, (of_rene, of_a_comment, fresh)))
    delete_unused_avatars()
