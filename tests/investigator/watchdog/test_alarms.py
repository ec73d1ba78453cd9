"""When a finding wakes somebody: once, when it lasts, and again when it is over."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.health.rules import Severity
from investigator.health.words import Told
from investigator.watchdog.alarms import CLEAR_SECONDS, HOLD_SECONDS, Alarm, Page, step, undone

AGAIN = 1800.0


def told(rule: str = "no_worker", severity: Severity = "critical") -> Told:
    return Told(rule=rule, key=rule, severity=severity, what="What.", remedy="Do.", anchor="a#b")


def play(*looks: tuple[float, list[Told]], blind: bool = False) -> list[tuple[float, Page]]:
    """All pages of these looks, with their times."""
    alarms: dict[str, Alarm] = {}
    pages = []
    for now, found in looks:
        alarms, sent = step(alarms, found, now=now, again_seconds=AGAIN, blind=blind)
        pages += [(now, page) for page in sent]
    return pages


def test_what_lasts_is_told_once() -> None:
    pages = play(*((float(now), [told()]) for now in range(0, 300, 10)))
    assert [(now, page.action) for now, page in pages] == [(HOLD_SECONDS, "trigger")]


def test_what_passes_wakes_nobody() -> None:
    assert play((0, [told()]), (10, [told()]), (20, []), (200, [])) == []


def test_what_comes_and_goes_within_a_minute_is_one_alarm() -> None:
    flapping = [(float(now), [told()] if now % 20 == 0 else []) for now in range(0, 600, 10)]
    assert len(play(*flapping)) == 1


def test_what_nobody_looked_at_for_long_begins_anew() -> None:
    looks = [(0.0, [told()]), (500.0, [told()]), (510.0, [told()])]
    assert play(*looks) == [], "it is not known to have lasted"


def test_what_is_over_is_told_when_it_has_been_gone_for_a_while() -> None:
    looks = [(0.0, [told()]), (40.0, [told()]), (50.0, []), (40.0 + CLEAR_SECONDS, [])]
    assert [(now, page.action) for now, page in play(*looks)] == [(40, "trigger"), (100, "resolve")]


def test_what_goes_on_is_told_again_after_the_interval() -> None:
    pages = play((0, [told()]), (40, [told()]), (1000, [told()]), (1841, [told()]))
    assert [(now, page.again) for now, page in pages] == [(40, False), (1841, True)]


def test_what_becomes_worse_is_told_at_once_and_stays_as_bad_until_it_is_over() -> None:
    mild = told(severity="warning")
    pages = play((0, [mild]), (40, [mild]), (50, [told()]), (60, [mild]), (130, []))
    shown = [(page.action, page.severity, page.again) for _, page in pages]
    assert shown == [
        ("trigger", "warning", False),
        ("trigger", "critical", False),
        ("resolve", "critical", False),
    ], "whoever was woken also hears that it is over"


def test_a_look_that_cannot_see_the_work_ends_no_alarm_about_it() -> None:
    alarms, _ = step({}, [told(), told("disk_low")], now=0, again_seconds=AGAIN)
    alarms, _ = step(alarms, [told(), told("disk_low")], now=40, again_seconds=AGAIN)
    alarms, pages = step(alarms, [], now=400, again_seconds=AGAIN, blind=True)
    assert [page.key for page in pages] == ["incidentpilot:disk_low"]
    assert set(alarms) == {"no_worker"}


def test_what_nobody_took_is_told_at_the_next_look() -> None:
    before, _ = step({}, [told()], now=0, again_seconds=AGAIN)
    after, pages = step(before, [told()], now=40, again_seconds=AGAIN)
    assert pages
    _, again = step(undone(after, before, ["no_worker"]), [told()], now=50, again_seconds=AGAIN)
    assert [page.again for page in again] == [False]


def test_that_it_is_over_is_told_later_when_nobody_took_it() -> None:
    alarms, _ = step({}, [told()], now=0, again_seconds=AGAIN)
    alarms, _ = step(alarms, [told()], now=40, again_seconds=AGAIN)
    after, _ = step(alarms, [], now=200, again_seconds=AGAIN)
    _, pages = step(undone(after, alarms, ["no_worker"]), [], now=210, again_seconds=AGAIN)
    assert [page.action for page in pages] == ["resolve"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=80))
def test_whatever_happens_triggers_and_resolves_alternate(present: list[bool]) -> None:
    pages = play(*((10.0 * turn, [told()] if there else []) for turn, there in enumerate(present)))
    actions = [page.action for _, page in pages if not page.again]
    assert all(one != other for one, other in pairwise(actions))
    assert not actions or actions[0] == "trigger"
