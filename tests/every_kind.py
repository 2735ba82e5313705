"""A post with every kind of content: for the tests that read it everywhere, and the screenshots of docs/."""

import io
import math
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from blog.media import uploads
from blog.models import LinkCard
from tests.recordings import SILENCE

TEXT = """
Before the break, with *emphasis*, **strength** and ==a marked word==.

<!--more-->

## A heading

> A quotation of one line.

> [!NOTE]
> A note beside the text.

- a list
    - in a list

1. first

- [x] done
- [ ] to do

```python
print("code")
```

| Thing | Weight |
|-------|-------:|
| Keys  |   80 g |

Term
:   its meaning

H~2~O, x^2^, :runner: and HTML.[^1] Another note.^[In the text.]

The sum is $a^2 + b^2$:

$$c = \\sqrt{a^2 + b^2}$$

{gallery}

Words between.

{picture}

{sound}

{film}

{track}

https://rivers.example/the-source/

https://www.youtube.com/watch?v=dQw4w9WgXcQ

[An own page](/about/), [a heading](#a-heading) and [another website](https://example.org/).

*[HTML]: HyperText Markup Language

[^1]: A footnote.
"""

SHAPES = [(1600, 1000), (1000, 1600), (1200, 1200), (1500, 900)]


def gradient(shape):
    out = io.BytesIO()
    Image.linear_gradient("L").resize(shape).save(out, "PNG")
    return out.getvalue()


def text_by(author, pictures=None):
    """The text, after its files are uploaded and the card of its link is there.

    `pictures`: four files (PNG), three of them for the gallery.
    """

    def uploaded(name, content, kind):
        return uploads.store_upload(SimpleUploadedFile(name, content, kind), author)

    stored = [
        uploaded(f"{number}.png", picture, "image/png").get_absolute_url()
        for number, picture in enumerate(pictures or map(gradient, SHAPES), start=1)
    ]
    gallery = [f'![Picture {number}]({address} "Caption {number}")' for number, address in enumerate(stored[:3], 1)]
    film = (Path(__file__).parent / "data/red-then-green.webm").read_bytes()
    parts = {
        "gallery": "\n\n".join(gallery),
        "picture": f'![A bridge in fog]({stored[3]} "The bridge")',
        "sound": uploaded("Ten miles.mp3", SILENCE, "audio/mpeg").markdown,
        "film": uploaded("The river.webm", film, "video/webm").markdown,
        "track": uploaded("To the river.gpx", track(), "application/gpx+xml").markdown,
    }
    LinkCard.objects.create(address="https://rivers.example/the-source/", title="The source of it all", site="Rivers")
    text = TEXT
    for name, part in parts.items():
        text = text.replace(f"{{{name}}}", part)
    return text


def track():
    """A GPX file: some miles beside a river that winds, up a hill and down."""
    points = "".join(
        f'<trkpt lat="{48.2 + at / 3000:.6f}" lon="{16.37 + math.sin(at / 9) / 120:.6f}">'
        f"<ele>{180 + 60 * math.sin(at / 25):.1f}</ele></trkpt>"
        for at in range(80)
    )
    return f'<gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>{points}</trkseg></trk></gpx>'.encode()
