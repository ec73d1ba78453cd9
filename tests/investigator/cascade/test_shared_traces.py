"""A request that failed in several services ties their errors together, whatever these say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.cascade.graph import Graph, graph_of
from investigator.cascade.grouping import place
from investigator.catalog import parse_catalog
from investigator.models.cascade import Alert, Board, Group, Signals

T0 = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
TRACE = "7b1c9f0d5e5b4e0f8a3d2c1b0a998877"


def alert(service: str, second: float, signature: str, *, trace: str | None = TRACE, **spans: str) -> Alert:
    at = T0 + timedelta(seconds=second)
    signals = Signals(signature=signature, trace_id=trace, **spans)
    return Alert(
        key=f"{service}@{second}", issue_id=service, service=service, at=at, received_at=at, signals=signals
    )


def groups(alerts: Sequence[Alert], graph: Graph | None = None) -> tuple[Group, ...]:
    ids = (str(number) for number in count(1))
    board, _ = place(Board(), alerts, graph or Graph(), now=T0 + timedelta(minutes=2), new_ids=ids)
    return board.groups


def services(alerts: Iterable[Alert]) -> set[str]:
    return {each.service for each in alerts}


ROOT = alert("pricing", 3, "ZeroDivisionError | division by zero")
VICTIM = alert("checkout", 4, "KeyError | <quoted>")
FAR = alert("web", 5, "TypeError | undefined is not a function")
STRANGER = alert("search", 4, "IndexError | out of range", trace="0f" * 16)


@settings(max_examples=24, deadline=None)
@given(st.permutations([ROOT, VICTIM, FAR, STRANGER]))
def test_errors_of_one_request_are_one_incident_without_a_catalogue(order: list[Alert]) -> None:
    found = sorted(groups(order), key=lambda group: -len(group.alerts))
    assert [services(group.alerts) for group in found] == [{"pricing", "checkout", "web"}, {"search"}]
    root = found[0].ranking.first
    assert root is not None
    assert root.node == "pricing", "what failed first in a request is what the rest came of"
    traced = [reason for reason in root.reasons if reason.kind == "traced"]
    assert [set(reason.services) for reason in traced] == [{"checkout", "web"}], "and the reason is said"


def test_spans_tell_who_called_whom_better_than_clocks_do() -> None:
    caller = alert("checkout", 1, "KeyError | <quoted>", span_id="aaaa")
    called = alert("pricing", 6, "ZeroDivisionError | division by zero", parent_span_id="aaaa")
    (group,) = groups([caller, called])
    assert group.ranking.first is not None
    assert group.ranking.first.node == "pricing"


def test_the_catalogue_tells_who_called_whom_better_than_clocks_do() -> None:
    graph = graph_of(parse_catalog("services: {checkout: {depends_on: [pricing]}, pricing: {}}"))
    caller = alert("checkout", 1, "KeyError | <quoted>")
    (group,) = groups([caller, alert("pricing", 6, "ZeroDivisionError | division by zero")], graph)
    assert group.ranking.first is not None
    assert group.ranking.first.node == "pricing"


def test_an_id_that_is_no_requests_ties_nothing_together() -> None:
    """A page that stays open, a program that makes up one id for all it does, and the id that means none."""
    later = alert("checkout", 600, "KeyError | <quoted>")
    assert len(groups([ROOT, later])) == 2
    of_all = [alert(f"s{n}", n / 10, f"E{n} | own") for n in range(60)]
    assert len(groups(of_all)) == 60
    none = [
        each.model_copy(update={"signals": Signals(signature=each.key, trace_id="0" * 32)})
        for each in (ROOT, VICTIM)
    ]
    assert len(groups(none)) == 2
