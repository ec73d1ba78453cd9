from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from investigator.sentry import limits
from investigator.sentry.parse import parse_event
from sandbox.sentry import webhook_event_alert
from sandbox.sentry.shapes import api_event
from sandbox.sentry.world import World
from tests.fixtures.sentry import RELEASE, exception, frame, stored_event


def alerted(**fields: Any) -> dict[str, Any]:
    """A stored event with what Sentry adds when it sends it."""
    issue = World("acme", "https://sentry.example").add_issue({"id": "77"})
    body = webhook_event_alert(issue, stored_event(**fields))
    return dict(body["data"]["event"])


def test_webhook_event_is_read_whole() -> None:
    event = parse_event(alerted())

    assert (event.organization, event.project, event.project_id) == ("acme", "checkout-web", "4509000001")
    assert (event.issue_id, event.environment, event.release) == ("77", "production", RELEASE)
    assert event.server_name == "web-3", "server_name is a tag and must be found there"
    assert event.occurred_at == datetime(2026, 3, 2, 10, 15, 0, 250000, UTC)
    assert [found.type for found in event.exceptions] == ["KeyError", "AttributeError"]
    assert event.exceptions[0].frames == (), "a cause without a stack has no frames"
    crash = event.frames[-1]
    assert (crash.function, crash.line, crash.filename) == ("total", 12, "checkout/cart.py")
    assert crash.pre_context == ("def total(cart):", ""), "empty lines of code must stay"
    assert dict(crash.variables) == {"cart": "None", "retries": "3", "options": '{"dry": false}'}
    assert [crumb.message for crumb in event.breadcrumbs] == ["SELECT cart", "cache miss"]
    assert (event.request_method, event.trace_id) == ("POST", "4c79f60c11214eb38604f4ae0781bfb2")


def test_api_event_says_the_same_as_the_webhook() -> None:
    webhook = parse_event(alerted())
    api = parse_event(api_event(stored_event(), "77"))

    same = (
        "event_id",
        "issue_id",
        "project_id",
        "title",
        "level",
        "environment",
        "release",
        "hashes",
        "tags",
    )
    for name in same:
        assert getattr(api, name) == getattr(webhook, name), f"{name} differs between API and webhook"
    assert api.exceptions == webhook.exceptions, "frames differ between API and webhook shape"


def test_issue_id_of_old_events_comes_from_their_address() -> None:
    data = alerted()
    del data["issue_id"]
    data["issue_url"] = "https://sentry.example/api/0/issues/1635/"
    event = parse_event(data)
    assert event.issue_id == "1635", "old payloads name the issue only in issue_url"


@pytest.mark.parametrize(
    ("address", "organization"),
    [
        ("https://sentry.example/organizations/acme/issues/5/events/a/", "acme"),
        ("https://acme-eu.sentry.io/issues/5/events/a/", "acme-eu"),
        ("https://us.sentry.io/issues/5/", None),
    ],
)
def test_organization_is_read_from_web_addresses(address: str, organization: str | None) -> None:
    event = parse_event(stored_event(web_url=address))
    assert (event.organization, event.issue_id) == (organization, "5")


@pytest.mark.parametrize(
    "fields",
    [
        {"logentry": {"formatted": "queue is full", "message": "%s is full", "params": ["queue"]}},
        {"logentry": {"message": "queue is full"}},
        {"message": "queue is full"},
        {"sentry.interfaces.Message": {"message": "queue is full"}},
        {"entries": [{"type": "message", "data": {"formatted": "queue is full"}}]},
        {"occurrence": {"subtitle": "queue is full"}},
    ],
)
def test_message_without_exception_becomes_one_without_type(fields: dict[str, Any]) -> None:
    event = parse_event({**stored_event(exception=None), **fields})
    assert event.message == "queue is full"
    (only,) = event.exceptions
    assert (only.type, only.value) == (None, "queue is full")


@pytest.mark.parametrize("shape", ["stacktrace", "sentry.interfaces.Stacktrace", "entries"])
def test_stack_beside_a_message_is_kept(shape: str) -> None:
    stack = {"frames": [frame("main", 3)]}
    where = {"entries": [{"type": "stacktrace", "data": stack}]} if shape == "entries" else {shape: stack}
    event = parse_event(stored_event(exception=None, message="slow", **where))
    assert [found.function for found in event.frames] == ["main"], f"stack under {shape} was lost"


def test_native_crash_is_found_under_threads() -> None:
    native = {
        "function": None,
        "filename": None,
        "package": "/usr/lib/libshop.so",
        "instruction_addr": "0x1f",
    }
    threads = [
        {"id": 1, "current": True, "stacktrace": {"frames": [frame("idle", 1)]}},
        {"id": 2, "crashed": True, "stacktrace": {"frames": [native, {**native, "symbol": "_Z4cartv"}]}},
    ]
    fatal = exception("SIGSEGV", "Segfault")
    event = parse_event(stored_event(exception={"values": [fatal]}, threads={"values": threads}))

    assert [found.type for found in event.exceptions] == ["SIGSEGV"]
    assert [found.package for found in event.frames] == ["/usr/lib/libshop.so"] * 2
    assert event.frames[-1].function == "_Z4cartv", "a symbol stands in for a missing function"


def test_raw_stack_is_used_only_without_a_resolved_one() -> None:
    minified = {
        "filename": "app:///a.js",
        "lineno": 1,
        "colno": 90210,
        "function": None,
        "context_line": "{snip}",
    }
    both = exception("Error", "x", frame("pay", 8), raw_stacktrace={"frames": [minified]})
    rare = exception("Error", "x", raw_stacktrace={"frames": [minified]})
    assert parse_event({"exception": {"values": [both]}}).frames[-1].function == "pay"
    assert parse_event({"exception": {"values": [rare]}}).frames[-1].column == 90210


def test_in_app_false_everywhere_is_kept_as_data() -> None:
    frames = [frame("a", 1, in_app=False), frame("b", 2, in_app=False)]
    event = parse_event({"exception": {"values": [exception("E", "v", *frames)]}})
    assert [found.in_app for found in event.frames] == [False, False]


def test_exception_group_keeps_all_its_members_in_order() -> None:
    members = [
        exception("TypeError", "two", frame("b", 2), mechanism={"exception_id": 2, "parent_id": 0}),
        exception("ValueError", "one", frame("a", 1), mechanism={"exception_id": 1, "parent_id": 0}),
        exception("ExceptionGroup", "both", mechanism={"exception_id": 0, "is_exception_group": True}),
    ]
    event = parse_event({"exception": {"values": members}})
    assert [found.type for found in event.exceptions] == ["TypeError", "ValueError", "ExceptionGroup"]
    assert event.frames[0].function == "a", "the group has no stack, so the nearest member's counts"


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ([["a", "1"], ["b", None], [None, "x"]], (("a", "1"),)),
        ([{"key": "a", "value": 1}, {"key": "b"}, "c"], (("a", "1"),)),
        ({"a": True, "b": ["x", {"y": None}]}, (("a", "true"), ("b", '["x", {"y": null}]'))),
        (
            {"big": 2**60, "huge": 10**5000, "nan": float("nan")},
            (("big", str(2**60)), ("huge", "…"), ("nan", "…")),
        ),
        (None, ()),
        ("a=1", ()),
    ],
)
def test_tags_of_every_shape_become_text_pairs(tags: object, expected: object) -> None:
    assert parse_event({"tags": tags}).tags == expected


def test_text_is_cleaned_of_surrogates_and_control_characters() -> None:
    event = parse_event(
        {
            "title": "bad \ud83d half",
            "message": "nul\x00 esc\x1b[31m tab\t line\nend",
            "culprit": "a\u202egnp.exe",
            "tags": [["emoji", "\ud83d\ude00"]],
        }
    )
    assert event.title == "bad \ufffd half"
    assert event.message == "nul esc[31m tab\t line\nend"
    assert event.culprit == "agnp.exe", "marks that reorder text would let an event fake what people read"
    assert event.tag("emoji") == "\U0001f600", "a whole pair of surrogates is one character"


def test_everything_long_is_clipped_to_its_maximum() -> None:
    frames = [frame(f"f{n}", n + 1, vars={f"v{k}": "x" * 999 for k in range(99)}) for n in range(400)]
    chain = [exception("E", str(n)) for n in range(80)] + [exception("E", "x" * 20_000, *frames)]
    crumbs = [{"message": str(n)} for n in range(300)]
    event = parse_event(
        {"message": "m" * 20_000, "exception": {"values": chain}, "breadcrumbs": {"values": crumbs}}
    )

    assert len(event.message) == limits.MESSAGE
    assert event.message.endswith("…"), "a reader must see that text was cut"
    assert len(event.exceptions) == limits.EXCEPTIONS
    assert len(event.exceptions[-1].value or "") == limits.MESSAGE
    names = [found.function for found in event.frames]
    assert len(names) == limits.FRAMES
    assert (names[0], names[49], names[50], names[-1]) == ("f0", "f49", "f200", "f399"), "both ends are kept"
    assert len(event.frames[-1].variables) == limits.VARIABLES
    assert {len(value) for _, value in event.frames[-1].variables} == {limits.VARIABLE}
    assert [crumb.message for crumb in event.breadcrumbs][::99] == ["200", "299"], "the newest are kept"


@pytest.mark.parametrize(
    "value", ["yesterday", "", None, True, [], "0001-01-01T00:00:00+14:00", 1e300, -5, "nan", 10**400, 12]
)
def test_garbage_dates_are_no_dates(value: object) -> None:
    assert parse_event({"timestamp": value}).occurred_at is None


@pytest.mark.parametrize(
    "value", [1772446500.25, "1772446500.25", "2026-03-02T10:15:00.25Z", "2026-03-02T10:15:00.25"]
)
def test_dates_of_every_real_shape_are_read(value: object) -> None:
    assert parse_event({"datetime": value}).occurred_at == datetime(2026, 3, 2, 10, 15, 0, 250000, UTC)


@pytest.mark.parametrize("value", ["1/../../admin", "..", "", " 5", "5\n", {"id": 5}, True, -5, "x" * 65])
def test_ids_that_are_not_plain_are_not_taken(value: object) -> None:
    assert parse_event({"issue_id": value}).issue_id is None, "an id ends up in keys and in paths"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://a.example/|x>", "https://a b", 7, "/x"])
def test_links_that_are_not_plain_addresses_are_not_taken(address: object) -> None:
    assert parse_event({"web_url": address}).web_url is None
