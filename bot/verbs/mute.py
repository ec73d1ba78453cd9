"""`mute` and `unmute`: keep a known trouble out of the channel for a while."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.verbs.acting import acted, permitted
from bot.verbs.ask import Ask, Verb, WrongUsage, open_incidents
from bot.verbs.subject import meant
from investigator import mutes
from investigator.composition import Program
from investigator.durations import LONGEST, parse_duration
from investigator.models.message import Message
from investigator.models.mute import Mute
from investigator.wording import duration

_REASON_LIMIT = 300


async def _mute(program: Program, ask: Ask) -> Message:
    words = ask.argument.split()
    place = next((at for at, word in enumerate(words[:2]) if parse_duration(word)), None)
    length = parse_duration(words[place]) if place is not None else None
    if place is None or length is None:
        raise WrongUsage("say for how long, like 30m, 2h or 1d")
    if length > LONGEST:
        raise WrongUsage(f"a mute lasts {duration(LONGEST)} at most, so that nothing stays silent for ever")
    it = await meant(program, ask, words[0] if place else "")
    await permitted(program, ask, it.service, "mute", it.incident)
    now = datetime.now(UTC)
    kept = [
        Mute(
            subject=subject,
            label=it.label,
            service=it.service.name,
            by=ask.user,
            at=now,
            until=now + length,
            reason=" ".join(words[place + 1 :])[:_REASON_LIMIT],
        )
        for subject in it.subjects
    ]
    await mutes.mute(program.store, *kept)
    message = program.renderer.render("muted", mute=kept[0], incident=it.incident)
    detail = f"{it.label} until {kept[0].until.isoformat(timespec='seconds')} {kept[0].reason}".strip()
    return await acted(program, ask, message, what="mute", detail=detail, incident=it.incident)


async def _unmute(program: Program, ask: Ask) -> Message:
    it = await meant(program, ask, ask.argument)
    await permitted(program, ask, it.service, "mute", it.incident)
    if not await mutes.unmute(program.store, *it.subjects):
        raise WrongUsage(f"{it.label} is not muted; `status` lists what is")
    for incident in await open_incidents(program):
        run = incident.run
        if run and run.state == "requested" and run.not_before:
            await program.jobs.investigate(incident.id, run.number)  # which still looks for other mutes
    message = program.renderer.render("unmuted", label=it.label, by=ask.user)
    return await acted(program, ask, message, what="unmute", detail=it.label, incident=it.incident)


MUTE = Verb(
    "mute",
    "<service | issue | #incident> <duration> [reason]",
    "count its alerts silently for a while, like 2h",
    _mute,
)
UNMUTE = Verb("unmute", "<service | issue | #incident>", "let it be heard again", _unmute)
