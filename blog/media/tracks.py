"""The files of an uploaded track: the original, which stays private, and what is made of it for readers.

full.gpx     as it was uploaded
public.gpx   without the home zone and without all that `blog.gpx` leaves out
track.json   what `blog.track_maps` draws (`blog.track_figures.figures`); null if all of it lies in the home zone
"""

import json
from pathlib import Path

from blog import gpx
from blog.models import HomeZone
from blog.track_figures import TRACK_FACTS, TRACK_FOR_READERS, figures
from core.media_storage import media_storage

CHUNK = 256 * 1024


def for_readers(track: gpx.Track) -> dict[str, bytes]:
    """{file name: content} of what readers may have of a track."""
    zone = HomeZone.objects.first()
    cut = zone.cut(track) if zone else track
    facts = figures(cut) if cut.segments else None
    return {TRACK_FOR_READERS: gpx.write_track(cut), TRACK_FACTS: json.dumps(facts).encode()}


def describe_track(folder: Path, original: Path) -> None:
    """Write the files for readers beside the original. Raises gpx.Unreadable."""
    with original.open("rb") as file:
        track = gpx.read_track(iter(lambda: file.read(CHUNK), b""))
    for name, content in for_readers(track).items():
        (folder / name).write_bytes(content)


def cut_again(media):
    """Make the files for readers anew, as the home zone is now. What cannot be read any more has none."""
    storage = media_storage()
    try:
        made = for_readers(gpx.read_track(storage.read(f"{media.folder}/{media.full}")))
    except (gpx.Unreadable, FileNotFoundError):
        for name in (TRACK_FOR_READERS, TRACK_FACTS):
            storage.delete(f"{media.folder}/{name}")
        return
    for name, content in made.items():
        storage.put(f"{media.folder}/{name}", content)
