"""What people said of one cascade is known in the next: below the catalogue, and for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from investigator.cascade.confirmed import confirm, confirmed_edges, speaking_for, withdraw, without
from investigator.cascade.graph import Graph, graph_of
from investigator.cascade.grouping import place
from investigator.cascade.words import reason
from investigator.catalog import Catalog, parse_catalog
from investigator.models.cascade import Alert, Board, Group, Signals

T0 = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
EMPTY = graph_of(Catalog())
TIMED_OUT = Signals(dependent=True, signature="TimeoutError | timed out")


def storm(at: datetime, *services: str) -> list[Alert]:
    moments = [at + timedelta(seconds=2 * place) for place in range(len(services))]
    return [
        Alert(
            key=f"{service}@{moment}",
            issue_id=f"{service}@{moment}",
            service=service,
            at=moment,
            received_at=moment,
            signals=TIMED_OUT,
        )
        for service, moment in zip(services, moments, strict=True)
    ]


def placed(board: Board, alerts: Sequence[Alert], graph: Graph = EMPTY) -> tuple[Board, list[Group]]:
    ids = (f"{alerts[0].at:%d}.{number}" for number in count(1))
    board, _ = place(board, alerts, graph, now=alerts[-1].received_at, new_ids=ids)
    return board, list(board.groups)


def test_the_same_storm_names_the_root_by_itself_the_next_time_and_says_why() -> None:
    board, first = placed(Board(), storm(T0, "web", "orders", "refunds"))
    assert not any(group.ranking.clear for group in first), "nothing tells where it began"
    board = confirm(board, first[0].incident_id, "payments", ["web", "orders", "refunds"], at=T0)
    later = T0 + timedelta(days=10)
    _, groups = placed(board, storm(later, "web", "orders", "refunds"))
    assert len(groups) == 1, "now they are one"
    root = groups[0].ranking.first
    assert root is not None
    assert (root.node, groups[0].ranking.clear) == ("payments", True)
    assert reason(root.reasons[0]) == (
        "people marked `payments` as root of a cascade like this on 2026-11-24"
    )


def test_it_is_weighed_less_as_time_goes_by_and_forgotten_in_the_end() -> None:
    board = confirm(Board(), "1", "payments", ["web", "orders"], at=T0)
    worth = [
        speaking_for(board, ["web", "orders"], T0 + timedelta(days=d))["payments"][0] for d in (0, 60, 120)
    ]
    assert worth == [6.0, 3.0, 1.5]
    board, _ = placed(board, storm(T0 + timedelta(days=181), "mail"))
    assert board.confirmed == ()


def test_another_storm_is_not_taken_for_it() -> None:
    board = confirm(Board(), "1", "payments", ["web", "orders", "refunds"], at=T0)
    assert not speaking_for(board, ["web", "mail", "search"], T0)


def test_what_the_catalogue_says_the_other_way_round_is_not_contradicted() -> None:
    graph = graph_of(parse_catalog("services: {payments: {depends_on: [ledger]}, ledger: {}}"))
    board = confirm(Board(), "1", "payments", ["ledger", "web"], at=T0)
    assert [(edge.caller, edge.callee) for edge in confirmed_edges(board, graph)] == [("web", "payments")]


def test_of_one_incident_the_last_word_counts_and_what_was_split_off_teaches_nothing() -> None:
    board = confirm(Board(), "1", "payments", ["web", "orders"], at=T0)
    board = confirm(board, "1", "ledger", ["web", "orders"], at=T0)
    assert [(one.root, one.services) for one in board.confirmed] == [("ledger", ("orders", "web"))]
    board = withdraw(board, "1", ["orders"])
    assert [one.services for one in board.confirmed] == [("web",)]
    assert without(board, ["1"]).confirmed == ()


def test_a_service_that_is_called_in_a_trace_is_a_dependency_that_was_learned() -> None:
    above = Signals(trace_id="t", span_id="a", signature="web")
    below = Signals(trace_id="t", span_id="b", parent_span_id="a", signature="orders")
    web, orders = storm(T0, "web", "orders")
    web, orders = (
        web.model_copy(update={"signals": above}),
        orders.model_copy(update={"signals": below}),
    )
    board, _ = placed(Board(), [web, orders])
    assert [(edge.caller, edge.callee, edge.source) for edge in board.edges] == [("web", "orders", "trace")]
    declared = graph_of(parse_catalog("services: {web: {depends_on: [orders]}, orders: {}}"))
    assert placed(Board(), [web, orders], declared)[0].edges == ()


def test_what_was_seen_once_is_forgotten_before_what_was_seen_often() -> None:
    web, orders = storm(T0, "web", "orders")
    signals = Signals(trace_id="t", span_id="a", signature="web"), Signals(trace_id="t", parent_span_id="a")
    alerts = [
        each.model_copy(update={"signals": told}) for each, told in zip((web, orders), signals, strict=True)
    ]
    board, _ = placed(Board(), alerts)
    often = board.edges[0].model_copy(update={"caller": "mail", "seen": 3})
    board = board.model_copy(update={"edges": (*board.edges, often)})
    board, _ = placed(board, storm(T0 + timedelta(days=31), "search"))
    assert [edge.caller for edge in board.edges] == ["mail"]
