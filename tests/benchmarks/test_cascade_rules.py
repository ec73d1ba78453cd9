"""The simpler rules that ours is measured against do what the table says of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from benchmarks.cascades.cheap_tricks import greedy_cover, names_joined
from benchmarks.cascades.generate import Case, generate
from benchmarks.cascades.settings import SETTINGS
from benchmarks.cascades.settling import Settling
from investigator.cascade.graph import graph_of
from investigator.catalog import parse_catalog
from investigator.evaluation.cascade_figures import Found
from investigator.models.cascade import Alert, Signals, Target

AT = datetime(2026, 11, 3, 14, 0, tzinfo=UTC)
GRAPH = graph_of(
    parse_catalog(
        "services: {web: {depends_on: [orders]}, orders: {depends_on: ['postgres:main']}, mail: {}}"
    )
)


def alert(key: str, service: str, names: str | None = None, after: float = 0) -> Alert:
    targets = (Target(kind="service", name=names, symptom="timeout"),) if names else ()
    at = AT + timedelta(seconds=after)
    return Alert(
        key=key,
        issue_id=key,
        service=service,
        at=at,
        received_at=at,
        signals=Signals(targets=targets, dependent=service == "web"),
    )


def made_of(found: list[Found]) -> dict[tuple[str, ...], str]:
    return {tuple(sorted(each.issues)): each.ranking[0][0] for each in found}


def test_names_join_those_who_name_the_same_and_nobody_else() -> None:
    alerts = [alert("1", "web", "orders"), alert("2", "admin", "orders"), alert("3", "mail")]
    assert made_of(names_joined(alerts, GRAPH)) == {("1", "2"): "orders", ("3",): "mail"}


def test_the_cover_names_a_store_that_says_nothing_and_leaves_strangers_alone() -> None:
    alerts = [alert("1", "web", after=20), alert("2", "orders", "main", after=5), alert("3", "mail")]
    assert made_of(greedy_cover(alerts, GRAPH)) == {("1", "2"): "postgres:main", ("3",): "mail"}


def test_grouping_took_until_the_last_issue_was_where_it_stays() -> None:
    settling, began = Settling(), {"1": AT, "2": AT + timedelta(seconds=3), "3": AT}
    settling.look({"1": "7"}, AT)
    settling.look({"1": "7", "2": "8", "3": "9"}, AT + timedelta(seconds=4))
    settling.look({"1": "7", "2": "7", "3": "9"}, AT + timedelta(seconds=30))
    assert settling.seconds({"1": "a", "2": "a", "3": "b"}, began) == [30.0], "of one issue nothing is told"


def test_a_deployed_root_is_known_by_a_release_that_was_not_there_before() -> None:
    cases = generate(SETTINGS["hard, deploys"], range(1000, 1010))
    before, after = set[str](), set[str]()
    for case in cases:
        for line in case.lines:
            if event := line["body"]["data"].get("event"):
                old = case.issues[event["issue_id"]].startswith("before-")
                (before if old else after).add(f"{case.id} {event['release']}")
    changed = [release.replace("11.1", "11.2") for release in before]
    assert changed
    assert set(changed) & after


def test_errors_of_one_request_share_a_trace_and_are_else_those_of_the_setting_without() -> None:
    bare = generate(SETTINGS["hard"], range(1000, 1010))
    shared = 0
    for without, case in zip(bare, generate(SETTINGS["hard, shared traces"], range(1000, 1010)), strict=True):
        assert (case.issues, case.roots, case.catalog) == (without.issues, without.roots, without.catalog)
        assert len(set(traces(without).values())) == len(traces(without)), "by chance no request is shared"
        of_trace: dict[str, set[str]] = {}
        for issue, trace in traces(case).items():
            of_trace.setdefault(trace, set()).add(issue)
        together = [issues for issues in of_trace.values() if len(issues) > 1]
        assert all(len({case.issues[issue] for issue in issues}) == 1 for issues in together)
        shared += len(together)
    assert shared, "some errors are of one request"


def traces(case: Case) -> dict[str, str]:
    """Issue → the trace of its first event that was delivered."""
    found: dict[str, str] = {}
    for line in case.lines:
        if event := line["body"]["data"].get("event"):
            found.setdefault(event["issue_id"], event["contexts"]["trace"]["trace_id"])
    return found


def test_of_a_root_that_is_not_told_no_alert_says_what_it_is() -> None:
    untold = 0
    for case in generate(SETTINGS["hard, no catalogue"], range(1000, 1010)):
        for incident in case.roots.keys() - case.told:
            own = [issue for issue, of in case.issues.items() if of == incident]
            values = [link["value"] for issue in own for link in chain(case, issue)]
            name = case.roots[incident].rpartition(":")[2]
            assert not any(name in value for value in values), f"{case.id}: {name} was named"
            untold += 1
        assert {incident for incident in case.roots if incident.startswith("lone")} <= case.told
    assert untold, "stores by strange hosts and silent services are not always named"


def chain(case: Case, issue: str) -> list[dict[str, str]]:
    events = (line["body"]["data"].get("event", {}) for line in case.lines)
    return next((each["exception"]["values"] for each in events if each.get("issue_id") == issue), [])
