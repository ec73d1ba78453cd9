"""Resolving, assigning and routing: done where it counts, written down, and said by name."""

from __future__ import annotations

from typing import Any

import pytest

from investigator.audit import AuditEntry, entries
from investigator.composition import Program
from investigator.investigation import investigate
from investigator.models.incident import Incident
from tests.fixtures.playing import CHANNEL, World, open_incident, said, without_github
from tests.fixtures.talking import command, jobs, read


def thread_of(world: World, incident: Incident) -> list[dict[str, Any]]:
    assert incident.parent
    return world.slack.thread(CHANNEL, incident.parent.ts)


async def newest(program: Program) -> AuditEntry:
    return (await entries(program.store))[0]


def sentry_issue(world: World) -> dict[str, Any]:
    return world.sentry.issues[world.issue_id]


async def test_resolving_reaches_sentry_and_is_said_by_name(
    listening: World, incident: Incident, program: Program
) -> None:
    answer = await command(listening, "resolve")
    assert "resolved #1, in Sentry too" in answer
    assert sentry_issue(listening)["status"] == "resolved"
    after = await program.incidents.get(incident.id)
    assert (after.status, after.resolved_by) == ("resolved", "U0PRIYA")
    assert "<@U0PRIYA> resolved *#1*" in str(thread_of(listening, incident)[-1]["blocks"])
    assert "Was the named cause right?" in read(thread_of(listening, incident)[-1])
    assert (await newest(program)).what == "resolve"
    assert jobs(listening) == ["refresh-1"], "the parent is brought up to date"
    assert "resolved already" in await command(listening, "resolve #1")


@pytest.mark.parametrize(("status", "why"), [(403, "Read & Write"), (503, "server error")])
async def test_what_sentry_refuses_is_said_and_resolved_here(
    listening: World, incident: Incident, program: Program, status: int, why: str
) -> None:
    listening.sentry.faults.add("/api/0/organizations/", status=status, body=b"{}")
    answer = await command(listening, "resolve #1")
    assert "Sentry still has it open" in answer
    assert why in answer
    assert (await program.incidents.get(incident.id)).status == "resolved"


async def test_a_token_that_may_only_read_is_said_to_be_one(listening: World, incident: Incident) -> None:
    listening.sentry.scopes.remove("event:write")
    assert "Read & Write" in await command(listening, "resolve #1")


async def test_a_mention_in_the_thread_resolves_and_is_answered_once(
    listening: World, incident: Incident, program: Program
) -> None:
    assert incident.parent
    await listening.slack.mention("@pilot resolve", channel=CHANNEL, thread_ts=incident.parent.ts)
    await listening.slack.until(lambda: "resolved" in read(thread_of(listening, incident)[-1]), timeout=10)
    answers = [each for each in thread_of(listening, incident) if "<@U0PRIYA> resolved" in str(each)]
    assert len(answers) == 1


async def test_assigning_tells_sentry_by_mail_address(
    listening: World, incident: Incident, program: Program
) -> None:
    assert "looks after #1" in await command(listening, "assign me")
    assert sentry_issue(listening)["assignedTo"] == "priya@acme.example"
    answer = await command(listening, "assign @marco #1")
    assert "to look after #1" in answer
    assert sentry_issue(listening)["assignedTo"] == "marco@acme.example"
    assert (await program.incidents.get(incident.id)).assigned_to == "U0MARCO"
    assert ((await newest(program)).what, (await newest(program)).detail) == ("assign", "U0MARCO")


async def test_whom_sentry_does_not_know_is_only_noted(
    listening: World, incident: Incident, program: Program
) -> None:
    listening.sentry.faults.add("/api/0/organizations/", status=400, body=b'{"assignedTo": ["Unknown"]}')
    answer = await command(listening, "assign @marco")
    assert "Not assigned in Sentry: it knows nobody with their e-mail address" in answer
    assert (await program.incidents.get(incident.id)).assigned_to == "U0MARCO"


@pytest.mark.parametrize("text", ["assign", "assign #1", "assign @marco @priya", "assign nobody"])
async def test_an_assignment_names_one_person(listening: World, incident: Incident, text: str) -> None:
    assert "name one person" in await command(listening, text)


async def test_a_route_sends_new_incidents_elsewhere_and_is_listed(
    listening: World, incident: Incident, program: Program
) -> None:
    assert "checkout" in await command(listening, "route checkout #ops")
    moved = await open_incident(program, listening.demo.outage)
    await investigate(without_github(program), moved.id, 1)
    assert said(listening.slack, moved.id, "#ops")[0], "the thread of the next one is there"
    assert said(listening.slack, moved.id)[0] == []
    listed = await command(listening, "route")
    assert "chosen with “route”" in listed
    assert "again, as pilot.yml says" in (await command(listening, "route checkout default")).replace("`", "")
    assert "chosen with" not in await command(listening, "route")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("route checkout", "name a service and a channel"),
        ("route nothing #ops", "I know no service"),
        ("route checkout ops", "is not a channel"),
        ("route checkout #security", "I cannot see this channel"),
    ],
)
async def test_what_cannot_be_routed_is_explained(listening: World, text: str, why: str) -> None:
    assert why in await command(listening, text)


async def test_who_may_not_is_told_who_may(world: World, program: Program) -> None:
    from dataclasses import replace

    from bot.web import application
    from sandbox.serving import serve

    closed = program.catalog.model_copy(update={"permissions": {"resolve": ("platform",)}})
    opened = await open_incident(program, world.demo.crash)
    async with application(replace(program, catalog=closed)) as app, serve(app) as url:
        world.slack.bot_url = f"{url}/slack/events"
        assert "only people in @platform may resolve" in await command(world, f"resolve #{opened.id}")
    assert (await program.incidents.get(opened.id)).status == "open"
    assert ((await newest(program)).what, (await newest(program)).result) == ("resolve", "refused")
