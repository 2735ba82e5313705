"""The blog's icon: a picture that the owner brings, drawn in the sizes that browsers and phones ask for."""

import hashlib

from django.utils.translation import gettext as _

from blog import uploads
from blog.models import Icon

SIZES = (32, 180, 192, 512)


def take(upload):
    """Stores the icon in all its sizes; the digest for their addresses. Raises uploads.Refused."""
    name = uploads.name_of(upload)
    shape = uploads.shape_of(upload, name)
    if shape not in uploads.PICTURES:
        raise uploads.Refused(name, _("an icon is a picture: PNG, JPEG, GIF, WebP or AVIF."))
    from blog import encoding  # imports Pillow

    try:
        drawn = encoding.squares(upload, shape, SIZES)
    except (encoding.TooManyPixels, encoding.NotReadable):
        raise uploads.Refused(name, _("it is damaged, incomplete or too large.")) from None
    for size, png in drawn.items():
        Icon.objects.update_or_create(size=size, defaults={"png": png})
    return hashlib.sha256(b"".join(drawn.values())).hexdigest()[:12]


def forget():
    Icon.objects.all().delete()
    return ""
