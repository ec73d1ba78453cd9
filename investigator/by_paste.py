"""An incident from a stack trace that somebody pasted: no issue in Sentry, investigated all the same."""

from __future__ import annotations

from datetime import UTC, datetime

from investigator import keys
from investigator.bounding import bounded
from investigator.by_hand import tell
from investigator.catalog import Catalog
from investigator.composition import Program
from investigator.incidents import write_incident
from investigator.models.incident import Incident, Run
from investigator.models.sentry import SentryEvent
from investigator.models.service import Service
from investigator.pasted.trace import parse_trace
from investigator.store import begin, decoded

REMEMBER_SECONDS = 24 * 3600


async def open_pasted(
    program: Program, text: str, *, user: str, channel: tuple[str, str], reply_to: str, request: str
) -> None:
    """Open an incident for the trace in `text` and have it investigated; tells the person its number.

    `channel` is (id, name) of where it was pasted; `request` identifies the asking, so that a repeated job
    opens nothing twice. Without a trace nothing happens: whoever enqueued this had looked for one.
    """
    event = parse_trace(text)
    if event is None:
        return
    number = (await program.incidents.new_ids(1))[0]
    key = keys.pasted(request)
    if not await program.store.set(key, number, nx=True, ex=REMEMBER_SECONDS):
        number = decoded(await program.store.get(key))
    service = service_of_channel(program.catalog, channel)
    incident = _incident(number, event, service, user=user, channel=channel[0], request=request)
    async with program.store.pipeline(transaction=True) as pipe:
        await pipe.watch(keys.incident(number))
        if not await pipe.exists(keys.incident(number)):
            begin(pipe)
            write_incident(pipe, incident)
            await pipe.execute()
    await program.jobs.investigate(number, 1)
    message = program.renderer.render("accepted", incident=incident)
    await tell(program, message, channel=channel[0], reply_to=reply_to, key=f"asked:{request}:accepted")


def service_of_channel(catalog: Catalog, channel: tuple[str, str]) -> Service:
    """The service whose incidents go to this channel, if it is one; the only one; else unknown. Pure."""
    names = {channel[0], f"#{channel[1]}"}
    here = [service for service in catalog.services if service.channel in names]
    candidates = here if len(here) == 1 else list(catalog.services)
    return candidates[0] if len(candidates) == 1 else catalog.service_of(None)


def _incident(
    number: str, event: SentryEvent, service: Service, *, user: str, channel: str, request: str
) -> Incident:
    at = datetime.now(UTC)
    return Incident(
        id=number,
        opened_at=at,
        opened_by=f"slack:{request}",
        service=service.name,
        channel=channel,
        project=service.sentry_projects[0] if service.sentry_projects else None,
        title=event.title,
        level=event.level,
        last_event_at=at,
        event=bounded(event),
        runs=(Run(number=1, requested_at=at, requested_by=user, request=request),),
    )
