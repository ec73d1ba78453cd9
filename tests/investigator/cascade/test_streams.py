"""Whole streams of webhooks, as the reader of the inbox gets them."""

from __future__ import annotations

from itertools import count

import orjson
import pytest

from benchmarks.cascades.generate import Case, generate
from benchmarks.cascades.settings import SETTINGS
from benchmarks.cascades.storm import STORMS, storm
from bot.eval_cascades import found
from investigator.cascade.grouping import place
from investigator.catalog import Catalog, parse_catalog
from investigator.evaluation.cascade_figures import cascade_figures, judge
from investigator.models.cascade import Board
from investigator.replay import Replay, batches, read_recorded


async def replayed(case: Case) -> Replay:
    replay = Replay(parse_catalog(case.catalog) if case.catalog else Catalog())
    received = [read_recorded(orjson.dumps(line)) for line in case.lines]
    for batch in batches(received, lambda delivery: delivery.received_at):
        await replay.take(batch)
    return replay


@pytest.mark.parametrize(
    ("setting", "f1", "top_1"),
    [("easy", 0.9, 0.9), ("hard", 0.9, 0.7), ("hard, published topologies", 0.7, 0.6)],
)
async def test_most_streams_are_split_right_and_their_roots_named(
    setting: str, f1: float, top_1: float
) -> None:
    verdicts = [
        judge(case.id, case.issues, case.roots, {}, found(await replayed(case)), services={})
        for case in generate(SETTINGS[setting], range(1000, 1005))
    ]
    figures = cascade_figures(verdicts)
    assert (figures.f1.mean or 0) >= f1
    assert (figures.top_1.share or 0) >= top_1


async def test_every_issue_is_in_exactly_one_incident_however_often_alerts_moved() -> None:
    for case in generate(SETTINGS["hard, 30 % of edges missing"], range(1000, 1004)):
        issues = [issue for incident in found(await replayed(case)) for issue in incident.issues]
        assert sorted(issues) == sorted(case.issues), case.id


def test_a_storm_that_is_weighed_in_pieces_is_few_incidents_and_loses_no_alert() -> None:
    alerts, graph = storm(STORMS[0], 300, 0)
    board, ids = Board(), (str(number) for number in count(1))
    for batch in batches(alerts, lambda alert: alert.received_at):
        board, _ = place(board, batch, graph, now=batch[-1].received_at, new_ids=ids)
    placed = sorted(alert.key for group in board.groups for alert in group.alerts)
    assert placed == sorted(alert.key for alert in alerts)
    assert len(board.groups) <= 12, "there were two cascades and at most eight strangers"
    assert max(len(group.alerts) for group in board.groups) > 100
