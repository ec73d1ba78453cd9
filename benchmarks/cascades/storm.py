"""`python -m benchmarks.cascades.storm`: how long placing takes in a storm, the table of cascade_storm.md.

A storm is one or two cascades and some strangers that hit at least 24 of 40 services within a minute, put on
the board in batches of two seconds as the reader of the inbox would. The time of a batch is what its
transaction waits for.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from statistics import median
from time import process_time

import orjson

from benchmarks.cascades.deliveries import event_alert
from benchmarks.cascades.generate import START, catalog_text
from benchmarks.cascades.settings import HARD, Setting
from benchmarks.cascades.simulation import Error, play
from benchmarks.cascades.topologies import layered
from benchmarks.tables import Table, milliseconds, write
from investigator.cascade.graph import Graph, graph_of
from investigator.cascade.grouping import place
from investigator.cascade.signals import signals_of
from investigator.catalog import Catalog, parse_catalog
from investigator.models.cascade import Alert, Board
from investigator.replay import batches
from investigator.sentry.parse import parse_notice

SERVICES, STORES, SECONDS = 40, 8, 60.0
ALERTS = (100, 300, 1000)
SEEDS = range(3)
STORM = replace(HARD, name="storm", silent_share=0.0, concurrent=2, lone=8, entangled=True)
STORMS = (
    STORM,
    replace(STORM, name="storm, 30 % of edges missing", missing=0.3),
    replace(STORM, name="storm, no catalogue", catalog=False),
)
_HIT = 0.6  # of the services, at the least
COLUMNS = ("storm", "alerts", "median batch, ms", "slowest batch, ms", "slowest, times that of 100 alerts")


def storm(setting: Setting, alerts: int, seed: int) -> tuple[list[Alert], Graph]:
    """So many alerts, in the order of their receipt, and the catalogue's graph."""
    rng = random.Random(f"{setting.name} {seed}")
    topology = layered(rng, domains=2, services=SERVICES, stores=STORES, crossing=10)
    setting = replace(setting, repeated=max(alerts // 15, 1))
    while True:
        errors = play(rng, setting, topology, START).errors
        if len(errors) >= alerts and len({error.service for error in errors}) >= _HIT * SERVICES:
            break
    lone = [error for error in errors if error.incident.startswith("lone")]
    others = [error for error in errors if error not in lone]
    made = _within_a_minute([*lone, *rng.sample(others, alerts - len(lone))], rng)
    catalog = parse_catalog(catalog_text(rng, setting, topology)) if setting.catalog else Catalog()
    return made, graph_of(catalog)


def _within_a_minute(errors: Sequence[Error], rng: random.Random) -> list[Alert]:
    first, last = min(error.seen for error in errors), max(error.seen for error in errors)
    pace = SECONDS / (last - first).total_seconds()
    found = []
    for drawn in errors:
        seen = first + (drawn.seen - first) * pace
        error = replace(drawn, seen=seen, at=seen + (drawn.at - drawn.seen) * pace)
        event = parse_notice(orjson.dumps(event_alert(rng, error, error.at))).event
        found.append(
            Alert(
                key=error.issue_id,
                issue_id=error.issue_id,
                service=error.service,
                at=min(error.at, seen),
                received_at=seen,
                release=error.release,
                signals=signals_of(event, None),
            )
        )
    return sorted(found, key=lambda alert: (alert.received_at, alert.key))


def placing(alerts: Sequence[Alert], graph: Graph) -> list[float]:
    """Seconds of processor time that each batch of two seconds takes; the board goes through JSON between."""
    board, ids, took = Board(), (str(number) for number in count(1)), []
    for batch in batches(alerts, lambda alert: alert.received_at):
        gc.collect()
        began = process_time()
        board, _ = place(board, batch, graph, now=batch[-1].received_at, new_ids=ids)
        took.append(process_time() - began)
        board = Board.model_validate_json(board.model_dump_json())
    return took


def measured() -> Table:
    rows: list[tuple[object, ...]] = []
    for setting in STORMS:
        fewest = 0.0
        for alerts in ALERTS:
            runs = [placing(*storm(setting, alerts, seed)) for seed in SEEDS]
            slowest = median(max(run) for run in runs)
            fewest = fewest or slowest
            usual = median(took for run in runs for took in run)
            rows.append(
                (setting.name, alerts, milliseconds(usual), milliseconds(slowest), f"{slowest / fewest:.1f}")
            )
            print(*rows[-1], flush=True)
    return Table(f"Batches of two seconds, seeds {SEEDS[0]} to {SEEDS[-1]}", COLUMNS, rows)


if __name__ == "__main__":
    table = measured()
    print(
        write(
            "cascade_storm", "Placing alerts in a storm", [table], by="`python -m benchmarks.cascades.storm`"
        )
    )
