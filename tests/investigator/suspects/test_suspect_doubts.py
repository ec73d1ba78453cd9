"""Crashes that no commit of the range caused: what speaks for that, and is told."""

from __future__ import annotations

from datetime import timedelta

from investigator.models.evidence import BlameRange, CodeEvidence, Commit, Ranking
from investigator.suspects import rank
from tests.fixtures.suspects import CART, FIRST_SEEN, blamed, changed, commit, crash, evidence, innocents, sha

EVENT = crash("TypeError", "unsupported operand", (CART, "checkout", 90), (CART, "apply_discount", 42))


def older(name: str, days: float, start: int, end: int) -> BlameRange:
    """Lines of the cart that a commit before the range changed, `days` before the first event."""
    return blamed(name, CART, start, end).model_copy(
        update={"committed_at": FIRST_SEEN - timedelta(days=days)}
    )


def passer_by() -> Commit:
    """Touches the caller of the crashing function, and is innocent."""
    lines = ("-    log = 1", "+    log = options")
    return commit("passing", "Log more", files=(changed(CART, *lines, header="def checkout(cart):", at=88),))


def ranked(*blame: BlameRange, commits: tuple[Commit, ...] = ()) -> Ranking:
    code: CodeEvidence = evidence(EVENT, *(commits or (passer_by(), *innocents(8))), blame=blame)
    return rank(EVENT, code, first_seen=FIRST_SEEN)


def test_a_crashing_line_changed_just_before_the_range_speaks_for_its_commit_and_not_for_a_passer_by() -> (
    None
):
    old = (older("old", 900, 1, 41), older("old", 900, 43, 200))
    long_ago, just_before = ranked(*old, older("old", 900, 42, 42)), ranked(*old, older("before", 2, 42, 42))
    assert not long_ago.no_code_cause, "the only commit that touches the trace was let go"
    assert just_before.no_code_cause, "a passer-by was blamed for a line changed just before the range"
    assert f"last changed by {sha('before')[:7]}" in just_before.doubts[0], "its commit is not named"


def test_a_repository_written_in_one_go_just_before_the_range_acquits_nobody() -> None:
    everything = (older("import", 2, 1, 41), older("import", 2, 42, 42), older("import", 2, 43, 200))
    assert not ranked(*everything).no_code_cause, "the import of the whole repository was taken for a change"


def test_a_line_changed_within_the_range_is_blamed_whatever_was_changed_beside_it_before() -> None:
    guilty = commit("guilty", files=(changed(CART, "+    return price * rate", at=42),), hours=3)
    blame = (older("old", 900, 1, 40), older("before", 2, 41, 41), blamed("guilty"))
    ranking = ranked(*blame, commits=(guilty, *innocents(8)))
    assert not ranking.no_code_cause
    assert ranking.suspects[0].commit.sha == guilty.sha


def test_a_trace_that_was_not_touched_for_long_is_told_with_its_age() -> None:
    ranking = ranked(older("old", 900, 1, 200), commits=tuple(innocents(8)))
    assert ranking.no_code_cause
    assert "the lines of the trace were last changed 2 years before" in "; ".join(ranking.doubts)


def test_an_error_older_than_all_commits_is_told_to_be() -> None:
    ranking = ranked(commits=tuple(commit(f"late{n}", hours=-30 - n) for n in range(4)))
    assert ranking.no_code_cause
    assert "it was first seen before any of these commits was made or deployed" in ranking.doubts


def test_nothing_is_said_against_commits_where_there_are_none() -> None:
    assert rank(EVENT, evidence(EVENT), first_seen=FIRST_SEEN).doubts == ()


def test_a_change_far_above_the_crash_is_held_for_a_tenth_as_likely_as_one_right_above_it() -> None:
    def odds(between: int) -> float:
        calls = [(f"shop/m{n}.py", f"step{n}", 10) for n in range(between)]
        event = crash("KeyError", "'x'", ("shop/app.py", "dispatch", 40), *calls, (CART, "discount", 42))
        lines = ("-    answer = handler(request)", "+    answer = handler(request, services)")
        files = (changed("shop/app.py", *lines, header="def dispatch():", at=40),)
        code = evidence(
            event,
            commit("passing", "Count", files=files),
            *innocents(6),
            blame=(blamed("passing", "shop/app.py", 40),),
        )
        ranking = rank(event, code, first_seen=FIRST_SEEN)
        return ranking.suspects[0].score / ranking.unexplained

    assert odds(4) < odds(0) / 10, "a change five calls above the crash was blamed nearly as if it were there"
