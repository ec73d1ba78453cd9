"""Code evidence from a served git repository: the right range, the right lines, few requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from investigator.deadline import Deadline
from investigator.evidence.github import gather_code
from investigator.models.evidence import CodeEvidence, Deploy
from investigator.models.sentry import Frame, SentryEvent, SentryException
from investigator.models.service import Service
from sandbox.github import PullRequest, Release
from tests.fixtures.github_repository import START, Change, Served, deployment, git, served, write_repository

SHOP = Service(name="shop", repository="acme/shop")
FILES = [f"shop/part{number}.py" for number in range(5)]
LAST = 20
EVENT_AT = START + timedelta(hours=LAST + 2)


def history() -> list[Change]:
    """One commit that writes five files, then twenty that change one line of one file and add a note."""
    lines = [f"line {number} of the part\n" for number in range(1, 41)]
    text = {path: list(lines) for path in FILES}
    owners = {"CODEOWNERS": "* @acme/all\n/shop/ @acme/shop\n"}
    changes = [Change("Start", {path: "".join(lines) for path in FILES} | owners)]
    for number in range(1, LAST + 1):
        path = FILES[number % 5]
        text[path][number - 1] = f"changed by {number}\n"
        files = {path: "".join(text[path]), f"docs/{number}.md": "note\n"}
        changes.append(Change(f"Change {number}", files))
    return changes


def event(*frames: Frame, release: str | None = None) -> SentryEvent:
    return SentryEvent(exceptions=(SentryException(type="E", frames=frames),), release=release)


def frame(path: str, line: int = 15, **changed: object) -> Frame:
    whole = {"filename": path, "abs_path": f"/srv/app/{path}", "line": line, "in_app": True, **changed}
    return Frame.model_validate(whole)


CRASH = event(*(frame(path) for path in FILES))


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    path = tmp_path_factory.mktemp("gather") / "shop"
    return path, write_repository(path, history())


@asynccontextmanager
async def typical_host(clone: tuple[Path, list[str]]) -> AsyncIterator[Served]:
    """Commit 0 was deployed, then commit 20; numbers 18 to 20 came by pull requests."""
    path, shas = clone
    pulls = [
        PullRequest(100 + n, f"Change {n}", author="ada", merge_commit=shas[n], commits=(shas[n],))
        for n in (18, 19, 20)
    ]
    deploys = [
        deployment(1, shas[0], START + timedelta(minutes=30)),
        deployment(2, shas[LAST], START + timedelta(hours=LAST + 1)),
    ]
    async with served(path, deployments=deploys, pull_requests=pulls) as running:
        running.shas = shas
        yield running


@pytest.fixture
async def host(clone: tuple[Path, list[str]]) -> AsyncIterator[Served]:
    async with typical_host(clone) as running:
        yield running


async def gather(
    host: Served,
    crash: SentryEvent | None = CRASH,
    *,
    base: str | None = None,
    head: str | None = None,
    at: datetime = EVENT_AT,
    sentry_deploys: tuple[Deploy, ...] = (),
) -> CodeEvidence:
    return await gather_code(
        host.github,
        SHOP,
        crash,
        first_seen=None,
        at=at,
        sentry_deploys=sentry_deploys,
        base=base,
        head=head,
        deadline=Deadline.after(30),
    )


def words(evidence: CodeEvidence) -> str:
    return " | ".join(f"{gap.what}: {gap.why} -> {gap.remedy}" for gap in evidence.gaps)


@dataclass(frozen=True)
class Gathered:
    evidence: CodeEvidence
    shas: list[str]
    url: str
    asked: list[tuple[str, str]]


@pytest.fixture(scope="module")
def typical(clone: tuple[Path, list[str]]) -> Gathered:
    """Twenty commits between two deployments, five frames, three pull requests: gathered once."""

    async def gather_once() -> Gathered:
        async with typical_host(clone) as host:
            return Gathered(await gather(host), host.shas, host.url, host.sandbox.requests)

    return asyncio.run(gather_once())


def test_the_typical_case_costs_six_requests(typical: Gathered) -> None:
    assert typical.evidence.requests == len(typical.asked), "every request must be counted"
    assert typical.evidence.requests <= 6, f"too dear: {typical.asked}"


def test_the_range_lies_between_the_deployments(typical: Gathered) -> None:
    evidence, shas = typical.evidence, typical.shas
    assert evidence.gaps == (), words(evidence)
    assert (evidence.base_sha, evidence.head_sha) == (shas[0], shas[LAST])
    assert [commit.sha for commit in evidence.commits] == shas[:0:-1], "newest first, base left out"
    assert evidence.total_commits == LAST
    assert "deployed to production" in evidence.range_reason


def test_every_commit_is_known_by_its_files(typical: Gathered) -> None:
    commits = typical.evidence.commits
    for number, commit in zip(range(LAST, 0, -1), commits, strict=True):
        paths = {change.path for change in commit.files or ()}
        assert paths == {FILES[number % 5], f"docs/{number}.md"}, f"files of commit {number}"
        notes = [change for change in commit.files or () if change.path.startswith("docs/")]
        assert notes[0].patch is not None, "a file only one commit touched has its patch without a request"
    numbers = [commit.pull_request.number for commit in commits if commit.pull_request]
    assert numbers == [120, 119, 118]


def test_the_most_promising_commits_are_read_whole(typical: Gathered) -> None:
    whole = [
        commit.sha
        for commit in typical.evidence.commits
        if all(change.patch for change in commit.files or ())
    ]
    assert len(whole) == 3
    assert typical.shas[15] in whole, "the commit that made a line of the stack is the most promising"


def test_frames_carry_code_blame_link_and_owner(typical: Gathered) -> None:
    evidence, shas = typical.evidence, typical.shas
    first = evidence.frames[0]
    assert first.path == FILES[4], "the crashing frame comes first"
    assert first.permalink == f"{typical.url}/acme/shop/blob/{shas[LAST]}/{FILES[4]}#L15"
    assert [number for number, _ in first.lines] == list(range(10, 21))
    blamed = [each for each in evidence.blame if each.path == FILES[0] and each.start <= 15 <= each.end]
    assert [each.sha for each in blamed] == [shas[15]], "line 15 of part 0 was last changed by commit 15"
    assert evidence.ownership is not None
    assert evidence.ownership.owners == ("@acme/shop",)
    assert [deploy.sha for deploy in evidence.deploys] == [shas[LAST], shas[0]]


async def test_base_and_head_as_asked_need_no_deployments(clone: tuple[Path, list[str]]) -> None:
    path, shas = clone
    async with served(path) as host:
        evidence = await gather(host, base=shas[5], head=shas[12])
    assert [commit.sha for commit in evidence.commits] == shas[12:5:-1]
    assert evidence.range_reason.count("as asked") == 2
    assert dict(evidence.frames[0].lines)[14] == "line 14 of the part", "code is read at the head asked for"
    assert evidence.gaps == (), words(evidence)


async def test_without_any_deployment_a_window_is_looked_at(clone: tuple[Path, list[str]]) -> None:
    path, shas = clone
    async with served(path) as host:
        evidence = await gather(host)
    assert evidence.head_sha == shas[LAST], "the branch at the time of the event is what ran"
    assert evidence.base_sha == shas[0]
    assert "window" in evidence.range_reason
    assert len(evidence.commits) == LAST


async def test_commits_after_the_event_are_not_suspected(clone: tuple[Path, list[str]]) -> None:
    path, shas = clone
    async with served(path) as host:
        evidence = await gather(host, None, at=START + timedelta(hours=10, minutes=5))
    assert evidence.head_sha == shas[10]


async def test_the_release_of_the_event_is_the_head(clone: tuple[Path, list[str]]) -> None:
    path, shas = clone
    releases = [Release("v1", "v1", START), Release("v2", "v2", START + timedelta(hours=8))]
    git(path, "tag", "-f", "v1", shas[2])
    git(path, "tag", "-f", "-a", "-m", "Two", "v2", shas[7])
    async with served(path, releases=releases) as host:
        evidence = await gather(host, event(frame(FILES[0]), release="shop@2+build.7"))
        assert (evidence.base_sha, evidence.head_sha) == (shas[2], shas[7]), evidence.range_reason
        evidence = await gather(host, event(frame(FILES[0]), release=f"shop@{shas[9]}"))
        assert evidence.head_sha == shas[9]


async def test_what_sentry_knows_of_a_release_counts(host: Served) -> None:
    known = Deploy(source="sentry_release", name="2026.3", sha=host.shas[9], at=START + timedelta(hours=9))
    evidence = await gather(host, event(frame(FILES[0]), release="2026.3"), sentry_deploys=(known,))
    assert evidence.head_sha == host.shas[9]
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
        evidence = await gather(host)
    assert (evidence.base_sha, evidence.head_sha) == (shas[3], shas[LAST])


async def test_a_rollback_is_looked_at_by_its_history(clone: tuple[Path, list[str]]) -> None:
    path, shas = clone
    deploys = [
        deployment(1, shas[LAST], START + timedelta(hours=LAST)),
        deployment(2, shas[10], START + timedelta(hours=LAST + 1)),
    ]
    async with served(path, deployments=deploys) as host:
        evidence = await gather(host)
    assert evidence.head_sha == shas[10]
    assert "rollback" in evidence.range_reason
    assert len(evidence.commits) == 10


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
