"""Whatever is known of deployments and releases, the right commits come under suspicion."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from investigator.models.evidence import Deploy
from investigator.models.sentry import Frame, SentryEvent
from sandbox.github import Release
from tests.fixtures.code_history import FILES, event, frame, gather, words
from tests.fixtures.github_repository import START, Change, Served, deployment, git, served, write_repository

LAST = 8  # of the history in conftest.py
CRASH = event(frame(FILES[1], line=12))


async def test_base_and_head_as_asked_need_no_deployments(clone: tuple[Path, list[str]]) -> None:
    path, shas = clone
    async with served(path) as host:
        evidence = await gather(host, CRASH, base=shas[2], head=shas[6])
    assert [commit.sha for commit in evidence.commits] == shas[6:2:-1]
    assert evidence.range_reason.count("as asked") == 2
    assert dict(evidence.frames[0].lines)[10] == "line 10 of the part", "code is read at the head asked for"
    assert evidence.gaps == (), words(evidence)


async def test_without_any_deployment_a_window_is_looked_at(clone: tuple[Path, list[str]]) -> None:
    path, shas = clone
    async with served(path) as host:
        evidence = await gather(host, CRASH)
    assert evidence.head_sha == shas[LAST], "the branch at the time of the event is what ran"
    assert evidence.base_sha == shas[0]
    assert "window" in evidence.range_reason
    assert len(evidence.commits) == LAST


async def test_commits_after_the_event_are_not_suspected(clone: tuple[Path, list[str]]) -> None:
    path, shas = clone
    async with served(path) as host:
        evidence = await gather(host, None, at=START + timedelta(hours=5, minutes=5))
    assert evidence.head_sha == shas[5]


async def test_the_release_of_the_event_is_the_head(clone: tuple[Path, list[str]]) -> None:
    path, shas = clone
    releases = [Release("v1", "v1", START), Release("v2", "v2", START + timedelta(hours=8))]
    git(path, "tag", "-f", "v1", shas[2])
    git(path, "tag", "-f", "-a", "-m", "Two", "v2", shas[5])
    async with served(path, releases=releases) as host:
        evidence = await gather(host, event(frame(FILES[0]), release="shop@2+build.7"))
        assert (evidence.base_sha, evidence.head_sha) == (shas[2], shas[5]), evidence.range_reason
        evidence = await gather(host, event(frame(FILES[0]), release=f"shop@{shas[7]}"))
        assert evidence.head_sha == shas[7]


async def test_the_tags_a_release_may_be_are_tried_at_no_price(host: Served) -> None:
    evidence = await gather(host, event(frame(FILES[0]), release="shop@2026.3+7"))
    assert evidence.head_sha == host.shas[LAST]
    spent = host.sandbox.host.graphql_budget.used
    assert spent <= 3, "each name tried brought a history along"


async def test_a_release_older_than_the_branch_tells_is_asked_for_its_history(
    clone: tuple[Path, list[str]],
) -> None:
    path, shas = clone
    git(path, "tag", "-f", "v3", shas[3])
    async with served(path) as host:
        crash = event(frame(FILES[0]), release="shop@3")
        evidence = await gather(host, crash, at=START + timedelta(hours=1, minutes=5))
    assert evidence.head_sha == shas[3]
    assert [commit.sha for commit in evidence.commits] == shas[3:0:-1], "no window was laid below the tag"


async def test_what_sentry_knows_of_a_release_counts(host: Served) -> None:
    known = Deploy(source="sentry_release", name="2026.3", sha=host.shas[7], at=START + timedelta(hours=9))
    evidence = await gather(host, event(frame(FILES[0]), release="2026.3"), sentry_deploys=(known,))
    assert evidence.head_sha == host.shas[7]
    assert known in evidence.deploys


async def test_an_unknown_release_and_revision_are_gaps_and_the_rest_stands(host: Served) -> None:
    evidence = await gather(host, event(frame(FILES[0]), release="f" * 40), base="no-such-tag")
    assert evidence.head_sha == host.shas[LAST]
    assert evidence.commits
    assert "release fffffff" in words(evidence)
    assert "revision no-such-tag" in words(evidence)


async def test_a_lost_deployment_gives_way(clone: tuple[Path, list[str]]) -> None:
    path, shas = clone
    deploys = [
        deployment(1, shas[3], START + timedelta(hours=3)),
        deployment(2, "e" * 40, START + timedelta(hours=4)),
        deployment(3, shas[LAST], START + timedelta(hours=LAST + 1)),
    ]
    async with served(path, deployments=deploys) as host:
        evidence = await gather(host, CRASH)
    assert (evidence.base_sha, evidence.head_sha) == (shas[3], shas[LAST])


async def test_a_rollback_is_looked_at_by_its_history(clone: tuple[Path, list[str]]) -> None:
    path, shas = clone
    deploys = [
        deployment(1, shas[LAST], START + timedelta(hours=LAST)),
        deployment(2, shas[4], START + timedelta(hours=LAST + 1)),
    ]
    async with served(path, deployments=deploys) as host:
        evidence = await gather(host, CRASH)
    assert evidence.head_sha == shas[4]
    assert "rollback" in evidence.range_reason
    assert len(evidence.commits) == 4


async def test_frames_without_a_place_say_what_to_do(host: Served) -> None:
    evidence = await gather(host, event(Frame(function="main", line=3), frame("elsewhere/x.py")))
    assert evidence.commits, "commits are evidence without frames too"
    assert {code.path for code in evidence.frames} == {None}
    assert "stack_root" in words(evidence)


async def test_an_event_without_stack_or_no_event_is_no_gap(host: Served) -> None:
    for nothing in (None, SentryEvent()):
        evidence = await gather(host, nothing)
        assert len(evidence.commits) == LAST
        assert (evidence.frames, evidence.gaps) == ((), ()), words(evidence)


async def test_a_base_that_is_no_older_than_the_head_is_said(host: Served) -> None:
    for base in (host.shas[4], host.shas[6]):
        evidence = await gather(host, CRASH, base=base, head=host.shas[4])
        assert evidence.commits == ()
        assert "name a base that is older" in words(evidence), (
            "nobody is told why there is nothing to suspect"
        )


async def test_two_histories_that_never_met_cannot_be_compared(tmp_path: Path) -> None:
    changes = [Change("Old", {"a.py": "x = 1\n"}), Change("New", {"a.py": "x = 2\n"}, parents=())]
    shas = write_repository(tmp_path / "two", changes)
    git(tmp_path / "two", "branch", "old", shas[0])
    async with served(tmp_path / "two") as host:
        evidence = await gather(host, CRASH, base="old", head="main")
    assert [commit.sha for commit in evidence.commits] == [shas[1]], "the head's own history stands"
    assert "name a base that the repository has" in words(evidence)
