"""Rules of health: what is the matter follows from a snapshot alone, and every finding can be read."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from investigator.canary.level import Canary, canary_of
from investigator.health import rules
from investigator.health.rules import Finding, findings
from investigator.health.snapshot import Budget, Expected, Flow, Place, Snapshot, StoreLook
from investigator.health.words import RUNBOOK, tell, tell_all
from investigator.outside_results import Results

NOW = 1_800_000_000.0
GIB = 1024**3
WELL = Snapshot(
    at=NOW,
    store=StoreLook(reachable=True, role="master", version="9.1.2", replicas=1),
    flow=Flow(
        workers=2,
        triage_active=True,
        clock_at=NOW - 1,
        swept_until=NOW - 60,
        canary=Canary(NOW - 900, NOW - 30, NOW - 29, 0.8, 3, 3, 0.9),
        slack=Results(ok_at=NOW - 5),
    ),
    own=Place("web-1", NOW, disk_free=50 * GIB),
    expected=Expected(replicas=1, sweep_seconds=120, canary_seconds=300, models=True),
)


def with_store(**changed: object) -> Snapshot:
    return replace(WELL, store=replace(WELL.store, **changed))  # type: ignore[arg-type]


def with_flow(**changed: object) -> Snapshot:
    assert WELL.flow
    return replace(WELL, flow=replace(WELL.flow, **changed))  # type: ignore[arg-type]


def with_place(**changed: object) -> Snapshot:
    assert WELL.own
    return replace(WELL, own=replace(WELL.own, **changed))  # type: ignore[arg-type]


def test_a_store_that_refuses_writes_is_the_only_trouble_named() -> None:
    """Nobody can show in it any more that they are alive."""
    silent = with_flow(workers=0, triage_active=False, clock_at=NOW - 9999, places=())
    refusing = replace(WELL.store, refusal="OOM command not allowed")
    found = findings(replace(silent, store=refusing, own=None))
    assert [finding.rule for finding in found] == ["store_refuses_writes"]


LOW = Budget("ab12", "core", 100, 5000, NOW + 600)
TROUBLES = [
    (replace(WELL, store=StoreLook(False, "connection refused"), flow=None), "store_down", "critical"),
    (with_store(refusal="OOM command not allowed"), "store_refuses_writes", "critical"),
    (with_store(replicas=0, refusal="NOREPLICAS"), "replicas_missing", "critical"),
    (with_store(file_problem="the last rewrite failed"), "store_file_failing", "critical"),
    (with_store(memory_share=0.9), "store_memory_high", "warning"),
    (with_place(spool_problem="disk full"), "spool_broken", "critical"),
    (with_place(settings_problem="REDIS_URL: no"), "settings_refused", "warning"),
    (with_place(spool_deliveries=3, spool_bytes=90_000), "spool_not_empty", "warning"),
    (with_place(spool_deliveries=9_000, spool_bytes=200 * 1024**2), "spool_not_empty", "critical"),
    (with_place(disk_free=GIB // 2), "disk_low", "warning"),
    (with_place(disk_free=GIB // 10), "disk_low", "critical"),
    (with_flow(triage_active=False), "no_triage", "critical"),
    (with_flow(inbox_oldest=40.0, inbox_waiting=7), "inbox_old", "warning"),
    (with_flow(inbox_oldest=200.0, inbox_waiting=7), "inbox_old", "critical"),
    (with_flow(set_aside=1), "deliveries_set_aside", "warning"),
    (replace(WELL, own=None), "no_web", "critical"),
    (with_flow(workers=0), "no_worker", "critical"),
    (with_flow(queue_oldest=130.0, queue_waiting=4), "queue_old", "warning"),
    (with_flow(queue_oldest=700.0, queue_waiting=4), "queue_old", "critical"),
    (with_flow(jobs_failed=2), "jobs_failed", "warning"),
    (with_flow(clock_at=NOW - 31), "no_clock", "critical"),
    (with_flow(slack=Results(0, NOW - 90, "chat.postMessage: timeout")), "slack_failing", "critical"),
    (with_flow(models=Results(0, NOW - 700, "server_error")), "no_model", "warning"),
    (with_flow(budgets=(LOW,)), "github_budget_low", "warning"),
    (with_flow(swept_until=NOW - 700), "sweep_late", "warning"),
    (with_flow(canary=Canary(NOW - 9000, NOW - 60, NOW - 1000)), "canary_missing", "critical"),
    (with_flow(canary=Canary(NOW - 1000, NOW - 60)), "canary_missing", "critical"),
]


def test_where_all_is_well_nothing_is_found() -> None:
    assert findings(WELL) == ()


@pytest.mark.parametrize(("snapshot", "rule", "severity"), TROUBLES)
def test_each_trouble_is_found_and_nothing_else(snapshot: Snapshot, rule: str, severity: str) -> None:
    assert [(finding.rule, finding.severity) for finding in findings(snapshot)] == [(rule, severity)]


@pytest.mark.parametrize(
    "snapshot",
    [
        with_flow(models=Results(0, NOW - 300, "timeout")),
        with_flow(slack=Results(0, NOW - 30, "timeout")),
        with_flow(budgets=(replace(LOW, resets_at=NOW - 1),)),
        with_flow(canary=Canary(NOW - 700, NOW - 60)),
        with_flow(swept_until=0.0),
        replace(with_flow(swept_until=NOW - 7000), expected=replace(WELL.expected, sweep_seconds=0)),
        replace(with_flow(canary=Canary(NOW - 9999, NOW - 9999)), expected=Expected(replicas=1)),
    ],
)
def test_what_is_young_over_or_not_in_use_is_no_trouble(snapshot: Snapshot) -> None:
    assert findings(snapshot) == ()


def test_a_place_that_fell_silent_long_ago_says_nothing_about_disks() -> None:
    gone = Place("web-0", NOW - 120, spool_deliveries=5, disk_free=0)
    assert findings(with_flow(places=(gone,))) == ()


def test_what_others_told_of_their_disks_counts_while_it_is_fresh() -> None:
    other = Place("web-2", NOW - 20, spool_problem="read-only file system", disk_free=GIB)
    assert [finding.key for finding in findings(with_flow(places=(other,)))] == ["spool_broken:web-2"]


def test_the_worst_comes_first() -> None:
    found = findings(with_flow(jobs_failed=1, workers=0))
    assert [finding.severity for finding in found] == ["critical", "warning"]


# --- words


@pytest.mark.parametrize(("snapshot", "rule", "severity"), TROUBLES)
def test_every_finding_says_what_is_the_matter_and_what_to_do(
    snapshot: Snapshot, rule: str, severity: str
) -> None:
    (told,) = tell_all(findings(snapshot))
    assert told.what.endswith(".")
    assert told.remedy.endswith(".")
    assert told.anchor == f"{RUNBOOK}#{rule.replace('_', '-')}"


def test_words_come_from_facts() -> None:
    told = tell(Finding("inbox_old", "warning", {"seconds": 95.0, "waiting": 7}))
    assert told.what == "The oldest delivery has waited 1 minute for triage; 7 wait."


def every_rule() -> set[str]:
    return set(re.findall(r'Finding\(\s*"(\w+)"', Path(rules.__file__).read_text()))


def test_every_rule_is_tried_here() -> None:
    assert {rule for _, rule, _ in TROUBLES} == every_rule()


def test_every_rule_has_its_section_in_the_runbook() -> None:
    headings = re.findall(r"^### ([\w-]+)$", (Path(__file__).parents[2] / RUNBOOK).read_text(), re.MULTILINE)
    assert set(headings) >= {rule.replace("_", "-") for rule in every_rule()}


# --- the service level


def notes(**numbers: float) -> dict[bytes | str, bytes | str]:
    return {name.encode(): str(number).encode() for name, number in numbers.items()}


def test_the_level_is_the_share_that_came_through_of_those_that_are_over() -> None:
    newest = notes(
        first_at=NOW - 9999, sent_at=NOW - 5, passed_at=NOW - 300, passed_sent_at=NOW - 301, seconds=1
    )
    canary = canary_of(newest, [notes(sent=11, passed=9, ms=9000), notes(sent=90, passed=90, ms=90_000)], NOW)
    assert (canary.sent, canary.passed) == (100, 99), "one is under way, one was lost"
    assert canary.share == 0.99
    assert canary.mean == 1.0
    assert canary.target_missed


def test_one_that_never_came_counts_when_its_time_is_over() -> None:
    newest = notes(sent_at=NOW - 90, passed_sent_at=NOW - 400)
    assert canary_of(newest, [notes(sent=10, passed=9, ms=9)], NOW).share == 0.9


def test_before_the_first_there_is_no_level() -> None:
    assert canary_of({}, [], NOW).share is None
