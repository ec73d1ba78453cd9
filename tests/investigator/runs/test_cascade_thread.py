"""A cascade in Slack: one parent that names the root, the victims once, pictures once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from investigator.announcing import announce, refresh
from investigator.cascading import show_cascade
from investigator.composition import Program
from investigator.investigation import ensure_parent, investigate
from investigator.models.incident import Incident
from tests.fixtures.cascades import SERVICES, members, open_cascade, ranking
from tests.fixtures.playing import CHANNEL, World, key_of, open_incident, said, without_github
from tests.fixtures.talking import jobs


async def done(program: Program, world: World, **changed: Any) -> Incident:
    incident = await open_cascade(program, world.demo.crash, **changed)
    await investigate(without_github(program), incident.id, 1)
    await show_cascade(program, incident.id)
    return await program.incidents.get(incident.id)


def message(world: World, incident: Incident, key: str) -> str:
    assert incident.parent is not None
    thread = world.slack.thread(CHANNEL, incident.parent.ts)
    return str(next(reply for reply in thread if key_of(reply) == f"{incident.id}:{key}"))


async def test_the_parent_says_how_many_since_when_and_what_failed(program: Program, world: World) -> None:
    incident = await done(program, world)
    [parent], replies = said(world.slack, incident.id)
    assert "Cascade: 3 alerts in 3 services since" in str(parent)
    assert "likely root *checkout* (0.87)" in str(parent)
    number = incident.id
    assert replies == [f"{number}:report:1", f"{number}:cascade", f"{number}:pictures"]


async def test_victims_are_listed_once_with_the_reasons_for_the_root(program: Program, world: World) -> None:
    incident = await done(program, world)
    shown = message(world, incident, "cascade")
    assert "2 of 2 failing services depend on it" in shown
    assert shown.count("ORDERS-1") == 1
    assert "root #" in shown, "what is to be marked as root can be chosen"


async def test_an_unclear_root_is_said_to_be_unclear(program: Program, world: World) -> None:
    incident = await done(program, world, root=ranking("checkout", "web", clear=False))
    [parent], _ = said(world.slack, incident.id)
    assert "root unclear: *checkout* (0.87) or *web* (0.10)" in str(parent)


async def test_pictures_have_descriptions_and_come_once(program: Program, world: World) -> None:
    incident = await done(program, world)
    await show_cascade(program, incident.id)
    _, replies = said(world.slack, incident.id)
    assert replies.count(f"{incident.id}:pictures") == 1
    assert "alt_text" in message(world, incident, "pictures")


async def test_a_storm_is_drawn_when_it_is_over(program: Program, world: World) -> None:
    now = datetime.now(UTC)
    going_on = tuple(member.model_copy(update={"since": now}) for member in members(*SERVICES))
    incident = await done(program, world, members=going_on)
    _, replies = said(world.slack, incident.id)
    assert f"{incident.id}:pictures" not in replies
    assert f"pictures-{incident.id}" in jobs(world)


async def test_pictures_that_cannot_be_uploaded_are_one_line_of_text(program: Program, world: World) -> None:
    world.slack.faults.add("/api/files.getUploadURLExternal", status=500, body=b"{}")
    incident = await done(program, world)
    assert "could not be uploaded" in message(world, incident, "pictures")


async def test_the_roots_own_error_is_what_is_reported(program: Program, world: World) -> None:
    incident = await done(program, world)
    findings = await program.incidents.findings(incident.id, 1)
    assert findings is not None
    assert findings.service == "checkout"
    assert findings.issue is not None
    assert findings.issue.id == world.issue_id


async def test_infrastructure_has_no_commits_and_the_report_says_so(program: Program, world: World) -> None:
    incident = await done(program, world, root=ranking("postgres:orders"))
    report = message(world, incident, "report:1")
    assert "postgres:orders" in report
    assert "infrastructure" in report


async def test_a_root_that_moves_is_told_with_its_reasons(program: Program, world: World) -> None:
    incident = await done(program, world)
    moved = ranking("web", "checkout")
    await program.incidents.update(incident.id, lambda current: current.model_copy(update={"root": moved}))
    await show_cascade(program, incident.id)
    await show_cascade(program, incident.id)
    _, replies = said(world.slack, incident.id)
    assert replies.count(f"{incident.id}:root:0") == 1
    assert "no longer *checkout*" in message(world, incident, "root:0")


async def test_a_merged_incident_points_to_the_older_one_and_goes_quiet(
    program: Program, world: World
) -> None:
    older = await open_cascade(program, world.demo.crash)
    younger = await open_incident(program, world.demo.outage)
    younger = await ensure_parent(program, younger)
    await program.incidents.update(
        younger.id, lambda current: current.model_copy(update={"merged_into": older.id})
    )
    await refresh(program, younger.id)
    await refresh(program, younger.id)
    await investigate(program, younger.id, 1)
    parents, replies = said(world.slack, younger.id)
    assert replies == [f"{younger.id}:merged:{older.id}"]
    assert f"#{older.id}" in str(parents)
    assert len(said(world.slack, older.id)[0]) == 1, "there is a thread to point to"


async def test_an_incident_that_waits_is_announced_unless_it_is_over(program: Program, world: World) -> None:
    incident = await open_incident(program, world.demo.crash)
    await announce(program, incident.id)
    await announce(program, incident.id)
    assert len(said(world.slack, incident.id)[0]) == 1
    over = await open_incident(program, world.demo.outage)
    await program.incidents.update(over.id, lambda current: current.model_copy(update={"status": "resolved"}))
    await announce(program, over.id)
    assert said(world.slack, over.id)[0] == []
