"""`/pilot investigate`: the issue a person named, its one incident, and what they are told."""

from __future__ import annotations

from typing import Any

import pytest

from investigator.by_hand import open_issue
from investigator.composition import Program, compose
from investigator.errors import OutsideCallFailed
from investigator.investigation import investigate
from investigator.models.message import Message
from investigator.plain_text import as_text
from tests.fixtures.playing import CHANNEL, World, key_of, without_github

USER = "U0PRIYA"


async def asked(program: Program, reference: str, *, reply_to: str = "1.1", request: str = "r1") -> None:
    await open_issue(program, reference, user=USER, channel="C0CHECKOUT", reply_to=reply_to, request=request)


@pytest.fixture
async def below(world: World) -> str:
    """The `ts` of what the person wrote; answers come below it."""
    return (await world.slack.acts.say("hello", channel=CHANNEL, user="priya")).ts


def answers(world: World, below: str) -> list[str]:
    return [_read(message) for message in world.slack.thread(CHANNEL, below)]


def _read(message: dict[str, Any]) -> str:
    text = as_text(Message(text=message["text"], blocks=tuple(message["blocks"])))
    return " ".join(text.split())


@pytest.mark.parametrize("named", ["{id}", "{short}"])
async def test_a_named_issue_becomes_an_incident_with_a_report(
    program: Program, world: World, below: str, named: str
) -> None:
    issue = world.demo.crash.issue
    await asked(program, named.format(id=issue["id"], short=issue["shortId"]), reply_to=below)
    assert "Investigating #1" in answers(world, below)[0]
    incident = await program.incidents.get("1")
    assert (incident.service, incident.issue_ids) == ("checkout", (issue["id"],))
    assert incident.runs[0].requested_by == USER
    await investigate(program, "1", 1)
    report = world.slack.messages(CHANNEL)[-1]
    assert f"#{world.demo.service.culprit_pull_request}" in str(report), "the API's event is investigated"


async def test_the_same_command_repeated_opens_and_runs_nothing_twice(
    program: Program, world: World, below: str
) -> None:
    for _ in range(3):
        await asked(program, world.issue_id, reply_to=below)
    assert [incident.id for incident in await program.incidents.recent()] == ["1"]
    assert len((await program.incidents.get("1")).runs) == 1
    assert len(answers(world, below)) == 1, "told once"


async def test_an_issue_that_is_open_already_is_run_again(program: Program, world: World, below: str) -> None:
    await asked(program, world.issue_id, reply_to=below)
    await investigate(without_github(program), "1", 1)
    for _ in range(2):
        await asked(program, world.issue_id, reply_to=below, request="r2")
        await investigate(without_github(program), "1", 2)
    assert len((await program.incidents.get("1")).runs) == 2, "one command repeated is one run"
    assert len(await program.incidents.recent()) == 1, "and one incident"
    assert "#1 again" in answers(world, below)[1]


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("987654321", "Sentry knows no such issue"),
        ("NOPE-1", "Sentry knows no such issue"),
        ("?", "not an issue"),
    ],
)
async def test_what_is_not_there_is_told(
    program: Program, world: World, below: str, reference: str, told: str
) -> None:
    await asked(program, reference, reply_to=below)
    assert told in answers(world, below)[0]
    assert await program.incidents.recent() == []


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_token_names_the_scope(
    program: Program, world: World, below: str, status: int
) -> None:
    world.sentry.faults.add("/", status=status, body=b'{"detail": "no"}')
    await asked(program, world.issue_id, reply_to=below)
    assert "event:read" in answers(world, below)[0]


async def test_without_a_token_the_person_learns_which_is_missing(world: World, below: str) -> None:
    async with compose(world.without("sentry_auth_token", "sentry_org")) as program:
        await asked(program, world.issue_id, reply_to=below)
    assert "SENTRY_AUTH_TOKEN" in answers(world, below)[0]


async def test_sentry_away_hands_the_job_back(program: Program, world: World, below: str) -> None:
    world.sentry.faults.add("/", status=503)
    with pytest.raises(OutsideCallFailed):
        await asked(program, world.issue_id, reply_to=below)
    assert await program.incidents.recent() == []


async def test_an_answer_that_cannot_be_delivered_changes_nothing(program: Program, world: World) -> None:
    for reply_to in ("http://127.0.0.1:1/response/1", f"{world.slack.url}/nowhere", "http://"):
        await asked(program, world.issue_id, reply_to=reply_to)
    assert len((await program.incidents.get("1")).runs) == 1


async def test_an_unclaimed_project_is_investigated_where_the_person_asked(
    program: Program, world: World, below: str
) -> None:
    issue = world.sentry.add_issue({"title": "Boom"}, project="nobodys")
    await asked(program, issue["id"], reply_to=below)
    incident = await program.incidents.get("1")
    assert (incident.service, incident.channel) == ("nobodys", "C0CHECKOUT")
    await investigate(without_github(program), "1", 1)
    assert key_of(world.slack.messages(CHANNEL)[-1]) == "1:parent", "without an event there is a thread too"
