"""A postmortem says what happened when, with evidence and people's actions; similar incidents are found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from investigator.audit import AuditEntry, record
from investigator.composition import Program
from investigator.investigation import post_expansion
from investigator.models.incident import Incident
from investigator.postmortem import postmortem
from investigator.postmortem_job import post_postmortem
from investigator.report import build_report
from investigator.similar import similar_to
from tests.fixtures import findings as made
from tests.fixtures.playing import CHANNEL, World, open_incident
from tests.fixtures.talking import command, jobs, read

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def test_a_postmortem_tells_what_happened_when() -> None:
    run = made.run(finished_at=made.minutes(2), verdict="unit_price fails, most likely since PR #142")
    incident = made.incident(
        status="resolved", resolved_by="U0PRIYA", resolved_at=made.minutes(40), runs=(run,)
    )
    report = build_report(made.findings(), service=made.CHECKOUT, opened_at=made.OPENED)
    act = AuditEntry(
        who="U0MARCO", what="mute", incident="42", when=made.minutes(5), result="done", detail="2h"
    )
    document = postmortem(incident, report, [act], at=NOW, names={"U0MARCO": "Marco_Silva"})
    told = [line for line in document.splitlines() if line.startswith("- 2026-")]
    assert told == sorted(told), "oldest first"
    text = document.replace("\\", "")
    for what in (
        "the first event",
        "we were told",
        "investigation 1",
        "Marco_Silva muted 2h",
        "resolved by U0PRIYA",
    ):
        assert what in text, what
    assert "82%" in text
    assert "deployed production" not in text, "a deploy is named by its commit, not by where it went"
    assert "PR #142" in text
    assert "Allow carts without items" in text
    assert "after 39 minutes" in text


def test_foreign_text_in_a_postmortem_stays_text() -> None:
    evil = "](http://evil) <script> ``` # Headline | `x` password=hunter2hunter2"
    incident = made.incident(title=evil, runs=(made.run(verdict=evil, finished_at=made.minutes(1)),))
    report = build_report(
        made.findings(event=made.event(exceptions=(), message=evil)),
        service=made.CHECKOUT,
        opened_at=made.OPENED,
    )
    document = postmortem(incident, report, [], at=NOW)
    assert "<script>" not in document.replace("` ", "").split("```")[0]
    assert "hunter2hunter2" not in document
    fences = [line for line in document.splitlines() if line in {"```", "```text"}]
    assert fences == ["```text", "```"] * (len(fences) // 2)
    assert "](http" not in document.split("## The error")[0]


def test_a_document_reads_well_unrendered_too() -> None:
    incident = made.incident(title="'<' not supported between unit_price and rate-limit (R&D)")
    heading = postmortem(incident, None, [], at=NOW).splitlines()[0]
    assert heading.endswith(r"'\<' not supported between unit_price and rate-limit (R&D)")


def test_incidents_are_alike_by_issue_suspect_or_error() -> None:
    def past(number: str, **changed: object) -> Incident:
        at = made.OPENED - timedelta(days=int(number))
        return made.incident(**{"id": number, "opened_at": at, "issue_ids": (number,), "runs": (), **changed})

    other_error = made.event(title="KeyError", exceptions=(), message="other")
    same_issue = past("1", issue_ids=("4711",), event=other_error)
    same_suspect = past("2", runs=(made.run(),), event=other_error)
    same_error = past("3")
    unlike = past("4", event=other_error)
    taken_back = past("5", runs=(made.run(), made.run(2, suspect=None)), event=other_error)
    now = made.incident()
    found = similar_to(now, [now, unlike, same_error, taken_back, same_suspect, same_issue])
    assert [(each.incident.id, each.reasons) for each in found] == [
        ("1", ("issue",)),
        ("2", ("suspect",)),
        ("3", ("error",)),
    ]


async def test_the_document_is_a_canvas_that_the_channel_may_edit(
    listening: World, incident: Incident, program: Program
) -> None:
    assert incident.parent
    await record(program.store, who="U0PRIYA", what="resolve", incident="1", result="done")
    for _ in range(2):
        await post_postmortem(program, "1", "1:document:x")
    (canvas,) = [each for each in listening.slack.workspace.files.values() if each.readers is not None]
    assert canvas.readers == frozenset({incident.parent.channel})
    assert canvas.content.startswith(b"# Postmortem of #1: ")
    assert b": ![](@U0PRIYA) resolved it" in canvas.content, "people are mentioned as canvases do it"
    links = [read(m) for m in listening.slack.thread(CHANNEL, incident.parent.ts) if canvas.id in str(m)]
    assert len(links) == 1, "it is linked to in the thread, once"


@pytest.mark.parametrize("refused", ["canvases.create", "canvases.access.set"])
async def test_where_there_are_no_canvases_it_is_a_file(
    listening: World, incident: Incident, program: Program, refused: str
) -> None:
    assert incident.parent
    body = b'{"ok": false, "error": "missing_scope", "needed": "canvases:write"}'
    listening.slack.faults.add(f"/api/{refused}", status=200, body=body)
    await record(program.store, who="U0PRIYA", what="assign", incident="1", result="done", detail="U0MARCO")
    await record(program.store, who="U0GONE", what="resolve", incident="1", result="done")
    await post_postmortem(program, "1", "1:document:x")
    files = [f for m in listening.slack.thread(CHANNEL, incident.parent.ts) for f in m.get("files", [])]
    assert [file["name"] for file in files] == ["postmortem-1.md"]
    text = listening.slack.workspace.files[files[0]["id"]].content.decode()
    assert "Priya Nair said who looks after it: Marco Silva" in text, "people by their names"
    assert "U0GONE resolved it" in text, "whom Slack does not know is named as we know them"


async def test_the_document_comes_into_the_thread_once(
    listening: World, incident: Incident, program: Program
) -> None:
    assert incident.parent
    listening.slack.workspace.has_canvases = False
    assert "asked for the postmortem of #1" in await command(listening, "postmortem")
    (job,) = [each for each in jobs(listening) if "document" in each]
    request = job.replace("-", ":")
    for _ in range(2):
        await post_postmortem(program, "1", request)
    files = [f for m in listening.slack.thread(CHANNEL, incident.parent.ts) for f in m.get("files", [])]
    assert [file["name"] for file in files] == ["postmortem-1.md"]


async def test_similar_incidents_are_one_part_to_expand(
    listening: World, incident: Incident, program: Program
) -> None:
    assert incident.parent
    past = await open_incident(program, listening.demo.crash)
    assert "Similar incidents of #1" in await command(listening, "expand similar")
    await post_expansion(program, "1", "similar")
    said = read(listening.slack.thread(CHANNEL, incident.parent.ts)[-1])
    assert f"#{past.id}" in said
    assert "the same issue" in said
