"""The run reads its issue again: news that is late, or never comes, does not leave an incident open."""

from __future__ import annotations

import pytest

from investigator.composition import Program
from investigator.investigation import investigate
from tests.fixtures.playing import World, open_incident, said, without_github


@pytest.mark.parametrize(("status", "by"), [("resolved", "Sentry"), ("ignored", "Sentry (archived)")])
async def test_an_issue_that_was_settled_before_its_run_resolves_the_incident(
    program: Program, world: World, status: str, by: str
) -> None:
    incident = await open_incident(program, world.demo.crash)
    world.sentry.issues[incident.issue_ids[0]]["status"] = status
    await investigate(without_github(program), incident.id, 1)
    after = await program.incidents.get(incident.id)
    assert (after.status, after.resolved_by) == ("resolved", by)
    assert after.run is not None
    assert after.run.state == "done", "the investigation that was asked for is told all the same"
    [parent], replies = said(world.slack, incident.id)
    assert "Resolved" in str(parent)
    assert replies == [f"{incident.id}:report:1"]
