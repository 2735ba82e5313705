"""Performance goals, as ratios to nginx and to the small blog; the report lists all, met or not."""

from dataclasses import dataclass

AT_MOST, AT_LEAST = "at most", "at least"
QUIET = 0.05  # of all cores: if others use more, what was measured meanwhile is not judged


@dataclass
class Floor:
    """A goal: a limit and the measured value, None if this run did not measure it, or not while others left the
    machine alone (`busy`)."""

    what: str
    side: str
    limit: float
    value: float | None = None
    busy: bool = False

    @property
    def verdict(self):
        if self.value is None or self.busy:
            return "not judged: busy" if self.busy else "not measured"
        return "met" if (self.value <= self.limit if self.side == AT_MOST else self.value >= self.limit) else "NOT MET"

    def told(self):
        found = "" if self.value is None else f"{self.value:,.2f}"
        return f"{self.what:<64}{self.side:>9} {self.limit:>7,g} {found:>10}  {self.verdict}"


KEPT = ("post, 10 comments", "post, 100 comments", "post, 1000 comments", "home")
RATES = {"gzip": 0.5, "plain": 0.45, "304": 0.65}
COLD = {"post, 10 comments": 250, "post, 100 comments": 300, "post, 1000 comments": 400, "home": 400, "rare word": 500}
GROWTH = {"post, 10 comments": 1.3, "post, 100 comments": 1.3, "post, 1000 comments": 1.3, "home": 1.3, "rare word": 3}
BY_COOKIE = {"post, 10 comments": 200, "home": 250}  # for one visitor alone, compressed
COMMENT = 300
FIRST_PAGE = 30  # milliseconds of CPU
TOGETHER = 1.3  # the time of six readers ÷ that of one
WHILE_CHANGING = 0.5  # of the rate without changes
IMPORTED = 500  # posts and comments in a second
IMPORT_CPU = 150  # ÷ the standard library's parser: about what two cores can do at the goal of 500 a second
IMPORT_MEMORY = 300  # MiB


def floors(kept, cold, growth, comment, stale, by_cookie=None, busy=()):
    """All goals. `kept[page, form]`, `cold[page]` and `by_cookie[page]` are ratios to nginx, `growth[page]` to the
    small blog. `busy` names the goals that were measured only while others used the machine."""
    found = []
    for page in KEPT:
        for form, limit in RATES.items():
            ratios = kept.get((page, form), {})
            found.append(Floor(f"kept: {page}, {form}: rate ÷ nginx", AT_LEAST, limit, ratios.get("rate")))
            found.append(Floor(f"kept: {page}, {form}: CPU ÷ nginx", AT_MOST, 2.5, ratios.get("cpu")))
    for page, limit in COLD.items():
        found.append(Floor(f"cold: {page}: CPU ÷ nginx", AT_MOST, limit, cold.get(page)))
    for page, limit in BY_COOKIE.items():
        value = (by_cookie or {}).get(page)
        found.append(Floor(f"cold by cookie: {page}, gzip: CPU ÷ nginx", AT_MOST, limit, value))
    for page, limit in GROWTH.items():
        found.append(Floor(f"grown: {page}: CPU ÷ small blog", AT_MOST, limit, growth.get(page)))
    found.append(Floor("a guest's comment through all rules: CPU ÷ nginx", AT_MOST, COMMENT, comment))
    found.append(Floor("stale answers while things change", AT_MOST, 0, stale))
    for floor in found:
        floor.busy = any(floor.what.startswith(what) for what in busy)
    return found


def change_floors(first_pages, rates=None):
    """The goals after and during changes (bench.after_change), for what was measured."""
    found = []
    for each in first_pages:
        what, busy = f"after a change ({each.change})", each.foreign > QUIET
        found.append(Floor(f"{what}: first page, ms of CPU", AT_MOST, FIRST_PAGE, each.cpu, busy))
        found.append(Floor(f"{what}: six readers ÷ one", AT_MOST, TOGETHER, each.many / each.one, busy))
    if rates:
        quiet, changing, foreign = rates
        what = "ten changes a second: rate of a cached page ÷ without"
        found.append(Floor(what, AT_LEAST, WHILE_CHANGING, changing / quiet, foreign > QUIET))
    return found


def import_floors(figures):
    """The goals of the import, for each size that was measured."""
    found = []
    for each in figures:
        what = f"import, {each.comments:,} comments"
        found.append(Floor(f"{what}: items a second", AT_LEAST, IMPORTED, each.rate))
        found.append(Floor(f"{what}: CPU ÷ parser", AT_MOST, IMPORT_CPU, each.ratio))
        found.append(Floor(f"{what}: memory in MiB", AT_MOST, IMPORT_MEMORY, each.memory))
    return found


IDLE_MEMORY = 130  # MiB
FIRST_ANSWER = 1.3  # ÷ django.setup() and loading the URLs


def start_floors(start):
    """The goals of `bench.start`."""
    return [
        Floor("idle: memory of all processes in MiB", AT_MOST, IDLE_MEMORY, start.memory),
        Floor("start: CPU of the first answer ÷ django.setup() and the URLs", AT_MOST, FIRST_ANSWER, start.ratio),
    ]


KEPT_IN_A_STORM = {"mixed": 100, "cookie": 100, "crawlers": 100, "sessions": 100, "idle": 250}  # milliseconds


def storm_floors(results):
    """The goals of `bench.storm`, for each storm that was measured."""
    found = []
    for storm, limit in KEPT_IN_A_STORM.items():
        if (each := results.get(storm)) is None:
            continue
        found.append(Floor(f"storm: {storm}: p99 of a cached page in ms", AT_MOST, limit, each.p99))
        found.append(Floor(f"storm: {storm}: cached pages that failed", AT_MOST, 0, each.failed))
    if "crawlers" in results:
        each = results["crawlers"]
        found.append(Floor("storm: crawlers: p95 of a cached page in ms", AT_MOST, 50, each.p95))
        found.append(Floor("storm: crawlers: MiB of memory grown in the second half", AT_MOST, 4, each.grown))
    for storm in [name for name in ("crawlers", "sessions") if name in results]:
        each = results[storm]
        said = {status: count for status, count in each.statuses.items() if status.startswith("person")}
        found.append(Floor(f"storm: {storm}: p95 of a person's uncached page in ms", AT_MOST, 300, each.person))
        refused = sum(count for status, count in said.items() if not status.endswith(" 200"))
        found.append(Floor(f"storm: {storm}: a person's requests refused", AT_MOST, 0, refused))
    if "killed" in results:
        seconds = results["killed"].slowest / 1000
        found.append(Floor("killed: seconds from a killed web server to the next response", AT_MOST, 3, seconds))
    if "mixed" in results:
        statuses = results["mixed"].statuses
        lost = sum(count for status, count in statuses.items() if status in ("comment 0", "comment 500"))
        found.append(Floor("storm: mixed: comments without an answer", AT_MOST, 0, lost))
    return found


NOT_FOUND, PROBE = 1, 2  # milliseconds; times a cached page


def not_found_floors(costs, probes):
    """The goals of `bench.not_found`, by {what: microseconds}; "a cached page" is what probes are compared with."""
    found = []
    for name, cost in costs.items():
        if name in probes:
            ratio = cost / costs["a cached page"]
            found.append(Floor(f"404: {name}: CPU ÷ a cached page", AT_MOST, PROBE, ratio))
        elif name != "a cached page":
            found.append(Floor(f"404: {name}: CPU in ms", AT_MOST, NOT_FOUND, cost / 1000))
    return found
