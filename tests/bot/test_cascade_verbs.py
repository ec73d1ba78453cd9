"""People's word on cascades: it is done, said by name, kept, and stands against what grouping thinks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from investigator import keys
from investigator.audit import entries
from investigator.cascade.graph import graph_of
from investigator.cascade.grouping import place
from investigator.cascade.words import reason
from investigator.composition import Program
from investigator.incidents import write_incident
from investigator.investigation import ensure_parent
from investigator.lessons import board_of
from investigator.models.alert import AlertRecord
from investigator.models.cascade import Alert, Signals
from investigator.models.incident import Incident
from investigator.models.issue_state import Episode, IssueState, Moment
from tests.fixtures.cascades import members, open_cascade, ranking
from tests.fixtures.playing import NOW, World, open_incident
from tests.fixtures.talking import command, jobs


@pytest.fixture
async def cascade(listening: World, program: Program) -> Incident:
    """A cascade with a thread, and all that triage keeps of its alerts."""
    incident = await ensure_parent(program, await open_cascade(program, listening.demo.crash))
    async with program.store.pipeline(transaction=True) as pipe:
        for member in incident.members:
            began = Moment(at=member.since)
            episode = Episode(incident_id=incident.id, key=member.key, kind="created", began=began)
            state = IssueState(issue_id=member.issue_id, episodes=(episode,))
            told = AlertRecord(
                key=member.key,
                issue_id=member.issue_id,
                service=member.service,
                received_at=member.since,
                opened_by="a delivery",
            )
            pipe.set(keys.issue(member.issue_id), state.model_dump_json())
            pipe.set(keys.alert(member.key), told.model_dump_json())
        await pipe.execute()
    return incident


async def remembered(program: Program) -> list[str]:
    kept: Any = await program.store.xrange(keys.QUALITY_EVENTS)
    return [fields[b"kind"].decode() for _, fields in kept]


async def test_a_root_that_a_person_marks_is_looked_at_at_once_and_remembered(
    listening: World, program: Program, cascade: Incident
) -> None:
    await program.incidents.update(
        cascade.id,
        lambda it: it.model_copy(update={"runs": (it.runs[0].model_copy(update={"state": "done"}),)}),
    )
    answer = await command(listening, f"root #{cascade.id} orders")
    assert "began with orders" in answer
    after = await program.incidents.get(cascade.id)
    assert after.root is not None
    assert after.root.first is not None
    assert (after.root.first.node, after.root_by is not None) == ("orders", True)
    assert [run.number for run in after.runs] == [1, 2]
    assert f"investigate-{cascade.id}-2" in jobs(listening)
    assert await remembered(program) == ["root_corrected"]
    assert (await entries(program.store))[0].what == "mark_root"


async def test_the_same_storm_names_by_itself_what_a_person_marked_once(
    listening: World, program: Program, cascade: Incident
) -> None:
    await command(listening, f"root #{cascade.id} orders")
    board, later = await board_of(program.store), datetime.now(UTC) + timedelta(days=3)
    timed_out = Signals(dependent=True, signature="TimeoutError | timed out")
    storm = [
        Alert(key=s, issue_id=s, service=s, at=later, received_at=later, signals=timed_out)
        for s in cascade.services
    ]
    board, _ = place(board, storm, graph_of(program.catalog), now=later, new_ids=iter("789"))
    again = next(group.ranking for group in board.groups if len(group.alerts) == len(cascade.services))
    assert again.first is not None
    assert (again.first.node, again.clear) == ("orders", True)
    assert reason(again.first.reasons[0]).startswith(
        "people marked `orders` as root of a cascade like this on 2"
    )


async def test_what_was_split_off_is_not_learned_of_and_what_was_merged_is(
    listening: World, program: Program, cascade: Incident
) -> None:
    await command(listening, f"root #{cascade.id} orders")
    await command(listening, f"split #{cascade.id} web")
    assert [(one.root, one.services) for one in (await board_of(program.store)).confirmed] == [
        ("orders", ("checkout",))
    ]
    younger = (await program.incidents.recent(1))[0]
    await command(listening, f"merge #{younger.id} #{cascade.id}")
    assert [(one.root, one.services) for one in (await board_of(program.store)).confirmed] == [
        ("orders", ("checkout", "web"))
    ]


async def test_a_root_can_be_named_by_its_issue(
    listening: World, program: Program, cascade: Incident
) -> None:
    assert "began with web" in await command(listening, f"root WEB-1 #{cascade.id}")


async def test_what_nobody_knows_is_no_root(listening: World, cascade: Incident) -> None:
    assert "has: web, orders, checkout" in await command(listening, f"root #{cascade.id} nonsense")


async def test_alerts_that_are_split_off_are_an_incident_of_their_own(
    listening: World, program: Program, cascade: Incident
) -> None:
    answer = await command(listening, f"split #{cascade.id} orders")
    younger = (await program.incidents.recent(1))[0]
    assert f"#{younger.id} now" in answer
    assert (younger.services, younger.status, len(younger.runs)) == (("orders",), "open", 1)
    assert (await program.incidents.get(cascade.id)).services == ("web", "checkout")
    states = await program.incidents.issue_states(younger.issue_ids)
    assert [state.incident_id for state in states.values()] == [younger.id]
    assert f"investigate-{younger.id}-1" in jobs(listening)
    assert await remembered(program) == ["split"]


async def test_what_is_named_after_alerts_that_left_takes_the_name_of_those_that_stay(
    listening: World, program: Program, cascade: Incident
) -> None:
    await command(listening, f"split #{cascade.id} web")
    assert (await program.incidents.get(cascade.id)).service == "orders"


async def test_two_incidents_are_merged_into_the_older(
    listening: World, program: Program, cascade: Incident
) -> None:
    younger = await open_incident(program, listening.demo.outage)
    alone = members("stock", issue_id="77")
    younger = younger.model_copy(update={"members": alone, "issue_ids": ("77",), "root": ranking("stock")})
    episode = Episode(incident_id=younger.id, key=alone[0].key, kind="created", began=Moment(at=NOW))
    state = IssueState(issue_id="77", episodes=(episode,))
    async with program.store.pipeline(transaction=True) as pipe:
        write_incident(pipe, younger)
        pipe.set(keys.issue("77"), state.model_dump_json())
        await pipe.execute()
    answer = await command(listening, f"merge #{younger.id} #{cascade.id}")
    assert f"merged #{younger.id} into #{cascade.id}" in answer
    assert (await program.incidents.get(younger.id)).merged_into == cascade.id
    assert "77" in (await program.incidents.get(cascade.id)).issue_ids
    assert (await program.incidents.issue_states(["77"]))["77"].incident_id == cascade.id
    assert f"refresh-{younger.id}" in jobs(listening)
    assert await remembered(program) == ["merged"]
    assert "part of" in await command(listening, f"merge #{younger.id} #{cascade.id}")
