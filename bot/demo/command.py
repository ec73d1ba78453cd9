"""What `pilot demo` prints, and how long it stays."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import click

from bot.demo.play import Play, Scenario, Step, perform
from bot.demo.stage import StepFailed
from bot.processes import until_told_to_stop
from investigator.models.message import Message
from investigator.plain_text import as_text


def run(directory: Path, scenario: Scenario, *, once: bool, as_json: bool, page_port: int) -> bool:
    """Play the demo; returns whether every step did what it should.

    Raises:
        ConfigurationError: a port is taken, or there is no store to start.
    """
    play = Play(tell=_tell if not as_json else _say_nothing)
    failure = asyncio.run(_run(directory, play, scenario, once=once, as_json=as_json, page_port=page_port))
    if as_json:
        click.echo(json.dumps(document(play), indent=2))
    if failure:
        click.echo(f"pilot demo: {failure}", err=True)
    return failure is None


async def _run(
    directory: Path, play: Play, scenario: Scenario, *, once: bool, as_json: bool, page_port: int
) -> StepFailed | None:
    async def then(play: Play) -> None:
        if not as_json:
            _show(play)
        if not once:
            click.echo(_INVITATION.format(page=play.page, what=scenario.invitation))
            await until_told_to_stop(_wait)
            click.echo("Stopping …")

    try:
        port = 0 if once else page_port
        await perform(directory, play, scenario, page_port=port, then=then, as_a_person=once)
    except StepFailed as failure:
        return failure
    return None


async def _wait(stop: asyncio.Event) -> None:
    await stop.wait()


_INVITATION = """
The same thread as a page that works like Slack:  {page}
{what}
The AI analysis and the suggested fix are those of a scripted model: no account and no network is needed.
Ctrl-C ends the demo."""


def document(play: Play) -> dict[str, Any]:
    """The JSON of the command-line contract (docs/architecture.md)."""
    return {
        "incident": play.incident,
        "channel": play.channel,
        "parent": _message(play.parent) if play.parent else None,
        "thread": [_message(message) for message in play.thread],
        "steps": [{"name": step.name, "ok": step.ok, "seconds": step.seconds} for step in play.steps],
        "page": play.page,
    }


def _message(message: dict[str, Any]) -> dict[str, Any]:
    return {"ts": message["ts"], "text": message["text"], "blocks": message.get("blocks", [])}


def _show(play: Play) -> None:
    click.echo("")
    for message in (play.parent, *play.thread):
        click.echo(as_text(Message(text=message["text"], blocks=tuple(message.get("blocks", [])))))
        click.echo("")


def _tell(step: Step) -> None:
    mark = click.style("✓", fg="green") if step.ok else click.style("✗", fg="red")
    click.echo(f"{mark} {step.name} ({step.seconds:.2f} s)")


def _say_nothing(step: Step) -> None:
    """With --json nothing but the document goes to standard output."""
