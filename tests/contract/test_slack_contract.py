"""Every message and view we render, held against the types that Slack publishes for them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft7Validator

from investigator.classic_blocks import to_classic, without_newest
from investigator.models.incident import Findings, Incident
from investigator.models.message import Message
from investigator.models.mute import Mute
from investigator.rendering import Renderer
from investigator.report import build_report
from investigator.sentry.parse import parse_any
from investigator.similar import Similar
from tests.contract import servers
from tests.fixtures import findings as made
from tests.fixtures.foreign_text import planted
from tests.investigator.injection.attacks import ATTACKS
from tests.investigator.report.test_message_monsters import monsters

pytestmark = pytest.mark.contract

HERE = Path(__file__).parent
BODIES = os.environ.get("PILOT_SENTRY_BODIES")  # a folder of further bodies of Sentry's, as JSON files
PARTS = ("all", "frames", "commits", "deploys", "owners", "breadcrumbs", "similar")
ORDINARY = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="session")
def schema() -> dict[str, Any]:
    """The JSON Schema of `@slack/types`."""
    servers.install()
    made_from = ["--path", "slack_types.ts", "--type", "*", "--no-type-check"]
    command = ["node_modules/.bin/ts-json-schema-generator", *made_from]
    done = subprocess.run(command, check=True, cwd=HERE, capture_output=True, text=True, timeout=120)
    written: dict[str, Any] = json.loads(done.stdout)
    return written


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    return Renderer()


def judge(schema: dict[str, Any], name: str, document: dict[str, Any]) -> None:
    validator = Draft7Validator({**schema, "$ref": f"#/definitions/{name}"})
    problems = [f"{list(e.absolute_path)}: {e.message[:200]}" for e in validator.iter_errors(document)]
    assert not problems, problems[:3]


def judge_message(schema: dict[str, Any], message: Message) -> None:
    for each in (message, without_newest(message), to_classic(message, "")):
        for block in each.blocks:  # one by one, or the complaint would name every type of block
            judge(schema, "Message", {"blocks": [block]})


def incident_of(found: Findings, **changed: Any) -> Incident:
    issue = {"title": found.event.title if found.event else "", "event": found.event, "issue": found.issue}
    return made.incident(**issue, **changed)


def messages(renderer: Renderer, found: Findings) -> Iterator[Message]:
    """What is said of an incident in all of its life."""
    report = build_report(found, service=made.CHECKOUT, opened_at=made.OPENED)
    running, waiting = made.run(state="requested"), made.run(2, state="requested", requested_by="U0PRIYA")
    judged = made.run(verdict=report.verdict.line)
    states = (
        incident_of(found, runs=(running,)),
        incident_of(found, runs=(judged, waiting), assigned_to="U0PRIYA"),
        incident_of(found, runs=(judged,), status="resolved", resolved_by="U0PRIYA", resolved_at=made.OPENED),
        incident_of(found, runs=(made.run(state="failed", failure=report.headline),)),
    )
    for incident in states:
        context = {"incident": incident, "service": made.CHECKOUT, "analysed": True}
        yield renderer.render("parent_investigating", **context)
        for stage in (None, "evidence", "analysis"):
            yield renderer.render("parent", report=report, stage=stage, **context)
        yield renderer.render("report", report=report, **context)
        for name in ("accepted", "unfurl", "expanding"):
            yield renderer.render(name, incident=incident, part="all")
        yield renderer.render("failure", incident=incident, why=report.headline)
        for refused in (None, report.headline):
            yield renderer.render("resolved", incident=incident, by="U0PRIYA", refused=refused)
            assigned = incident.model_copy(update={"assigned_to": "U0MARCO"})
            yield renderer.render("assigned", incident=assigned, by="U0PRIYA", refused=refused)
        yield renderer.render("postmortem", incident=incident, by="U0PRIYA")
        alike = [Similar(incident=incident, reasons=("issue", "suspect", "error"))]
        for part in PARTS:
            yield renderer.render("expand", incident=incident, report=report, part=part, similar=alike)
    yield renderer.render("status", incidents=states, mutes=mutes(report.headline), now=made.minutes(60))
    yield renderer.render("muted", mute=mutes(report.headline)[0], incident=states[0])


def mutes(words: str) -> list[Mute]:
    until = made.minutes(600)
    return [
        Mute(
            subject="issue:1",
            label=words,
            service=words,
            by="U0PRIYA",
            at=made.OPENED,
            until=until,
            reason=words,
        )
    ]


@pytest.mark.parametrize("situation", made.SITUATIONS)
def test_every_situation_is_told_in_slacks_own_types(
    schema: dict[str, Any], renderer: Renderer, situation: str
) -> None:
    for message in messages(renderer, made.SITUATIONS[situation]):
        judge_message(schema, message)


@pytest.mark.parametrize("attack", ATTACKS[::12], ids=lambda attack: attack.name)
def test_so_is_what_attackers_write(schema: dict[str, Any], renderer: Renderer, attack: Any) -> None:
    for message in messages(renderer, planted("everywhere", attack.text)):
        judge_message(schema, message)


@given(found=monsters())
@ORDINARY
def test_and_what_nobody_would_think_of(schema: dict[str, Any], renderer: Renderer, found: Findings) -> None:
    report = build_report(found, service=made.CHECKOUT, opened_at=made.OPENED)
    context = {"incident": incident_of(found), "service": made.CHECKOUT, "report": report}
    for name in ("parent", "report"):
        judge_message(schema, renderer.render(name, **context))


def test_dialogs_and_home_are_views(schema: dict[str, Any], renderer: Renderer) -> None:
    views = [
        renderer.view("reason", value="down:42:1"),
        renderer.view("investigate", metadata="{}", issues=None, incidents=()),
        renderer.view("investigate", metadata="{}", issues=[made.issue()], incidents=[made.incident()]),
    ]
    for view in views:
        judge(schema, "Shown", {"view": view})


@pytest.mark.skipif(BODIES is None, reason="PILOT_SENTRY_BODIES names no folder of bodies")
def test_bodies_of_sentrys_are_told_in_slacks_own_types(schema: dict[str, Any], renderer: Renderer) -> None:
    told = 0
    for path in sorted(Path(BODIES or "").rglob("*.json")):
        try:
            event, issue = parse_any(json.loads(path.read_bytes()))
        except Exception:
            continue
        for message in messages(renderer, Findings(event=event, issue=issue)):
            judge_message(schema, message)
        told += 1
    assert told, "the folder holds bodies"
