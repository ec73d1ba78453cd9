"""What nobody should send, and what comes of it: impossible times, projects nobody claims, new names."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import orjson
import pytest

from benchmarks.cascades.generate import Case, generate
from benchmarks.cascades.settings import SETTINGS
from bot.eval_cascades import found
from investigator.cascade.graph import graph_of
from investigator.cascade.grouping import place
from investigator.catalog import Catalog, parse_catalog
from investigator.models.cascade import Alert, Board, Signals, Target
from investigator.replay import Replay, Replayed, batches, read_recorded

T0 = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
TIMES = ("datetime", "timestamp", "received", "dateCreated", "firstSeen", "lastSeen")


@pytest.fixture(scope="module")
def case() -> Case:
    return next(generate(SETTINGS["easy"], range(1001, 1010)))


async def replayed(case: Case, catalog: Catalog | None = None, **times: Any) -> list[Replayed]:
    """`times` replaces every time that is told of an event or issue; None takes it away."""
    replay = Replay(catalog or parse_catalog(case.catalog or ""))
    lines = deepcopy(case.lines)
    for line in lines:
        for told in line["body"]["data"].values():
            if isinstance(told, dict) and times:
                for name in set(TIMES) & told.keys():
                    told[name] = times["to"]
    received = [read_recorded(orjson.dumps(line)) for line in lines]
    for batch in batches(received, lambda delivery: delivery.received_at):
        await replay.take(batch)
    assert sorted(i for each in found(replay) for i in each.issues) == sorted(case.issues), "none is lost"
    return replay.incidents()


@pytest.mark.parametrize("to", [None, "", "soon", "2999-01-01T00:00:00Z", "1970-01-01T00:00:00Z", 1e300, -5])
async def test_alerts_with_impossible_times_are_grouped_by_when_they_were_received(
    case: Case, to: object
) -> None:
    incidents = await replayed(case, to=to)
    assert len(incidents) <= 2 * len(case.roots) + 1, "they are no storm of threads"
    first, last = (case.lines[place]["received_at"] for place in (0, -1))
    assert all(first <= f"{each.opened_at:%Y-%m-%dT%H:%M:%S.%fZ}" <= last for each in incidents)


async def test_projects_in_no_service_are_services_of_their_own(case: Case) -> None:
    stranger = parse_catalog("services: {somebody-else: {depends_on: [another]}, another: {}}")
    services = {service for incident in await replayed(case, stranger) for service in incident.services}
    assert "somebody-else" not in services
    assert services == {service for each in await replayed(case) for service in each.services}


def test_a_service_that_gets_another_name_in_a_storm_takes_its_alerts_along() -> None:
    names_orders = Signals(targets=(Target(kind="service", name="orders", symptom="refused"),))
    before = graph_of(parse_catalog("services: {web: {depends_on: [orders]}, orders: {}}"))
    after = graph_of(
        parse_catalog(
            "services: {web: {depends_on: [shop-orders]}, shop-orders: {sentry_projects: [orders]}}"
        )
    )
    ids = map(str, count(1))
    board, _ = place(
        Board(),
        [alert("orders", 0, Signals(signature="KeyError")), alert("web", 2, names_orders)],
        before,
        now=T0 + timedelta(seconds=2),
        new_ids=ids,
    )
    more = [
        alert("web", 5, names_orders, key="again"),
        alert("shop-orders", 6, Signals(signature="KeyError")),
    ]
    board, _ = place(board, more, after, now=T0 + timedelta(seconds=6), new_ids=ids)
    assert sorted(a.service for group in board.groups for a in group.alerts) == [
        "orders",
        "shop-orders",
        "web",
        "web",
    ]
    assert board.groups[0].incident_id == "1", "the thread that there is goes on"
    assert len(board.groups) <= 2


def alert(service: str, second: float, signals: Signals, key: str = "") -> Alert:
    at, key = T0 + timedelta(seconds=second), key or f"{service}@{second}"
    return Alert(key=key, issue_id=key, service=service, at=at, received_at=at, signals=signals)
