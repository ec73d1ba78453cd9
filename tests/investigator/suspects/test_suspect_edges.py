"""Histories and events at the edges: each must give an answer with reasons that a person can check."""

from __future__ import annotations

import time

import pytest

from investigator.models.evidence import Commit, FileChange, Ranking
from investigator.models.sentry import SentryEvent
from investigator.suspects import rank
from investigator.suspects.lines import scarcity
from tests.fixtures.suspects import (
    CART,
    FIRST_SEEN,
    blamed,
    changed,
    commit,
    crash,
    evidence,
    innocents,
    sha,
)

JAVA = "src/main/java/shop/Cart.java"


def ranked(event: SentryEvent, *commits: Commit, blame: tuple[str, ...] = ()) -> Ranking:
    code = evidence(event, *commits, blame=tuple(blamed(name) for name in blame))
    return rank(event, code, first_seen=FIRST_SEEN)


def said(ranking: Ranking, name: str) -> str:
    found = [one.reasons for one in ranking.suspects if one.commit.sha == sha(name)]
    return "; ".join(found[0]) if found else ""


def guilty(hours: float = 3) -> Commit:
    return commit("guilty", files=(changed(CART, "+    return price * rate", at=42),), hours=hours)


@pytest.mark.parametrize(
    "added",
    [
        [
            "+    return sum;",
            "+  }",
            "+",
            "+  public int vat(Cart cart) {",
            "+    int sum = rates.get(cart);",
        ],
        ["+", "+  public int vat(Cart cart) {", "+    return rates.get(cart);", "+  }"],
    ],
)
def test_a_function_added_below_the_crashing_one_did_not_change_it(added: list[str]) -> None:
    event = crash("NullPointerException", "", (JAVA, "total", 42))
    below = ["    return sum;", "  }"] if "+    return sum;" in added else ["  }"]
    patch = changed(
        JAVA, *added, *[f" {line}" for line in below], header="public int total(Cart cart) {", at=44
    )
    ranking = ranked(event, *innocents(8), commit("neighbour", files=(patch,)))
    assert "changed `total`" not in said(ranking, "neighbour"), "where the next function begins was not seen"
    assert ranking.no_code_cause, "a function that nothing of the trace calls was blamed"


def test_the_only_commit_that_touches_the_file_of_the_crash_counts_more_than_one_of_many() -> None:
    assert scarcity(1, 50) > 1.2 > 0.8 > scarcity(25, 50)
    assert scarcity(1, 1) > 0.5, "a range of one commit made its touch worthless"


def test_a_file_of_the_trace_that_was_only_renamed_does_not_explain_its_crash() -> None:
    renamed = FileChange(path=CART, previous_path="shop/basket.py", status="renamed")
    assert ranked(crash(), *innocents(8), commit("renamed", files=(renamed,))).no_code_cause


def test_a_commit_that_brings_in_thousands_of_lines_of_others_is_read_in_a_moment_and_does_not_win() -> None:
    vendored = tuple(
        changed(f"vendor/lib{n}/cart.py", *[f"+price_{n} = rate({n})"] * 400, status="added")
        for n in range(300)
    )
    started = time.process_time()
    ranking = ranked(crash(), *innocents(8), commit("vendor", files=vendored), guilty(), blame=("guilty",))
    assert time.process_time() - started < 5
    assert ranking.suspects[0].commit.sha == sha("guilty"), "a vendored library was blamed for its size"


def test_a_bump_by_a_bot_is_not_blamed_for_a_crash_that_has_nothing_to_do_with_it() -> None:
    bump = changed("requirements.txt", "-requests==2.31.0", "+requests==2.32.0")
    bot = commit("bot", "build(deps): bump requests from 2.31.0 to 2.32.0", files=(bump,), hours=1)
    assert ranked(crash(), bot, *innocents(8)).no_code_cause


def test_a_bump_by_a_bot_is_named_when_all_frames_are_in_that_library() -> None:
    event = crash("AttributeError", "'NoneType' object has no attribute 'status'")
    frame = (
        event.exceptions[0]
        .frames[0]
        .model_copy(update={"abs_path": "/venv/lib/site-packages/requests/models.py", "in_app": False})
    )
    event = event.model_copy(
        update={"exceptions": (event.exceptions[0].model_copy(update={"frames": (frame,)}),)}
    )
    bump = changed("requirements.txt", "-requests==2.31.0", "+requests==3.0.0")
    bot = commit("bot", "build(deps): bump requests from 2.31.0 to 3.0.0", files=(bump,), hours=1)
    ranking = ranked(event, *innocents(4), bot)
    assert ranking.suspects[0].commit.sha == sha("bot")
    assert "changed the dependency `requests`" in said(ranking, "bot")


def test_a_message_without_any_frame_is_answered_by_the_names_in_it_or_by_nobody() -> None:
    event = SentryEvent(message="column orders.discount_code does not exist", occurred_at=FIRST_SEEN)
    drop = changed("db/migrations/7.sql", "+ALTER TABLE orders DROP COLUMN discount_code;")
    ranking = ranked(event, *innocents(6), commit("migration", files=(drop,)))
    assert ranking.suspects[0].commit.sha == sha("migration")
    assert "its diff removes `discount_code`" in said(ranking, "migration")
    nobody = ranked(event, *innocents(6))
    assert nobody.no_code_cause
    assert "no frame of the trace is in the repository" in nobody.doubts


def test_a_range_of_one_commit_names_it_only_if_it_has_to_do_with_the_crash() -> None:
    alone = ranked(crash(), guilty(), blame=("guilty",))
    assert (alone.suspects[0].commit.sha, alone.no_code_cause) == (sha("guilty"), False)
    assert ranked(crash(), *innocents(1)).no_code_cause, "the only commit was blamed for being the only one"


@pytest.mark.parametrize("hours", [24 * 365 * 30, -24 * 365 * 30])
def test_a_clock_that_is_decades_off_breaks_nothing(hours: float) -> None:
    odd = commit("odd", files=(changed("a.py", "+x = 1"),), hours=hours)
    undated = guilty().model_copy(update={"committed_at": None, "sha": sha("undated")})
    ranking = ranked(crash(), odd, undated, *innocents(4), blame=("undated",))
    assert ranking.suspects[0].commit.sha == sha("undated")
