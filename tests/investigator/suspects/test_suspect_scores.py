from __future__ import annotations

import time
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.models.evidence import BlameRange, CodeEvidence, Commit, FileChange
from investigator.suspects import rank
from tests.fixtures.suspects import CART, FIRST_SEEN, blamed, changed, commit, crash, evidence

_LINES = st.lists(
    st.sampled_from(
        ["-total_cents = 1", "+total_cents = 2", " def apply_discount(cart):", "+raise Failure()", "@@", "?"]
    ),
    max_size=6,
)
_FILES = st.lists(
    st.builds(
        lambda path, lines, at: changed(path, *lines, at=at),
        st.sampled_from([CART, "shop/other.py", "docs/cart.md", "requirements.txt", "db/migrations/1.sql"]),
        _LINES,
        st.integers(1, 90),
    ),
    max_size=4,
).map(tuple)
_MESSAGES = st.sampled_from(
    ["Change", 'Revert "Change"', f"This reverts commit {'61' * 20}", "Merge branch 'x'", ""]
)
_COMMITS = st.lists(
    st.tuples(st.integers(0, 15), _MESSAGES, st.one_of(st.none(), _FILES), st.floats(-50, 5_000)), max_size=16
)


@settings(max_examples=60, deadline=None)
@given(_COMMITS, st.integers(0, 15), st.sampled_from(["total_cents", "timed out", "", "'x' \x00 {}%s"]))
def test_scores_are_probabilities_in_order(
    drawn: list[tuple[int, str, tuple[FileChange, ...] | None, float]], culprit: int, value: str
) -> None:
    unique = {name: (message, files, hours) for name, message, files, hours in drawn}
    commits = [
        commit(f"c{name}", message, files=files, hours=hours)
        for name, (message, files, hours) in unique.items()
    ]
    event = crash("KeyError", value)
    ranking = rank(event, evidence(event, *commits, blame=(blamed(f"c{culprit}"),)), first_seen=FIRST_SEEN)
    scores = [one.score for one in ranking.suspects]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert abs(sum(scores) + ranking.unexplained - 1) < 0.001, "scores and the unexplained are not one whole"
    assert ranking.no_code_cause == (ranking.unexplained > sum(scores))
    assert [one.rank for one in ranking.suspects] == list(range(1, len(scores) + 1))
    assert all(one.reasons for one in ranking.suspects), "a suspect without a reason"


def test_the_number_of_suspects_is_limited() -> None:
    event = crash()
    commits = [commit(f"c{n}", files=(changed(CART, "+    x", at=40 + n),)) for n in range(9)]
    assert len(rank(event, evidence(event, *commits), first_seen=None, limit=3).suspects) == 3


def test_two_hundred_commits_are_ranked_in_a_moment() -> None:
    frames = [(f"shop/m{n}.py", f"handle_{n}", 40) for n in range(5)]
    event = crash("AttributeError", "'Cart' object has no attribute 'total_cents'", *frames)
    code = _large(event.frames[0].filename or "").model_copy(update={"frames": evidence(event).frames})
    started = time.process_time()
    rank(event, code, first_seen=FIRST_SEEN)
    # A generous bound: about 40 ms are needed, and a quadratic slip would take seconds.
    assert time.process_time() - started < 1.0


def _large(path: str) -> CodeEvidence:
    def patch(number: int, file: int) -> FileChange:
        lines = [f"{'+-  '[n % 4]}    value_{number}_{n} = compute_{file}(cart, {n})" for n in range(40)]
        return changed(f"shop/m{file}.py", *lines, at=number % 50 + 1)

    commits = tuple(
        Commit(
            sha=f"{number:040x}",
            message=f"Change number {number}",
            committed_at=FIRST_SEEN - timedelta(hours=number),
            files=tuple(patch(number, file) for file in range(3)) if number < 60 else None,
        )
        for number in range(200)
    )
    ranges = tuple(
        BlameRange(path=path, start=line, end=line, sha=f"{line % 200:040x}") for line in range(1, 1_000)
    )
    return CodeEvidence(commits=commits, total_commits=200, blame=ranges)
