"""`pilot replay`: the contract that people script against."""

from __future__ import annotations

import gzip
import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from sandbox.sentry import webhook_event_alert, webhook_issue
from sandbox.sentry.world import World

T0 = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
WORLD = World("acme", "https://sentry.example")
ISSUE = WORLD.add_issue({"id": "77"}, project="checkout-web")
EVENT = WORLD.add_event("77", {"event_id": "a" * 32})


def line(minutes: float, body: object, **headers: str) -> str:
    received_at = (T0 + timedelta(minutes=minutes)).isoformat()
    return json.dumps({"received_at": received_at, "headers": headers, "body": body})


STORM = [
    line(0, webhook_issue("created", ISSUE)),
    line(1, webhook_event_alert(ISSUE, EVENT, rule="one")),
    line(2, webhook_event_alert(ISSUE, EVENT, rule="two")),
    line(3, webhook_issue("assigned", ISSUE)),
    line(4, webhook_issue("resolved", {**ISSUE, "status": "resolved"})),
]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(lines: list[str], *options: str) -> Result:
    Path("deliveries.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return CliRunner().invoke(main, ["replay", "deliveries.jsonl", *options])


def report(lines: list[str], *options: str) -> dict[str, Any]:
    result = run(lines, "--json", *options)
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def test_the_document_has_the_contracts_shape() -> None:
    document = report(STORM)
    [incident] = document["incidents"]
    root = incident["root"]
    assert 0.5 < root["confidence"] <= 1.0
    assert root["reasons"]
    assert incident == {
        "id": "1",
        "opened_at": "2026-11-24T03:00:00Z",
        "services": ["checkout-web"],
        "issues": ["77"],
        "root": {"service": "checkout-web", **{name: root[name] for name in ("confidence", "reasons")}},
        "root_ranking": [{"service": "checkout-web", "score": root["confidence"]}],
        "investigations": 1,
        "deliveries": 3,
    }
    assert document["ignored"] == {"duplicate": 1, "issue.assigned starts nothing": 1}
    assert document["deliveries"] == len(STORM)


def test_every_delivery_is_told_to_an_incident_or_has_a_reason() -> None:
    document = report([*STORM, *STORM, "nonsense", line(9, []), line(9, {"action": "created"})])
    told = sum(incident["deliveries"] for incident in document["incidents"])
    assert told + sum(document["ignored"].values()) == document["deliveries"] == 13


def test_deliveries_are_taken_in_the_order_of_receipt_wherever_they_are_in_the_file() -> None:
    assert report(STORM[::-1]) == report(STORM)


def cascade(seconds_between: float) -> list[str]:
    """A service fails, then one two calls up, then the one between them, which tells that all is one."""
    told = [
        ("payments", "KeyError", "'amount'"),
        ("web", "ReadTimeout", "HTTPConnectionPool(host='checkout', port=80): Read timed out."),
        ("checkout", "ReadTimeout", "HTTPConnectionPool(host='payments', port=80): Read timed out."),
    ]
    lines = []
    for number, (service, kind, value) in enumerate(told):
        seen = (T0 + timedelta(seconds=5)).isoformat()
        issue = WORLD.add_issue({"id": f"9{number}", "lastSeen": seen}, project=service)
        values = [{"type": kind, "value": value}]
        event = WORLD.add_event(issue["id"], {"exception": {"values": values}})
        lines.append(line(1 + seconds_between * number / 60, webhook_event_alert(issue, event, rule="any")))
    return lines


@pytest.mark.parametrize(("seconds_between", "investigations"), [(0.5, 1), (40, 2)])
def test_what_began_before_the_connection_showed_is_counted(
    seconds_between: float, investigations: int
) -> None:
    [incident] = report(cascade(seconds_between))["incidents"]
    assert incident["services"] == ["payments", "web", "checkout"]
    assert incident["investigations"] == investigations, "what triage would have begun by then"


def test_the_catalogue_says_which_service_it_is() -> None:
    Path("other.yml").write_text("services: {shop: {sentry_projects: [checkout-web]}}", encoding="utf-8")
    [incident] = report(STORM, "--catalog", "other.yml")["incidents"]
    assert incident["services"] == ["shop"]


def test_a_line_that_is_no_delivery_is_named_and_counted() -> None:
    result = run([STORM[0], "{broken", '{"received_at": "soon", "body": {}}', '{"body": {}}'], "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["ignored"] == {"unreadable line": 3}
    for number in (2, 3, 4):
        assert f"deliveries.jsonl:{number}: " in result.stderr


def test_of_a_file_of_another_kind_not_every_line_is_named() -> None:
    result = run([STORM[0], *["{"] * 500], "--json")
    assert json.loads(result.stdout)["ignored"] == {"unreadable line": 500}
    assert len(result.stderr.splitlines()) == 21
    assert "480 more lines" in result.stderr


def test_a_recording_may_be_packed_or_come_through_a_pipe() -> None:
    plain = report(STORM)
    recorded = ("\n".join(STORM) + "\n").encode()
    Path("storm.jsonl.gz").write_bytes(gzip.compress(recorded))
    os.mkfifo("pipe")
    with ThreadPoolExecutor() as other:
        other.submit(Path("pipe").write_bytes, recorded)
        for name in ("storm.jsonl.gz", "pipe"):
            result = CliRunner().invoke(main, ["replay", name, "--json"])
            assert result.exit_code == 0, result.output
            assert json.loads(result.stdout) == plain, name


def test_a_body_with_half_a_character_is_a_delivery_like_any_other() -> None:
    body = webhook_issue("created", {**ISSUE, "title": "half \ud83d"})
    assert len(report([line(0, body)])["incidents"]) == 1


def test_people_get_a_table() -> None:
    result = run(STORM)
    assert result.exit_code == 0
    assert "#1" in result.stdout
    assert "duplicate" in result.stdout


def test_nothing_in_the_file_makes_nothing() -> None:
    assert report([""]) == {"incidents": [], "ignored": {}, "deliveries": 0}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["missing.jsonl"], 2),
        (["."], 2),
        (["cut.gz"], 2),
        (["bad.jsonl"], 1),
        (["bad.jsonl", "--no"], 2),
        (["bad.jsonl", "--catalog", "missing.yml"], 2),
    ],
)
def test_what_is_wrong_is_said_on_standard_error(arguments: list[str], code: int) -> None:
    Path("bad.jsonl").write_text("no\nno\n")
    Path("cut.gz").write_bytes(gzip.compress("\n".join(STORM).encode())[:-20])
    result = CliRunner().invoke(main, ["replay", *arguments])
    assert result.exit_code == code
    assert result.stderr
    assert not result.stdout
