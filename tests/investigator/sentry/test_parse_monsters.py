"""Any JSON merged anywhere into real bodies: parsing never raises, and what comes out can be stored."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from investigator.errors import BadPayload
from investigator.models.base import Value
from investigator.models.sentry import Notice, SentryEvent, SentryIssue
from investigator.sentry.identity import semantic_identity
from investigator.sentry.parse import parse_any, parse_event, parse_notice
from investigator.sentry.releases import parse_commit_ids, parse_deploys, parse_release
from sandbox.sentry import webhook_activity_alert, webhook_event_alert, webhook_issue, webhook_metric_alert
from sandbox.sentry.shapes import api_event
from sandbox.sentry.world import World
from tests.fixtures.sentry import raw, stored_event

ISSUE = World("acme", "https://sentry.example").add_issue({"id": "77"})
BODIES = [
    webhook_event_alert(ISSUE, stored_event()),
    {"action": "triggered", "data": {"event": api_event(stored_event(), "77")}},
    webhook_issue("unresolved", ISSUE),
    webhook_activity_alert("status_regression", ISSUE),
    webhook_metric_alert("critical"),
    {"id": "77", "project": "shop", "event": stored_event(exception=None, message="m")},
]

nasty_text = st.one_of(
    st.text(st.characters(), max_size=30),  # lone surrogates and control characters included
    st.sampled_from(["\ud83d", "\x00", "1e999", "-0", "https://a.sentry.io/issues/9/", "x" * 9_000]),
)
numbers = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.just(10**300))
monsters = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, nasty_text),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(nasty_text, st.sampled_from(["values", "frames", "id", "type"])), inner, max_size=4
        ),
    ),
    max_leaves=12,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside a body."""
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        yield (*path, key)
        yield from places(child, (*path, key))


def planted(body: Any, plantings: list[tuple[int, Any]]) -> Any:
    """The body with monsters at these places (counted round and round)."""
    changed = copy.deepcopy(body)
    for number, monster in plantings:
        there = list(places(changed))
        if not there:
            break
        *way, last = there[number % len(there)]
        target = changed
        for key in way:
            target = target[key]
        target[last] = monster
    return changed


bodies = st.builds(
    planted,
    st.sampled_from(BODIES),
    st.lists(st.tuples(st.integers(0, 10_000), monsters), min_size=1, max_size=6),
)
bounded = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def assert_storable(value: Value, kind: type[Value]) -> None:
    stored = value.model_dump_json()
    stored.encode("utf-8")
    assert kind.model_validate_json(stored) == value, "what was parsed does not survive being stored"


@bounded
@given(bodies)
def test_a_notice_of_any_body_can_be_stored(body: dict[str, Any]) -> None:
    notice = parse_notice(raw(body))
    assert_storable(notice, Notice)
    (semantic_identity(notice) or "").encode()


@bounded
@given(bodies)
def test_a_file_of_any_content_is_read_or_refused(body: dict[str, Any]) -> None:
    try:
        event, issue = parse_any(body)
    except BadPayload as refusal:
        str(refusal).encode()
        return
    if event:
        assert_storable(event, SentryEvent)
    if issue:
        assert_storable(issue, SentryIssue)


@bounded
@given(st.dictionaries(st.sampled_from([*stored_event(), "entries", "threads", "stacktrace"]), monsters))
def test_an_event_made_of_nothing_but_monsters_is_read(data: dict[str, Any]) -> None:
    assert_storable(parse_event(data), SentryEvent)


@bounded
@given(monsters)
def test_release_answers_of_any_content_are_read(data: Any) -> None:
    parse_commit_ids(data)
    for deploy in parse_deploys(data, "v1"):
        assert_storable(deploy, type(deploy))
    if isinstance(data, dict):
        release = parse_release(data, "v1")
        assert_storable(release, type(release))


@pytest.mark.parametrize("number", range(len(BODIES)))
def test_nesting_that_python_cannot_follow_is_survived_anywhere(number: int) -> None:
    for *way, last in places(BODIES[number]):
        body = copy.deepcopy(BODIES[number])
        target = body
        for key in way:
            target = target[key]
        target[last] = "DEEP"
        assert_storable(parse_notice(raw(body).replace(b'"DEEP"', b"[" * 1000 + b"]" * 1000)), Notice)
