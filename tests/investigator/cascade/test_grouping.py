"""One incident for a cascade, one for every stranger, whatever the order; and people have the last word."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.cascade.graph import Graph, graph_of
from investigator.cascade.grouping import MAX_ALERTS, merge, pin_root, place, settled, split
from investigator.catalog import parse_catalog
from investigator.models.cascade import (
    Alert,
    Board,
    Change,
    Joined,
    Merged,
    Moved,
    Opened,
    Signals,
    Symptom,
    Target,
    TargetKind,
)

T0 = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
SHOP = graph_of(
    parse_catalog(
        """
services:
  web: {depends_on: [checkout, search]}
  checkout: {depends_on: [payments, cart]}
  cart: {depends_on: ["redis:sessions"]}
  payments: {depends_on: ["postgres:ledger"]}
  refunds: {depends_on: ["postgres:ledger"]}
  search: {depends_on: ["elasticsearch:products"]}
"""
    )
)


def names(kind: TargetKind, name: str | None, symptom: Symptom = "refused") -> Signals:
    return Signals(targets=(Target(kind=kind, name=name, symptom=symptom),), signature=f"{kind} {name}")


TIMED_OUT = Signals(dependent=True, signature="TimeoutError | timed out")
OWN_FAULT = Signals(signature="KeyError | <quoted>")


def alert(
    service: str, second: float, signals: Signals, key: str = "", *, environment: str | None = None
) -> Alert:
    at = T0 + timedelta(seconds=second)
    key = key or f"{service}@{second}"
    return Alert(
        key=key,
        issue_id=key,
        service=service,
        environment=environment,
        at=at,
        received_at=at + timedelta(seconds=2),
        signals=signals,
    )


CASCADE = [
    alert("payments", 0, names("postgres", "ledger")),
    alert("refunds", 3, names("postgres", "ledger")),
    alert("checkout", 5, names("service", "payments.shop.svc.cluster.local", "server_error")),
    alert("web", 9, TIMED_OUT),
]
STRANGER = alert("search", 7, OWN_FAULT)


class Desk:
    """A board with its ids, fed one batch after another."""

    def __init__(self, graph: Graph = SHOP) -> None:
        self.board, self.graph, self._ids = Board(), graph, (str(number) for number in count(1))
        self.changes: list[Change] = []

    def take(self, *alerts: Alert, at: float = 60) -> list[Change]:
        now = T0 + timedelta(seconds=at)
        self.board, changes = place(self.board, alerts, self.graph, now=now, new_ids=self._ids)
        self.changes += changes
        return changes

    @property
    def split(self) -> set[frozenset[str]]:
        return {frozenset(alert.key for alert in group.alerts) for group in self.board.groups}

    def group_of(self, key: str) -> str | None:
        return self.board.incident_of(key)


def keys(alerts: Iterable[Alert]) -> frozenset[str]:
    return frozenset(alert.key for alert in alerts)


def test_a_cascade_is_one_incident_and_its_silent_root_is_named() -> None:
    desk = Desk()
    desk.take(*CASCADE, STRANGER)
    assert desk.split == {keys(CASCADE), keys([STRANGER])}
    cascade = next(group for group in desk.board.groups if len(group.alerts) > 1)
    root = cascade.ranking.first
    assert root is not None
    assert root.node == "postgres:ledger", "a database that sends no alerts is named all the same"
    assert cascade.ranking.clear
    assert {reason.kind for reason in root.reasons} >= {"silent", "named", "explains"}
    assert sum(candidate.score for candidate in cascade.ranking.candidates) <= 1.0


def test_what_seemed_several_incidents_becomes_one_when_the_connection_shows() -> None:
    desk = Desk(Graph())
    desk.take(alert("payments", 0, OWN_FAULT, "root"), at=2)
    desk.take(alert("web", 5, names("service", "checkout"), "web"), at=7)
    assert desk.split == {frozenset({"root"}), frozenset({"web"})}
    changes = desk.take(alert("checkout", 3, names("service", "payments"), "between"), at=8)
    assert Merged(younger="2", older="1") in changes, "the younger goes quiet"
    assert desk.split == {frozenset({"root", "web", "between"})}


@settings(max_examples=40, deadline=None)
@given(st.permutations([*CASCADE, STRANGER]), st.lists(st.integers(1, 4), min_size=5, max_size=5))
def test_the_order_and_the_batches_of_alerts_do_not_matter(order: list[Alert], sizes: list[int]) -> None:
    desk = Desk()
    left = list(order)
    for size in sizes:
        desk.take(*left[:size])
        desk.take(*left[:1])  # delivered twice
        left = left[size:]
    desk.take(*left)
    assert desk.split == {keys(CASCADE), keys([STRANGER])}


@settings(max_examples=40, deadline=None)
@given(st.permutations([*CASCADE, STRANGER]))
def test_carrying_out_the_changes_leads_to_the_same_incidents_as_the_board(order: list[Alert]) -> None:
    desk, where = Desk(), dict[str, str]()
    for each in order:
        for change in desk.take(each):
            match change:
                case Opened():
                    where |= dict.fromkeys(keys(change.group.alerts), change.group.incident_id)
                case Joined():
                    where[change.alert.key] = change.incident_id
                case Moved():
                    where |= dict.fromkeys(keys(change.alerts), change.to_incident)
                case Merged():
                    where = {k: change.older if v == change.younger else v for k, v in where.items()}
    assert where == {a.key: group.incident_id for group in desk.board.groups for a in group.alerts}


def test_a_fault_of_its_own_stays_alone_in_a_storm() -> None:
    desk = Desk()
    desk.take(*CASCADE, alert("cart", 4, OWN_FAULT), alert("search", 6, OWN_FAULT))
    assert len(desk.board.groups) == 3


def test_staging_has_nothing_to_do_with_production() -> None:
    desk = Desk()
    desk.take(
        alert("payments", 0, names("postgres", "ledger"), environment="production"),
        alert("checkout", 3, names("service", "payments"), environment="staging"),
        alert("refunds", 4, names("postgres", "ledger"), environment="production"),
    )
    assert desk.group_of("payments@0") == desk.group_of("refunds@4") != desk.group_of("checkout@3")


def test_without_a_catalogue_what_errors_name_is_enough() -> None:
    desk = Desk(Graph())
    desk.take(
        alert("payments", 0, OWN_FAULT),
        alert("checkout", 3, names("service", "payments.internal")),
        alert("web", 6, names("service", "http-checkout")),
        alert("reports", 7, OWN_FAULT),
    )
    assert len(desk.board.groups) == 2
    [cascade] = [group for group in desk.board.groups if len(group.alerts) == 3]
    assert cascade.ranking.first is not None
    assert cascade.ranking.first.node == "payments"


def test_without_a_catalogue_an_error_that_only_says_redis_means_the_one_that_others_name() -> None:
    desk = Desk(Graph())
    desk.take(
        alert("cart", 0, names("redis", "10.0.4.7")),
        alert("login", 1, names("redis", "10.0.4.7")),
        alert("basket", 2, names("redis", None)),
        alert("search", 3, names("kafka", None)),
    )
    assert len(desk.split) == 2, "of which kind an error speaks ties it to what others name of that kind"
    group = desk.board.group(desk.group_of("basket@2") or "")
    assert group is not None
    assert {each.service for each in group.alerts} == {"cart", "login", "basket"}
    assert group.ranking.first is not None
    assert group.ranking.first.node == "redis:10.0.4.7"


def test_a_silent_root_that_everybody_names_is_clear_without_a_catalogue() -> None:
    desk = Desk(Graph())
    desk.take(*(alert(name, second, names("kafka", "10.0.0.9")) for second, name in enumerate("abcdef")))
    (group,) = desk.board.groups
    assert group.ranking.clear, "that something nobody names failed below those who name it is far-fetched"
    assert group.ranking.candidates[0].score > 0.8


def test_services_that_share_a_store_tell_its_address() -> None:
    desk = Desk()
    strange = names("postgres", "db-7.prod.example.net", "timeout")
    desk.take(alert("payments", 0, strange), alert("refunds", 2, strange))
    [group] = desk.board.groups
    assert group.ranking.first is not None
    assert group.ranking.first.node == "postgres:ledger"
    assert "alias" in {reason.kind for reason in group.ranking.first.reasons}
    assert [(alias.host, alias.node) for alias in desk.board.aliases] == [
        ("db-7.prod.example.net", "postgres:ledger")
    ]


def test_cycles_in_the_catalogue_are_borne() -> None:
    both = {"a": frozenset({"b"}), "b": frozenset({"a"})}
    circle = Graph(depends_on=both, callers=both)
    desk = Desk(circle)
    desk.take(alert("a", 0, names("service", "b")), alert("b", 2, names("service", "a")))
    assert len(desk.board.groups) == 1


def test_a_persons_word_about_the_root_stands() -> None:
    desk = Desk()
    desk.take(*CASCADE[:2])
    desk.board = pin_root(desk.board, "1", "refunds")
    changes = desk.take(*CASCADE[2:])
    [group] = desk.board.groups
    assert group.ranking.first is not None
    assert (group.root, group.ranking.first.node) == ("refunds", "refunds")
    assert not [change for change in changes if type(change).__name__ == "RootMoved"]


def test_what_people_split_stays_split_and_what_they_merge_stays_merged() -> None:
    desk = Desk()
    desk.take(*CASCADE)
    desk.board, changes = split(desk.board, "1", [CASCADE[3].issue_id], "9", now=T0)
    assert [type(change).__name__ for change in changes] == ["Opened", "Moved"]
    desk.take(alert("checkout", 20, TIMED_OUT, "later"))
    assert desk.group_of(CASCADE[3].key) == "9"
    assert desk.group_of("later") == "1"
    desk.board, changes = merge(desk.board, "9", "1")
    assert changes == [Merged(younger="9", older="1")]
    desk.take(alert("refunds", 30, names("postgres", "ledger"), "last"))
    assert desk.split == {keys(CASCADE) | {"later", "last"}}


def test_settled_issues_attract_nothing() -> None:
    desk = Desk()
    desk.take(*CASCADE)
    desk.board = settled(desk.board, [each.issue_id for each in CASCADE])
    desk.take(alert("checkout", 40, TIMED_OUT, "new"))
    assert desk.split == {frozenset({"new"})}


def test_an_hour_later_it_is_another_incident() -> None:
    desk = Desk()
    desk.take(*CASCADE)
    desk.take(alert("payments", 3600, names("postgres", "ledger"), "again"), at=3602)
    assert desk.group_of("again") == "2"


def test_the_board_stays_bounded_and_survives_the_store() -> None:
    desk = Desk()
    own = (alert(f"s{n}", n / 10, OWN_FAULT) for n in range(MAX_ALERTS // 4))
    desk.take(*own)
    assert Board.model_validate_json(desk.board.model_dump_json()) == desk.board
    crowd = [alert("payments", n / 100, names("postgres", "ledger"), f"p{n}") for n in range(2 * MAX_ALERTS)]
    for start in range(0, len(crowd), 500):
        desk.take(*crowd[start : start + 500])
    assert sum(len(group.alerts) for group in desk.board.groups) <= MAX_ALERTS + 500


def test_without_a_catalogue_what_begins_amid_a_cascade_is_part_of_it() -> None:
    desk = Desk(Graph())
    amid = [
        alert("orders", 0, names("postgres", "10.0.0.9")),
        alert("mail", 4, TIMED_OUT),
        alert("web", 6, names("service", "mail.prod.svc", "server_error")),
        alert("orders", 8, names("postgres", "10.0.0.9", "timeout")),
    ]
    fault = alert("search", 5, OWN_FAULT)
    later = alert("stock", 500, TIMED_OUT)
    desk.take(*amid, fault, later, at=502)
    assert desk.split == {keys(amid), keys([fault]), keys([later])}
    cascade = next(group for group in desk.board.groups if len(group.alerts) > 1)
    assert cascade.ranking.first is not None
    assert cascade.ranking.first.node == "postgres:10.0.0.9", "what somebody names is likelier than mail"


def test_an_unknown_address_is_of_a_store_of_its_kind_although_the_catalogue_lacks_the_edge() -> None:
    desk = Desk()
    desk.take(
        alert("checkout", 0, names("redis", "10.7.7.7")),
        alert("checkout", 3, names("redis", "10.7.7.7", "timeout")),
    )
    root = desk.board.groups[0].ranking.first
    assert root is not None
    assert root.node == "redis:sessions"


def test_a_service_that_says_nothing_brings_in_those_that_name_it() -> None:
    desk = Desk(Graph())
    cascade = [
        alert("orders", 0, names("postgres", "10.0.0.9")),
        alert("stock", 3, names("postgres", "10.0.0.9", "timeout")),
        alert("web", 5, names("service", "mail.prod.svc", "server_error")),
        alert("news", 6, names("service", "mail.prod.svc", "timeout")),
    ]
    later = alert("reports", 400, names("service", "pdf.prod.svc", "server_error"))
    desk.take(*cascade, later, at=402)
    assert desk.split == {keys(cascade), keys([later])}, "mail has failed by the database, and has no Sentry"


def test_what_names_a_silent_service_does_not_join_a_fault_that_has_not_spread() -> None:
    desk = Desk(Graph())
    fault = alert("orders", 0, OWN_FAULT)
    apart = [alert(each, 5, names("service", "mail.prod.svc", "timeout")) for each in ("web", "news")]
    desk.take(fault, *apart)
    assert desk.split == {keys([fault]), keys(apart)}


def test_who_names_the_same_store_minutes_later_names_the_same_incident() -> None:
    desk = Desk()
    slow = [
        alert("payments", 0, names("postgres", "ledger")),
        alert("payments", 4, TIMED_OUT),
        alert("refunds", 170, names("postgres", "ledger", "timeout")),
    ]
    desk.take(*slow, at=200)
    assert desk.split == {keys(slow)}
