import os
import time

from accounts import pictures
from comments.models import Comment
from config.jobs import throw_away_pictures_of_nobody


def test_a_picture_goes_when_no_account_and_no_comment_shows_it(settings, tmp_path, rene, make_post):
    settings.MEDIA_ROOT = tmp_path
    of_rene, of_a_comment, of_nobody, fresh = (pictures.keep(face) for face in (b"one", b"two", b"three", b"four"))
    rene.picture = of_rene
    rene.save()
    avatar = f"/accounts/picture/{of_a_comment}.webp"
    Comment.objects.create(post=make_post(), text="Seen with a picture.", state="approved", avatar=avatar)
    two_days_ago = time.time() - 2 * 86400
    for name in (of_rene, of_a_comment, of_nobody):
        os.utime(pictures.path_of(name), (two_days_ago, two_days_ago))
    throw_away_pictures_of_nobody()
    assert pictures.stored(of_nobody) is None
    assert all(map(pictures.stored, (of_rene, of_a_comment, fresh)))
    throw_away_pictures_of_nobody()
