"""What people say of a verdict: thumbs, and whether the named cause was right."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.listeners.answering import safely
from investigator import audit
from investigator.composition import Program
from investigator.errors import OutsideCallFailed
from investigator.judgements import GRADES, THUMBS, Judgement, note
from investigator.models.message import Message

log = structlog.get_logger()

_THUMB = re.compile(rf"^({'|'.join(THUMBS)}):(\d{{1,12}}):(\d{{1,6}})$")  # a button's value
_GRADED = re.compile(r"^(\d{1,12}):(\d{1,6})$")
_REASON_VIEW = "pilot_reason"


def register(app: AsyncApp, program: Program) -> None:
    @app.action(re.compile(r"^pilot_feedback"))
    async def thumbs(ack: AsyncAck, respond: AsyncRespond, body: dict[str, Any]) -> None:
        await ack()
        value = str(body["actions"][0].get("value"))
        if judgement := _of_thumb(value, body):
            if judgement.value == "down":  # the trigger lives for 3 seconds: the modal first
                await _ask_why(program, body["trigger_id"], value)
            await _thank(program, judgement, respond)

    @app.action(re.compile(rf"^pilot_grade_({'|'.join(GRADES)})$"))
    async def grade(ack: AsyncAck, respond: AsyncRespond, body: dict[str, Any]) -> None:
        await ack()
        clicked = body["actions"][0]
        if about := _GRADED.fullmatch(str(clicked.get("value"))):
            judgement = Judgement(
                kind="graded",
                incident=about[1],
                run=int(about[2]),
                value=clicked["action_id"].removeprefix("pilot_grade_"),
                by=body["user"]["id"],
                at=datetime.now(UTC),
            )
            await _thank(program, judgement, respond)

    @app.view(_REASON_VIEW)
    async def reason(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        await ack()
        judgement = _of_thumb(view.get("private_metadata", ""), body)
        words = (view["state"]["values"]["reason"]["words"].get("value") or "").strip()
        if judgement and words:
            explained = judgement.model_copy(update={"reason": words})
            await safely(program, lambda: _keep(program, explained))


def _of_thumb(value: str, body: dict[str, Any]) -> Judgement | None:
    said = _THUMB.fullmatch(value)
    if said is None:
        return None
    by, at = body["user"]["id"], datetime.now(UTC)
    return Judgement(kind="thumbs", incident=said[2], run=int(said[3]), value=said[1], by=by, at=at)


async def _ask_why(program: Program, trigger: str, value: str) -> None:
    view = program.renderer.view("reason", value=value)
    try:
        await program.slack.call("views.open", trigger_id=trigger, view=view)
    except OutsideCallFailed as failure:  # the thumb counts without a reason
        log.warning("modal_not_opened", error=str(failure))


async def _thank(program: Program, judgement: Judgement, respond: AsyncRespond) -> None:
    message = await safely(program, lambda: _keep(program, judgement))
    await respond(
        text=message.text, blocks=list(message.blocks), response_type="ephemeral", replace_original=False
    )


async def _keep(program: Program, judgement: Judgement) -> Message:
    await note(program.store, judgement)
    await audit.record(
        program.store,
        who=judgement.by,
        what=judgement.kind,
        incident=judgement.incident,
        result="done",
        detail=f"{judgement.value} {judgement.reason}".strip(),
    )
    return program.renderer.render("judged", judgement=judgement)
