"""Which credential asks: decided from what is known, without asking."""

from __future__ import annotations

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from investigator.errors import OutsideCallFailed
from investigator.github import choice
from investigator.github.choice import Standing
from investigator.github.failures import RateLimited

NOW = 1000.0
REPO = "Acme/Shop"
SLOW_DOWN = RateLimited("slow down", retry_after=None, secondary=True)


def order(*notes: dict[str, str], spread: bool = False, resource: choice.Resource = "core") -> list[int]:
    candidates = [(number, Standing(each)) for number, each in enumerate(notes)]
    return choice.in_order(candidates, REPO, resource, now=NOW, spread=spread)


def test_the_first_is_asked_as_long_as_it_may() -> None:
    full, low = choice.budget("core", limits(4000)), choice.budget("core", limits(10))
    assert order(low, full) == [0, 1], "without rotation the configured order counts, not the budget"
    assert order(low, full, spread=True) == [1, 0], "with rotation whoever has most left goes first"


def test_a_primary_limit_rests_one_kind_of_request_and_a_secondary_one_all() -> None:
    primary = choice.rest("graphql", RateLimited("limit", retry_after=50), Standing({}), now=NOW)
    assert order(primary, resource="graphql") == []
    assert order(primary) == [0]
    secondary = choice.rest("graphql", SLOW_DOWN, Standing({}), now=NOW)
    assert order(secondary) == []
    assert Standing(secondary).free_at("core") == NOW + 60, "without a time named, GitHub asks for a minute"


def test_a_limit_met_again_right_after_its_rest_doubles_the_rest() -> None:
    notes: dict[str, str] = {}
    now, waits = NOW, []
    for _ in range(8):
        notes |= choice.rest("core", SLOW_DOWN, Standing(notes), now=now)
        waits.append(Standing(notes).free_at("core") - now)
        now = Standing(notes).free_at("core") + 1
    assert waits == [60, 120, 240, 480, 960, 1920, 1920, 1920]
    notes |= choice.rest("core", SLOW_DOWN, Standing(notes), now=now + 1000)
    assert Standing(notes).free_at("core") == now + 1060, (
        "after a quarter of an hour of peace it is the first again"
    )


def test_two_workers_refused_at_the_same_moment_rest_once() -> None:
    notes = choice.rest("core", SLOW_DOWN, Standing({}), now=NOW)
    notes |= choice.rest("core", SLOW_DOWN, Standing(notes), now=NOW + 1)
    assert Standing(notes).free_at("core") == NOW + 60


def test_who_sees_one_repository_not_may_see_another() -> None:
    blind = choice.blind("acme/shop", now=NOW)
    assert order(blind, {}) == [1, 0], "it comes last, for somebody may have mended that"
    assert not Standing(blind).may_read(REPO, NOW)
    assert Standing(blind).may_read("acme/other", NOW)
    assert Standing(blind).may_read(REPO, NOW + 601), "permissions change: it is tried again"


def test_who_was_refused_comes_last_for_a_while() -> None:
    aside = Standing(choice.set_aside("Bad credentials", now=NOW))
    assert order(choice.set_aside("Bad credentials", now=NOW), {}) == [1, 0]
    assert not aside.may_read(REPO, NOW)
    assert aside.aside_reason(NOW) == "Bad credentials"
    assert aside.aside_reason(NOW + 601) is None


def test_it_is_said_why_nobody_may_ask() -> None:
    rests = [
        Standing(choice.rest("core", RateLimited("limit", retry_after=wait), Standing({}), now=NOW))
        for wait in (90, 40)
    ]
    limited = choice.nobody(REPO, "core", rests, now=NOW)
    assert (limited.kind, limited.retry_after) == ("rate_limited", 40), "the first to be free again counts"
    assert "no app in GITHUB_APPS lists the owner acme" in choice.nobody(REPO, "core", [], now=NOW).detail


def test_only_a_suspended_installation_is_set_aside_for_a_403() -> None:
    suspended = OutsideCallFailed("GitHub", "forbidden", "This installation has been suspended (HTTP 403)")
    assert choice.is_suspended(suspended)
    assert not choice.is_suspended(OutsideCallFailed("GitHub", "forbidden", "Resource not accessible"))


NOTES = st.dictionaries(
    st.sampled_from(["rest:core", "rest:all", "aside", "aside:why", "blind:acme/shop", "left:core"]),
    st.text(max_size=8) | st.floats().map(str) | st.sampled_from(["[1, 0, 5]", "[1]", "{}", "null"]),
)


@given(st.lists(NOTES, max_size=4), st.booleans())
@examples(max_examples=60, deadline=None)
def test_strange_notes_never_break_the_choice(notes: list[dict[str, str]], spread: bool) -> None:
    assert set(order(*notes, spread=spread)) <= set(range(len(notes)))


def limits(remaining: int) -> dict[str, str]:
    return {
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-limit": "5000",
        "x-ratelimit-reset": str(int(NOW) + 100),
    }
