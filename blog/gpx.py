"""Reads and writes GPX 1.0 and 1.1 (topografix.com): the points of tracks and routes, and waypoints. All else that a
file says (heart rates, devices, authors, links) is left out.

The parser is expat, which resolves nothing from elsewhere; a DOCTYPE is refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import gettext as _

MOST_POINTS = 250_000
DEEPEST = 30  # elements within one another
LONGEST_TEXT = 500  # characters of a name, a time or a number


class Unreadable(Exception):
    """The file is no track; `str()` is a sentence for the person who uploaded it."""


class Point(NamedTuple):
    latitude: float  # degrees
    longitude: float
    elevation: float | None = None  # metres
    time: str = ""  # as it stands in the file, ISO 8601
    name: str = ""  # of a waypoint


@dataclass
class Track:
    name: str = ""
    segments: list[list[Point]] = field(default_factory=list)
    waypoints: list[Point] = field(default_factory=list)


def read_track(pieces: Iterable[bytes]) -> Track:
    """The track of a file, which comes in pieces. Raises Unreadable."""
    reader = Reader()
    try:
        for piece in pieces:
            reader.parser.Parse(piece, False)
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        facts = {"line": error.lineno, "what": expat.errors.messages[error.code]}
        raise Unreadable(_("it is damaged in line %(line)d (%(what)s).") % facts) from error
    except (ValueError, LookupError) as error:  # an encoding that Python does not know
        raise Unreadable(_("it is damaged or incomplete.")) from error
    reader.track.segments = [segment for segment in reader.track.segments if len(segment) > 1]
    if not reader.track.segments:
        raise Unreadable(_("it has no track or route with at least two points."))
    return reader.track


class Reader:
    def __init__(self) -> None:
        self.track = Track()
        self.path: list[str] = []
        self.text = ""
        self.place: tuple[float, float] | None = None
        self.facts: dict[str, str] = {}
        self.points = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartDoctypeDeclHandler = self.refuse_doctype
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.add_text

    def refuse_doctype(self, *_facts: object) -> None:
        raise Unreadable(_("a track with a DOCTYPE or entities is not accepted. Export it again without them."))

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        self.path.append(name)
        self.text = ""
        if len(self.path) > DEEPEST:
            raise Unreadable(_("it is damaged or incomplete."))
        if self.path == ["gpx", "trk", "trkseg"] or self.path == ["gpx", "rte"]:
            self.track.segments.append([])
        elif name in ("trkpt", "rtept", "wpt"):
            self.points += 1
            if self.points > MOST_POINTS:
                raise Unreadable(_("it has more than %d points. Make it shorter first.") % MOST_POINTS)
            self.place, self.facts = valid_place(attributes), {}

    def add_text(self, text: str) -> None:
        if len(self.text) < LONGEST_TEXT:
            self.text += text[:LONGEST_TEXT]

    def end(self, _tag: str) -> None:
        name, above = self.path.pop(), self.path[-1] if self.path else ""
        if name in ("ele", "time", "name") and above in ("trkpt", "rtept", "wpt"):
            self.facts.setdefault(name, self.text.strip()[:LONGEST_TEXT])
        elif name == "name" and above in ("trk", "rte", "metadata", "gpx"):
            self.track.name = self.track.name or self.text.strip()[:200]
        elif name in ("trkpt", "rtept", "wpt") and self.place:
            point = Point(
                *self.place, finite_number(self.facts.get("ele", "")), *map(self.facts.get, ("time", "name"), ("", ""))
            )
            self.place = None
            if name == "wpt":
                self.track.waypoints.append(point)
            elif self.track.segments:
                self.track.segments[-1].append(point)
        self.text = ""


def valid_place(attributes: dict[str, str]) -> tuple[float, float] | None:
    latitude, longitude = finite_number(attributes.get("lat", "")), finite_number(attributes.get("lon", ""))
    is_place = latitude is not None and longitude is not None and abs(latitude) <= 90 and abs(longitude) <= 180
    return (latitude, longitude) if is_place and latitude is not None and longitude is not None else None


def finite_number(text: str) -> float | None:
    """A decimal number, or None for anything else, such as an infinite one."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if abs(found) < 1e9 else None


def write_track(track: Track) -> bytes:
    """A GPX 1.1 document."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append('<gpx version="1.1" creator="Longrun" xmlns="http://www.topografix.com/GPX/1/1">')
    lines += [element("wpt", point) for point in track.waypoints]
    lines.append(f"<trk><name>{plain(track.name)}</name>")
    for segment in track.segments:
        lines += ["<trkseg>", *(element("trkpt", point) for point in segment), "</trkseg>"]
    return "\n".join([*lines, "</trk></gpx>", ""]).encode()


def element(tag: str, point: Point) -> str:
    inside = "" if point.elevation is None else f"<ele>{point.elevation:g}</ele>"
    inside += f"<time>{plain(point.time)}</time>" if point.time else ""
    inside += f"<name>{plain(point.name)}</name>" if point.name else ""
    place = f"lat={quoteattr(f'{point.latitude:.7f}')} lon={quoteattr(f'{point.longitude:.7f}')}"
    return f"<{tag} {place}>{inside}</{tag}>"


def plain(text: str) -> str:
    return escape("".join(letter for letter in text if letter >= " "))
