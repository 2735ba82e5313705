"""The site icon: a picture uploaded by the owner, in the sizes that browsers and phones request."""

import hashlib

from django.utils.translation import gettext as _

from blog.media import uploads
from blog.models import Icon

SIZES = (32, 180, 192, 512)


def drawn(upload):
    """{size in pixels: PNG as bytes} of the uploaded icon. Raises uploads.Refused."""
    name = uploads.name_of(upload)
    shape = uploads.shape_of(upload, name)
    if shape not in uploads.PICTURES:
        raise uploads.Refused(name, _("an icon has to be a picture: PNG, JPEG, GIF, WebP or AVIF."))
    from blog.media import encoding  # imports Pillow

    try:
        return encoding.squares(upload, shape, SIZES)
    except (encoding.TooManyPixels, encoding.NotReadable):
        raise uploads.Refused(name, _("it is damaged, incomplete or too large.")) from None


def keep(pictures):
    """Stores the result of `drawn` and returns the digest for the icon's URLs."""
    for size, png in pictures.items():
        Icon.objects.update_or_create(size=size, defaults={"png": png})
    return hashlib.sha256(b"".join(pictures.values())).hexdigest()[:12]


def forget():
    Icon.objects.all().delete()
    return ""
