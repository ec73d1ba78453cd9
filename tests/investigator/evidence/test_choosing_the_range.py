"""The range under suspicion lies between what ran before the fault and what ran when it came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from investigator.evidence.deploys import (
    WINDOW_COMMITS,
    choose_head,
    choose_previous,
    moment_of,
    release_revisions,
    window_start,
)
from investigator.github.answers import HeadFacts, HistoryEntry, Revision
from investigator.models.evidence import Deploy

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
A, B, C = "a" * 40, "b" * 40, "c" * 40


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def deployed(sha: str, hours: float, state: str | None = "success") -> Deploy:
    return Deploy(source="github_deployment", name="production", sha=sha, at=at(hours), state=state)


def released(sha: str, hours: float, tag: str) -> Deploy:
    return Deploy(source="github_release", name=tag, sha=sha, at=at(hours), state="success")


def facts(**changed: object) -> HeadFacts:
    branch = Revision(sha=C, committed_at=at(-1), history=history(C, 3))
    known = HeadFacts(repository="acme/shop", web_url="https://x.test", branch="main", branch_head=branch)
    return known.model_copy(update=changed)


def history(head: str, length: int) -> tuple[HistoryEntry, ...]:
    shas = [head, *(f"{n:040x}" for n in range(1, length))]
    parents = [*shas[1:], None]
    return tuple(
        HistoryEntry(sha=sha, committed_at=at(-n), first_parent=parent)
        for n, (sha, parent) in enumerate(zip(shas, parents, strict=True))
    )


def test_the_deployment_at_that_time_is_the_head_and_the_one_before_it_the_base() -> None:
    deploys = (deployed(A, -5), deployed(B, -2), deployed(C, +1))
    head = choose_head(facts(), deploys, asked=None, release=None, moment=NOON)
    assert head is not None
    assert head.sha == B, "what was deployed after the fault cannot have caused it"
    previous = choose_previous(facts(), deploys, head)
    assert previous is not None
    assert previous.sha == A
    assert "2026-03-02 07:00" in previous.how, "the reason must name the deployment"


def test_failed_repeated_and_lost_deployments_do_not_count() -> None:
    lost = "d" * 40
    deploys = (
        deployed(A, -9),
        deployed(lost, -8),
        deployed(B, -5),
        deployed(B, -4),
        deployed(C, -1, "failure"),
    )
    known = facts(lost=frozenset({lost}))
    head = choose_head(known, deploys, asked=None, release=None, moment=NOON)
    assert head is not None
    assert head.sha == B, "a failed deployment was taken for what ran"
    previous = choose_previous(known, deploys, head)
    assert previous is not None
    assert previous.sha == A, "the same commit deployed twice, or one that is gone, cannot be the base"


def test_the_release_of_the_event_goes_before_the_deployments() -> None:
    release = Revision(sha=A, committed_at=at(-6))
    head = choose_head(facts(), (deployed(B, -2),), asked=None, release=release, moment=NOON)
    assert head is not None
    assert head.sha == A
    asked = Revision(sha=C, committed_at=at(-6))
    head = choose_head(facts(), (deployed(B, -2),), asked=asked, release=release, moment=NOON)
    assert head is not None
    assert head.sha == C, "a head that was asked for goes before everything"


def test_a_release_is_compared_with_the_release_before_it() -> None:
    releases = (released(B, -3, "v2"), released(A, -30, "v1"))
    head = choose_head(
        facts(), releases, asked=None, release=Revision(sha=B, committed_at=at(-4)), moment=NOON
    )
    assert head is not None
    previous = choose_previous(facts(), releases, head)
    assert previous is not None
    assert previous.sha == A
    assert "v1" in previous.how


def test_an_old_release_is_no_base_for_code_that_was_not_released() -> None:
    releases = (released(A, -3000, "v1"),)
    head = choose_head(facts(), releases, asked=None, release=None, moment=NOON)
    assert head is not None
    assert head.sha == C, "without deployments the branch at that time is what ran"
    assert "main" in head.how
    assert choose_previous(facts(), releases, head) is None


def test_an_empty_repository_has_no_head() -> None:
    empty = facts(branch=None, branch_head=None)
    assert choose_head(empty, (), asked=None, release=None, moment=NOON) is None


def test_the_window_counts_commits_and_ends_at_the_first_one() -> None:
    long = Revision(sha=C, history=history(C, 100))
    start = window_start(C, long)
    assert start is not None
    assert start.sha == long.history[WINDOW_COMMITS].sha
    short = window_start(C, Revision(sha=C, history=history(C, 3)))
    assert short is not None
    assert short.sha == f"{2:040x}", "a short history is looked at whole"
    assert window_start(C, Revision(sha=C, history=history(C, 1))) is None
    assert window_start(A, long, None) is None, "a head outside the known history has no window yet"
    assert window_start(C, Revision(sha=C, history=history(C, 3)), whole=True) == short


def test_a_window_that_the_histories_do_not_hold_is_told_from_a_short_history() -> None:
    served = Revision(sha=C, history=history(C, 200)[:100])
    late = served.history[WINDOW_COMMITS + 10].sha
    oldest = window_start(late, served)
    assert oldest is not None
    assert oldest.sha == f"{100:040x}", "the parent of the last commit served"
    assert window_start(late, served, whole=True) is None


def test_an_ancient_first_occurrence_is_not_the_moment() -> None:
    assert moment_of(at(-2), NOON) == at(-2)
    assert moment_of(at(-24 * 30), NOON) == NOON
    assert moment_of(at(+1), NOON) == NOON, "clocks differ: nothing is first seen after it happened"
    assert moment_of(None, NOON) == NOON


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        (A, A),
        ("abc1234", "abc1234"),
        (f"shop@{A}", A),
        ("shop@1.2.0", "refs/tags/v1.2.0"),
        ("shop@1.2.0+77", "refs/tags/1.2.0"),
        ("v3", "refs/tags/v3"),
        ("shop-web-abc1234", "abc1234"),
    ],
)
def test_a_release_name_may_stand_for_a_commit_or_a_tag(release: str, expected: str) -> None:
    assert expected in release_revisions(release)


def test_a_strange_release_asks_for_nothing() -> None:
    assert release_revisions(None) == ()
    assert release_revisions("") == ()
    assert release_revisions("my release\n") == ()
