"""What the pages that posts link to say of themselves. The server asks them once, and no reader's browser does."""

from datetime import timedelta

from django.db import models
from django.urls import reverse
from django.utils import timezone

from blog import link_cards
from blog.link_previews import look_up
from blog.models.reading_settings import reading

ASKED_AGAIN = timedelta(days=1)  # after an answer that gave no title


class LinkCardQuerySet(models.QuerySet):
    def shown_in(self, html):
        """{address: card} of the links in `html` that can be cards; no query if there are none."""
        addresses = link_cards.addresses_in(html) if 'href="http' in html else []
        if not addresses or not reading().link_cards:
            return {}
        found = self.filter(address__in=addresses).exclude(title="").defer("picture")
        return {card.address: card for card in found}

    def asked(self, address):
        """The card of an address, whose page is asked unless that was done. May take half a minute."""
        card = self.filter(address=address).first() or LinkCard(address=address)
        if card.title or (card.pk and card.asked_at > timezone.now() - ASKED_AGAIN):
            return card
        if preview := look_up(address):
            card.title, card.site, picture = preview.title, preview.site, preview.picture
            if picture:
                card.picture, card.digest = picture.content, picture.digest
                card.width, card.height = picture.width, picture.height
        card.asked_at = timezone.now()
        card.save()
        return card


class LinkCard(models.Model):
    """A page elsewhere: its title (empty if it gave none, or did not answer), its site's name, and a small picture of
    it that was encoded here. A cache: what is lost is asked for again when the post is saved."""

    address = models.CharField(max_length=link_cards.LONGEST_ADDRESS, unique=True)
    title = models.CharField(max_length=300, blank=True)
    site = models.CharField(max_length=200, blank=True)
    picture = models.BinaryField(null=True)  # WebP
    digest = models.CharField(max_length=32, blank=True, db_index=True)  # of the picture, in its address
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(default=timezone.now)

    objects = LinkCardQuerySet.as_manager()

    @property
    def picture_path(self):
        """Where the picture is shown; "" without one."""
        return reverse("link_picture", args=[self.digest]) if self.digest else ""

    def __str__(self):
        return self.title or self.address
