"""Posts with cards of links, for the tests of exports."""

import io

from PIL import Image

from blog.link_previews import digest_of_picture
from blog.models import LinkCard, Post


def post_with_card(address, by, *, side=24, **facts):
    """A post that shows this address as a card with a picture. Answers the card."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((side, side)).save(out, "WEBP")
    card = LinkCard.objects.create(
        address=address, title="Rivers & <seas>", site="Rivers", width=side, height=side, picture=out.getvalue(),
        digest=digest_of_picture(out.getvalue()),
    )  # fmt: skip
    post = Post(author=by, title="A card", source=f"Look:\n\n{address}\n\nSee {address} again.", **facts)
    post.publish(announced=True)
    assert post.html.count("longrun-card") == 1
    return card
