"""`python -m benchmarks.cascades.measure [streams [setting …]]`: the table of benchmarks/results/cascades.md.

Settings that are named are only printed. Every stream goes through what `pilot replay` does; simpler rules
get the same alerts and catalogue.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from multiprocessing import Pool

import orjson

from benchmarks.cascades import silent
from benchmarks.cascades.baselines import RULES
from benchmarks.cascades.cheap_tricks import CHEAP_TRICKS
from benchmarks.cascades.generate import Case, generate
from benchmarks.cascades.settings import SETTINGS
from benchmarks.cascades.settling import COLUMNS as SETTLING_COLUMNS
from benchmarks.cascades.settling import Settling
from benchmarks.cascades.settling import row as settling_row
from benchmarks.tables import Table, write
from bot.eval_cascades import found as made_of
from investigator.cascade.graph import graph_of
from investigator.cascade.signals import signals_of
from investigator.catalog import Catalog, parse_catalog
from investigator.delivery import Delivery
from investigator.evaluation.cascade_figures import CascadeFigures, CascadeVerdict, cascade_figures, judge
from investigator.models.cascade import Alert
from investigator.opening import project_of
from investigator.replay import Replay, batches, read_recorded
from investigator.sentry.parse import parse_notice

OURS = "IncidentPilot"
FIRST_SEED = 20000  # what was chosen was chosen on streams of other seeds; take new ones after a change
COLUMNS = (
    "rule",
    "pairwise F1",
    "adjusted Rand",
    "streams with mixed incidents",
    "pairs of incidents made one",
    "root top-1",
    "root top-3",
    "top-1 of incidents of several issues",
    "investigations per true incident",
)


def measured(name: str, streams: int) -> list[Table]:
    verdicts: dict[str, list[CascadeVerdict]] = {}
    settled, told = list[float](), dict[str, frozenset[str]]()
    cases = generate(SETTINGS[name], range(FIRST_SEED, FIRST_SEED + streams))
    with Pool() as pool:
        for case_id, of_case, seconds, of_roots in pool.imap(_verdicts, cases, chunksize=4):
            settled += seconds
            told[case_id] = of_roots
            for rule, verdict in of_case.items():
                verdicts.setdefault(rule, []).append(verdict)
    figures = {rule: cascade_figures(each) for rule, each in verdicts.items()}
    ours = figures[OURS]
    last = FIRST_SEED + streams - 1
    rows = [_row(rule, each) for rule, each in figures.items()]
    title = f"{name}: {ours.streams} streams, seeds {FIRST_SEED} to {last}"
    said = [
        (f"{bucket.low:.1f}–{bucket.high:.1f}", f"{bucket.mean_forecast:.2f}", bucket.came_true)
        for bucket in ours.calibration
    ]
    columns = ("probability said", "mean", "the root it was")
    scores = f"Brier score {ours.brier or 0:.3f}, log loss {ours.log_loss or 0:.3f}"
    return [
        Table(title, COLUMNS, rows),
        silent.table(name, verdicts, told),
        Table(f"{name}: time to group", SETTLING_COLUMNS, [settling_row(settled)]),
        Table(f"{name}: calibration ({scores})", columns, said),
    ]


def _verdicts(case: Case) -> tuple[str, dict[str, CascadeVerdict], list[float], frozenset[str]]:
    """The case's id, what each rule comes to, how long ours took to group the true incidents of several
    issues, and the incidents whose root an alert tells.
    """
    catalog = parse_catalog(case.catalog) if case.catalog else Catalog()
    received = [read_recorded(orjson.dumps(line)) for line in case.lines]
    alerts = _alerts(received)
    began = {alert.issue_id: alert.received_at for alert in alerts}
    replay, settling = Replay(catalog), Settling()
    for batch in batches(received, lambda delivery: delivery.received_at):
        asyncio.run(replay.take(batch))
        settling.look(replay.homes, batch[-1].received_at)
    graph = graph_of(catalog)
    rules = RULES | CHEAP_TRICKS
    made = {OURS: made_of(replay), **{rule: make(alerts, graph) for rule, make in rules.items()}}
    services = {alert.issue_id: alert.service for alert in alerts}
    verdicts = {
        rule: judge(case.id, case.issues, case.roots, began, each, services=services)
        for rule, each in made.items()
    }
    return case.id, verdicts, settling.seconds(case.issues, began), case.told


def _alerts(received: Sequence[Delivery]) -> list[Alert]:
    first: dict[str, Alert] = {}
    for delivery in received:
        notice = parse_notice(delivery.body)
        if notice.issue_id is None or notice.issue_id in first:
            continue
        event, issue = notice.event, notice.issue
        at = (event.occurred_at if event else None) or (issue.first_seen if issue else None)
        first[notice.issue_id] = Alert(
            key=notice.issue_id,
            issue_id=notice.issue_id,
            service=project_of(event, issue) or "unknown",
            at=min(at or delivery.received_at, delivery.received_at),
            received_at=delivery.received_at,
            signals=signals_of(event, issue),
        )
    return list(first.values())


def _row(rule: str, each: CascadeFigures) -> tuple[object, ...]:
    runs = each.investigations_per_incident
    return (
        rule,
        each.f1,
        each.adjusted_rand,
        each.mixed,
        each.over_merged,
        each.top_1,
        each.top_3,
        each.cascade_top_1,
        "–" if runs is None else f"{runs:.2f}",
    )


def main(streams: int, names: Sequence[str]) -> None:
    tables = []
    for name in names or SETTINGS:
        of_setting = measured(name, streams)
        tables += of_setting
        print(*(table.markdown() for table in of_setting), flush=True)
    if names:
        return
    path = write("cascades", "Cascades", tables, by="`python -m benchmarks.cascades.measure`")
    print(f"→ {path}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500, sys.argv[2:])
