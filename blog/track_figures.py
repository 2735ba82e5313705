"""What a map of a track is drawn from: its length, its climb, and the lines of the map and of the profile.

Lengths are in metres on a sphere; a climb counts once it is higher than the noise of a receiver.
"""

import math
from collections.abc import Sequence
from typing import Any

from blog.gpx import Point, Track

# The files made from the original of a track, in its folder (blog.media.tracks).
TRACK_FOR_READERS, TRACK_FACTS = "public.gpx", "track.json"

EARTH = 6_371_008.8  # metres; the mean radius
NOISE = 4.0  # metres
WIDE, LOWEST, HIGHEST, EDGE = 600, 240, 600, 16  # of the map, in its own units
PROFILE_HIGH, PROFILE_EDGE = 120, 6
MAP_POINTS, PROFILE_POINTS = 600, 240
SCALES = [round(step * 10**power) for power in range(1, 7) for step in (1, 2, 5)]  # metres


def distance(one: Point, other: Point) -> float:
    """Metres between two points, by the haversine formula."""
    north, south = math.radians(one.latitude), math.radians(other.latitude)
    across = math.radians(other.longitude - one.longitude)
    half = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(across / 2) ** 2
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(half)))


def figures(track: Track) -> dict[str, Any]:
    """{"name", "distance", "climb" (None without elevations), "map", "profile"} as JSON values."""
    way, walked = [], 0.0
    for segment in track.segments:
        for before, point in zip([None, *segment], segment, strict=False):
            walked += distance(before, point) if before else 0
            way.append((walked, point.elevation))
    heights = [(at, height) for at, height in way if height is not None]
    return {
        "name": track.name,
        "distance": round(walked),
        "climb": climb([height for _at, height in heights]) if len(heights) > 1 else None,
        "map": map_of(track.segments),
        "profile": profile_of(heights, walked),
    }


def climb(heights: Sequence[float]) -> int:
    """All metres upwards; what is lower than NOISE does not count."""
    total, last = 0.0, heights[0]
    for height in heights:
        if abs(height - last) >= NOISE:
            total += max(0.0, height - last)
            last = height
    return round(total)


def thinned(points: Sequence[Any], most: int) -> list[Any]:
    """At most so many of the points, evenly, with the first and the last one."""
    if len(points) <= most:
        return list(points)
    step = (len(points) - 1) / (most - 1)
    return [points[round(number * step)] for number in range(most)]


def map_of(segments: Sequence[Sequence[Point]]) -> dict[str, Any]:
    """{"width", "height", "lines": ["x,y x,y …"], "start", "end": [x, y], "scale": [metres, units]}; north is up."""
    points = [point for segment in segments for point in segment]
    middle = points[0].longitude
    turned = [[(((p.longitude - middle + 180) % 360) - 180, p.latitude) for p in segment] for segment in segments]
    flat = [each for segment in turned for each in segment]
    west, east = min(x for x, _y in flat), max(x for x, _y in flat)
    south, north = min(y for _x, y in flat), max(y for _x, y in flat)
    narrow = max(0.01, math.cos(math.radians((south + north) / 2)))
    across, along = max((east - west) * narrow, 1e-6), max(north - south, 1e-6)
    high = round(min(HIGHEST, max(LOWEST, (WIDE - 2 * EDGE) * along / across + 2 * EDGE)))
    unit = min((WIDE - 2 * EDGE) / across, (high - 2 * EDGE) / along)  # units for a degree of latitude
    left, top = (WIDE - across * unit) / 2, (high - along * unit) / 2

    def drawn(place: tuple[float, float]) -> list[float]:
        return [round(left + (place[0] - west) * narrow * unit, 1), round(top + (north - place[1]) * unit, 1)]

    share = MAP_POINTS / len(flat)
    lines = [thinned(segment, max(2, round(len(segment) * share))) for segment in turned]
    metre = unit / (math.pi * EARTH / 180)
    fitting = [metres for metres in SCALES if metres * metre <= WIDE / 4]
    scale = fitting[-1] if fitting else SCALES[0]
    return {
        "width": WIDE,
        "height": high,
        "lines": [" ".join(f"{x:g},{y:g}" for x, y in map(drawn, line)) for line in lines],
        "start": drawn(flat[0]),
        "end": drawn(flat[-1]),
        "scale": [scale, round(scale * metre, 1)],
    }


def profile_of(heights: Sequence[tuple[float, float]], walked: float) -> dict[str, Any] | None:
    """{"width", "height", "line": "x,y x,y …", "lowest", "highest": metres}; None without elevations."""
    if len(heights) < 2 or not walked:
        return None
    kept = thinned(heights, PROFILE_POINTS)
    lowest, highest = min(height for _at, height in heights), max(height for _at, height in heights)
    unit = (PROFILE_HIGH - 2 * PROFILE_EDGE) / max(highest - lowest, 20)
    line = [
        f"{at / walked * WIDE:.1f},{PROFILE_HIGH - PROFILE_EDGE - (height - lowest) * unit:.1f}" for at, height in kept
    ]
    return {
        "width": WIDE,
        "height": PROFILE_HIGH,
        "line": " ".join(line),
        "lowest": round(lowest),
        "highest": round(highest),
    }
