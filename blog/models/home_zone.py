"""Where the owner lives, as a circle that no public track enters. It is in no public export."""

import math
import re

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from blog.gpx import Point, Track
from blog.track_figures import EARTH, distance

_POINT = re.compile(r"\s*(-?[0-9]{1,2}(?:\.[0-9]{1,12})?)\s*[,;\s]\s*(-?[0-9]{1,3}(?:\.[0-9]{1,12})?)\s*")
MOVED = 0.3  # of the radius, at most: the middle of the circle that is cut out is not the home


def valid_point(text: str) -> None:
    place_of_home(text)


def place_of_home(text: str) -> Point:
    """The point of "48.2082, 16.3738". Raises ValidationError."""
    found = _POINT.fullmatch(text)
    if not found or abs(float(found[1])) > 90 or abs(float(found[2])) > 180:
        raise ValidationError(_("Write latitude and longitude in degrees, such as 48.2082, 16.3738."))
    return Point(float(found[1]), float(found[2]))


class HomeZone(models.Model):
    """One row, if there is a zone."""

    point = models.CharField("home", max_length=60, validators=[valid_point])
    radius = models.PositiveIntegerField(
        "radius in metres", default=500, validators=[MinValueValidator(100), MaxValueValidator(20_000)]
    )

    def __str__(self):
        return "home zone"

    @property
    def middle(self):
        """The middle of the circle that is cut out. It is near the home, in a direction that only the blog's secret
        key tells: where many tracks end on a circle, its middle is known."""
        home, number = (
            place_of_home(self.point),
            int(salted_hmac("blog.home_zone", f"{self.point} {self.radius}").hexdigest(), 16),
        )
        metres = self.radius * MOVED * (0.5 + number % 1000 / 2000)
        direction = math.radians(number // 1000 % 360)
        north = math.degrees(metres * math.cos(direction) / EARTH)
        east = math.degrees(metres * math.sin(direction) / (EARTH * max(0.01, math.cos(math.radians(home.latitude)))))
        return Point(max(-90, min(90, home.latitude + north)), (home.longitude + east + 180) % 360 - 180)

    def cut(self, track: Track) -> Track:
        """The track without what lies in the zone. A line that only crosses it between two points is cut as well."""
        middle, segments = self.middle, []
        for segment in track.segments:
            run: list[Point] = []
            for point in segment:
                if distance(middle, point) <= self.radius:
                    segments.append(run)
                    run = []
                    continue
                if run and crosses(run[-1], point, middle, self.radius):
                    segments.append(run)
                    run = []
                run.append(point)
            segments.append(run)
        outside = [point for point in track.waypoints if distance(middle, point) > self.radius]
        return Track(track.name, [run for run in segments if len(run) > 1], outside)


def crosses(one: Point, other: Point, middle: Point, radius: float) -> bool:
    """Whether the line between two points outside a circle passes through it."""
    narrow = math.cos(math.radians(middle.latitude))
    degree = math.radians(EARTH)

    def flat(point: Point) -> tuple[float, float]:
        across = (point.longitude - middle.longitude + 180) % 360 - 180
        return across * narrow * degree, (point.latitude - middle.latitude) * degree

    (x, y), (to_x, to_y) = flat(one), flat(other)
    long = (to_x - x) ** 2 + (to_y - y) ** 2
    at = max(0.0, min(1.0, -(x * (to_x - x) + y * (to_y - y)) / long)) if long else 0.0
    return math.hypot(x + at * (to_x - x), y + at * (to_y - y)) <= radius
