"""People see how far a run is, in at most three edits of the parent."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from investigator.composition import Program
from investigator.investigation import investigate
from investigator.models.message import Message
from investigator.plain_text import as_text
from investigator.runs import request_run
from sandbox.slack.methods import METHODS
from sandbox.slack.methods.call import Call, Method
from sandbox.slack.refusal import Json
from tests.fixtures.playing import CHANNEL, World, open_incident, without_github


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the parent showed after every edit."""
    shown: list[str] = []
    update = METHODS["chat.update"]

    def recorded(call: Call) -> Json:
        answer = update.handler(call)
        message = answer["message"]
        assert isinstance(message, dict)
        shown.append(as_text(Message(text="x", blocks=tuple(message["blocks"]))))
        return answer

    monkeypatch.setitem(METHODS, "chat.update", Method(recorded, update.scope))
    return shown


async def test_a_first_run_shows_its_progress_and_then_the_verdict(
    world: World, program: Program, seen: list[str]
) -> None:
    incident = await open_incident(program, world.demo.crash)
    await investigate(without_github(program), incident.id, 1)
    assert 1 <= len(seen) <= 3
    assert "Look at the error" not in seen[-1], "what is over shows no progress"
    assert "Investigating" not in seen[-1]


async def test_a_rerun_says_at_once_that_it_is_investigating_again(
    world: World, program: Program, seen: list[str]
) -> None:
    quick = without_github(program)
    incident = await open_incident(program, world.demo.crash)
    await investigate(quick, incident.id, 1)
    seen.clear()
    await request_run(
        program.incidents, program.jobs, incident.id, by="U0PRIYA", at=datetime.now(UTC), request="x"
    )
    await investigate(quick, incident.id, 2)
    assert "Investigating again…" in seen[0]
    assert "in_progress" in seen[0]
    assert "Investigating again" not in seen[-1]
    assert len(seen) <= 3
    assert len(world.slack.messages(CHANNEL)) == 1
