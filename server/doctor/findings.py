"""The list of checks, and what they found."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from server.doctor import configuration, data, other_servers, work
from server.doctor.problem import Problem

__all__ = ["Finding", "Problem", "examine"]

# A check returns a sentence if all is well and raises Problem if not. The database comes first; where it cannot be
# read, or has other tables than this version, those that query it are left out.
WITHOUT_DATABASE = [
    configuration.versions,
    configuration.names,
    configuration.address,
    configuration.hosts,
    configuration.proxies,
    configuration.debug,
    configuration.static,
    configuration.templates,
    data.folder,
    data.space,
    data.copies,
    configuration.capacity,
]
WITH_DATABASE = [
    data.media_files,
    data.backup,
    data.drill,
    work.owner,
    work.worker,
    work.schedule,
    work.queue,
    work.clock,
    other_servers.time,
    other_servers.logins,
    other_servers.emails,
]
IN_THREADS = [other_servers.redis, other_servers.mail]  # they wait for other servers, and make no query


@dataclass(frozen=True)
class Finding:
    """One line of the report. `todo` says what to do about a problem; "" if all is well."""

    name: str
    is_well: bool
    text: str
    todo: str = ""

    def as_json(self):
        return {"name": self.name, "state": "ok" if self.is_well else "problem", "text": self.text, "todo": self.todo}


def examine(*, thoroughly=True, without=()):
    """All findings, in the order of the lists above, but those of the functions in `without`.

    `thoroughly`: read the whole database again.
    """
    with ThreadPoolExecutor(len(IN_THREADS), thread_name_prefix="doctor") as threads:
        asked = [threads.submit(check, function) for function in IN_THREADS]
        first = [check(data.database if thoroughly else data.checked_database)]
        if first[0].is_well:
            first.append(check(data.migrations))
        rest = list(map(check, WITHOUT_DATABASE))
        if all(finding.is_well for finding in first):
            rest += [check(function) for function in WITH_DATABASE if function not in without]
        return [*first, *rest, *(answer.result() for answer in asked)]


def check(function):
    """The Finding of one check. Whatever else it raises is a finding too: the others still run."""
    name = function.__name__.removeprefix("checked_")
    try:
        return Finding(name, True, function())
    except Problem as problem:
        return Finding(name, False, problem.text, problem.todo)
    except ImproperlyConfigured as problem:
        return Finding(name, False, str(problem))
    except Exception as error:
        return Finding(name, False, f"cannot be checked: {type(error).__name__}: {error}.", "The log may say more.")
