"""Incidents of our own: worked on like any other, but what fails meanwhile is not reported as an error.

It would become an alert, and that an incident, and so on for ever.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

import structlog
from redis.exceptions import RedisError

from investigator.composition import Program
from investigator.errors import PilotError
from investigator.models.incident import Incident

log = structlog.get_logger(__name__)

NOTE = "incident_pilot: raised while an incident of our own was worked on"
TAG = "incident_pilot"  # on every error that we report


async def unreported(program: Program, incident_id: str, work: Callable[[Program], Awaitable[None]]) -> None:
    """Do `work`; an exception that leaves it is marked when the incident is about ourselves."""
    try:
        await work(program)
    except Exception as error:
        if await _is_about_ourselves(program, incident_id):
            error.add_note(NOTE)
        raise


def is_marked(error: BaseException | None) -> bool:
    """Whether this exception, or what led to it, is not to be reported."""
    return any(NOTE in getattr(each, "__notes__", ()) for each in _chain(error))


def is_ours(incident: Incident, project: str | None) -> bool:
    """By the project that our errors go to, or by the tag that they carry. Pure."""
    tagged = incident.event is not None and incident.event.tag(TAG) is not None
    return tagged or (project is not None and incident.project == project)


async def _is_about_ourselves(program: Program, incident_id: str) -> bool:
    settings = program.settings
    if settings.pilot_sentry_dsn is None:
        return False
    try:
        incident = await program.incidents.get(incident_id)
    except (PilotError, RedisError, OSError) as error:
        log.info("origin_not_known", incident=incident_id, error=str(error))
        return False
    return is_ours(incident, settings.pilot_sentry_project)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
