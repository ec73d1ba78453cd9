"""*Open fix PR*: the click, the dialog, and the confirmation. Only the confirmation leads to a write."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from typing import Any

import structlog
from pydantic import ValidationError
from redis.exceptions import RedisError
from slack_bolt.async_app import AsyncAck, AsyncApp

from investigator.composition import Program
from investigator.errors import OutsideCallFailed
from investigator.models.fix import FixRequest

log = structlog.get_logger()

HANDED_OVER_SECONDS = 1.0  # within which the store has it, or the dialog is answered without knowing

_OTHER = re.compile(r"(\d{1,12}):([a-z0-9-]{1,60})")
_NUMBER = re.compile(r"\d{1,12}")


def register(app: AsyncApp, program: Program) -> None:
    @app.action("pilot_fix")
    async def clicked(ack: AsyncAck, body: dict[str, Any]) -> None:
        """The trigger lives for 3 seconds: an empty dialog first, which a job fills."""
        await ack()
        incident = str(body["actions"][0].get("value"))
        if not _NUMBER.fullmatch(incident):
            return
        view = program.renderer.view("fix_preparing", incident=incident)
        try:
            opened = await program.slack.call("views.open", trigger_id=body["trigger_id"], view=view)
        except OutsideCallFailed as failure:
            log.warning("dialog_not_opened", incident=incident, error=str(failure))
            return
        await _prepare(program, incident, body["user"]["id"], str(opened["view"]["id"]), "")

    @app.action("pilot_fix_other")
    async def other(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        if asked := _OTHER.fullmatch(str(body["actions"][0].get("value"))):
            await _prepare(program, asked[1], body["user"]["id"], body["view"]["id"], asked[2])

    @app.view("pilot_fix")
    async def confirmed(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        request = _request(body, view)
        if request is None:
            await ack()
            return
        opening = asyncio.create_task(_open(program, request))
        done, _ = await asyncio.wait({opening}, timeout=HANDED_OVER_SECONDS)
        if done:
            await ack(response_action="update", view=opening.result())
            return
        waiting = program.renderer.view("fix_opening", incident=request.incident, already=False)
        await ack(response_action="update", view=waiting)
        await _show(program, view["id"], await opening)


async def _open(program: Program, request: FixRequest) -> dict[str, Any]:
    """Hand it to a worker; what the dialog is to show then."""
    try:
        new = await program.jobs.open_fix(request)
    except RedisError as error:
        return _store_away(program, request.incident, error)
    return program.renderer.view("fix_opening", incident=request.incident, already=not new)


async def _prepare(program: Program, incident: str, user: str, view_id: str, slug: str) -> None:
    try:
        await program.jobs.prepare_fix(incident, user, view_id, slug)
    except RedisError as error:
        await _show(program, view_id, _store_away(program, incident, error))


def _store_away(program: Program, incident: str, error: RedisError) -> dict[str, Any]:
    log.error("store_unavailable", error=str(error))
    why = "my store does not answer; try again in a minute"
    return program.renderer.view("fix_refused", incident=incident, why=why, diff=None)


async def _show(program: Program, view_id: str, view: dict[str, Any]) -> None:
    try:
        await program.slack.call("views.update", view_id=view_id, view=view)
    except OutsideCallFailed as failure:
        log.warning("dialog_not_updated", view=view_id, error=str(failure))


def _request(body: dict[str, Any], view: dict[str, Any]) -> FixRequest | None:
    """What was confirmed; None for a dialog that is not ours or was not filled in."""
    values = view["state"]["values"]
    reviewers = values.get("reviewers", {}).get("reviewers", {}).get("selected_options") or []
    try:
        return FixRequest(
            **json.loads(view.get("private_metadata") or "{}"),
            id=hashlib.sha256(str(view["id"]).encode()).hexdigest()[:12],
            by=body["user"]["id"],
            title=_line(values["title"]["title"].get("value") or ""),
            body=values["body"]["body"].get("value") or "",
            reviewers=tuple(option["value"] for option in reviewers),
            draft=bool(values["draft"]["draft"].get("selected_options")),
        )
    except (ValidationError, KeyError, TypeError, ValueError) as error:
        log.warning("dialog_not_understood", error=type(error).__name__)
        return None


def _line(text: str) -> str:
    return " ".join(text.split())
