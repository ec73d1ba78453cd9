"""`/pilot investigate`: find the issue a person named, and have it investigated."""

from __future__ import annotations

from datetime import UTC, datetime

import aiohttp
import structlog
from redis.exceptions import WatchError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from investigator import keys, lifecycle
from investigator.composition import Program
from investigator.errors import OutsideCallFailed, PilotError
from investigator.incidents import FINDINGS_SECONDS, parse_states, write_incident
from investigator.models.alert import AlertRecord
from investigator.models.incident import Incident
from investigator.models.issue_state import IssueState
from investigator.models.message import Message
from investigator.models.sentry import SentryIssue
from investigator.opening import new_incident, project_of
from investigator.references import parse_reference
from investigator.regrouping import member_of
from investigator.runs import request_run
from investigator.store import begin

log = structlog.get_logger()

_CONFLICTS = 20


async def open_issue(
    program: Program, reference: str, *, user: str, channel: str, reply_to: str, request: str
) -> None:
    """Open an incident for the named issue, or run the open one again; tells the person what happened.

    `reply_to` is a `response_url`, or the `ts` of a message in `channel` to answer below. `request`
    identifies the command, so that a repeated job opens nothing twice.

    Raises:
        OutsideCallFailed: Sentry cannot be reached now; the job is to be tried again.
    """
    try:
        issue = await _issue(program, reference)
    except NotInvestigable as problem:
        message = program.renderer.render("not_found", reference=reference, why=str(problem))
        await tell(program, message, channel=channel, reply_to=reply_to, key=f"asked:{request}:not_found")
        return
    at = datetime.now(UTC)
    incident, opened = await _open_or_find(program, issue, user=user, channel=channel, request=request, at=at)
    new = True
    if opened:
        await program.jobs.investigate(incident.id, 1)
    else:
        incident, new = await request_run(
            program.incidents, program.jobs, incident.id, by=user, at=at, request=request
        )
    message = program.renderer.render("accepted", incident=incident, already=not new)
    await tell(program, message, channel=channel, reply_to=reply_to, key=f"asked:{request}:accepted")


class NotInvestigable(PilotError):
    """What the person named cannot be investigated; the text says why and what to do."""


async def _issue(program: Program, reference: str) -> SentryIssue:
    parsed = parse_reference(reference)
    if parsed is None:
        raise NotInvestigable("that is not an issue's number, short id or address")
    sentry = program.outside.sentry
    if sentry is None:
        raise NotInvestigable(
            "without SENTRY_AUTH_TOKEN and SENTRY_ORG only issues that alert by webhook are known"
        )
    try:
        issue_id = parsed.value if parsed.kind == "issue_id" else await sentry.resolve_short_id(parsed.value)
        return await sentry.issue(issue_id)
    except OutsideCallFailed as failure:
        if failure.kind == "not_found":
            raise NotInvestigable("Sentry knows no such issue in this organization") from None
        if failure.kind in {"unauthorized", "forbidden"}:
            raise NotInvestigable(
                f"Sentry refused our token ({failure}): it needs the scope event:read"
            ) from None
        raise


async def _open_or_find(
    program: Program, issue: SentryIssue, *, user: str, channel: str, request: str, at: datetime
) -> tuple[Incident, bool]:
    """The issue's open incident and False, or a new one and True."""
    key, opened_by = keys.issue(issue.id), f"slack:{request}"
    for _ in range(_CONFLICTS):
        async with program.store.pipeline(transaction=True) as pipe:
            await pipe.watch(key)
            states = parse_states([issue.id], [await pipe.get(key)])
            state = states.get(issue.id) or IssueState(issue_id=issue.id)
            if state.status == "open" and state.incident_id:
                incident = await program.incidents.get(state.incident_id)
                return incident, incident.opened_by == opened_by
            state = lifecycle.asked(state, issue, at).with_key(f"{issue.id}@{opened_by}")
            number = (await program.incidents.new_ids(1))[0]
            incident, told = _new(
                program, number, state, issue, user=user, channel=channel, opened_by=opened_by, at=at
            )
            begin(pipe)
            write_incident(pipe, incident)
            pipe.set(keys.alert(told.key), told.model_dump_json(), ex=FINDINGS_SECONDS)
            pipe.set(key, state.with_incident(incident.id).model_dump_json())
            try:
                await pipe.execute()
            except WatchError:
                continue
            return incident, True
    raise PilotError(f"issue {issue.id} changed {_CONFLICTS} times while an incident was being opened")


def _new(
    program: Program,
    number: str,
    state: IssueState,
    issue: SentryIssue,
    *,
    user: str,
    channel: str,
    opened_by: str,
    at: datetime,
) -> tuple[Incident, AlertRecord]:
    """The incident of this issue's newest episode, and what its one alert is taken to have told."""
    service = program.catalog.service_of(project_of(None, issue))
    catalogued = program.catalog.service(service.name) is not None
    incident = new_incident(
        number,
        state=state,
        service=service,
        event=None,
        issue=issue,
        at=at,
        opened_by=opened_by,
        requested_by=user,
        channel=None if catalogued else channel,
    )
    told = AlertRecord(
        key=state.episodes[-1].alert_key,
        issue_id=issue.id,
        service=service.name,
        received_at=at,
        opened_by=opened_by,
        issue=issue,
    )
    return incident.model_copy(update={"members": (member_of(told, state),)}), told


async def tell(program: Program, message: Message, *, channel: str, reply_to: str, key: str) -> None:
    """Answer the person; that they miss it is no reason to investigate twice."""
    try:
        if reply_to.startswith("http"):
            await AsyncWebhookClient(reply_to, timeout=5).send(
                text=message.text, blocks=list(message.blocks), response_type="ephemeral"
            )
        else:
            await program.thread.say(key, message, incident="", channel=channel, thread_ts=reply_to)
    except (aiohttp.ClientError, OSError, TimeoutError, OutsideCallFailed) as error:
        log.warning("answer_not_delivered", error=type(error).__name__)
