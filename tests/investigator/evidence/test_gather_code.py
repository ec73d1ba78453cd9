"""The typical case: one investigation's code evidence is complete, right, and costs four requests."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from investigator.models.evidence import CodeEvidence
from sandbox.github import PullRequest
from tests.fixtures.code_history import FILES, event, frame, gather, history, words
from tests.fixtures.github_repository import START, deployment, served, write_repository

LAST = 20
CRASH = event(*(frame(path) for path in FILES))


@dataclass(frozen=True)
class Gathered:
    evidence: CodeEvidence
    shas: list[str]
    url: str
    asked: list[tuple[str, str]]
    points: int


async def gather_once(path: Path) -> Gathered:
    shas = write_repository(path, history(LAST))
    pulls = [
        PullRequest(100 + n, f"Change {n}", author="ada", merge_commit=shas[n], commits=(shas[n],))
        for n in (18, 19, 20)
    ]
    deploys = [
        deployment(1, shas[0], START + timedelta(minutes=30)),
        deployment(2, shas[LAST], START + timedelta(hours=LAST + 1)),
    ]
    async with served(path, deployments=deploys, pull_requests=pulls) as host:
        evidence = await gather(host, CRASH)
        points = host.sandbox.host.graphql_budget.used
        return Gathered(evidence, shas, host.url, host.sandbox.requests, points)


@pytest.fixture(scope="module")
def typical(tmp_path_factory: pytest.TempPathFactory) -> Gathered:
    """Twenty commits between two deployments, five frames, three pull requests: gathered once."""
    return asyncio.run(gather_once(tmp_path_factory.mktemp("typical") / "shop"))


def test_the_typical_case_costs_four_requests(typical: Gathered) -> None:
    assert typical.evidence.requests == len(typical.asked), "every request must be counted"
    assert typical.evidence.requests == 4, f"too dear: {typical.asked}"


def test_the_typical_case_costs_few_points(typical: Gathered) -> None:
    assert typical.points <= 3, "a list inside a list was asked for again: an hour's 5,000 points end early"


def test_the_range_lies_between_the_deployments(typical: Gathered) -> None:
    evidence, shas = typical.evidence, typical.shas
    assert evidence.gaps == (), words(evidence)
    assert (evidence.base_sha, evidence.head_sha) == (shas[0], shas[LAST])
    assert [commit.sha for commit in evidence.commits] == shas[:0:-1], "newest first, base left out"
    assert evidence.total_commits == LAST
    assert "deployed to production" in evidence.range_reason


def test_every_commit_has_its_own_patch(typical: Gathered) -> None:
    commits = typical.evidence.commits
    for number, commit in zip(range(LAST, 0, -1), commits, strict=True):
        paths = {change.path for change in commit.files or ()}
        assert paths == {FILES[number % 5], f"docs/{number}.md"}, f"files of commit {number}"
        patches = {change.path: change.patch or "" for change in commit.files or ()}
        changed = [line for line in patches[FILES[number % 5]].splitlines() if line[0] in "+-"]
        assert changed == [f"-line {number} of the part", f"+changed by {number}"], (
            "patches must not be mixed"
        )
        assert patches[f"docs/{number}.md"].endswith("+note")
    numbers = [commit.pull_request.number for commit in commits if commit.pull_request]
    assert numbers == [120, 119, 118]


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
