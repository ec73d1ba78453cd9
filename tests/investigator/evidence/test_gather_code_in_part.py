"""When one kind of question stays unanswered, what the others brought stands, and the gap says what to do."""

from __future__ import annotations

from typing import Any

import pytest

from investigator.models.evidence import CodeEvidence
from tests.fixtures.code_history import FILES, event, frame, gather, words
from tests.fixtures.github_repository import Served

LAST = 8  # of the history in conftest.py
CRASH = event(frame("srv/elsewhere.py", line=2), frame(FILES[3], line=3), frame(FILES[1], line=6))
BROKEN: dict[str, dict[str, Any]] = {
    "5xx": {"status": 502},
    "HTML": {"status": 200, "body": b"<html>Sign in</html>", "content_type": "text/html"},
    "cut short": {"status": 200, "body": b'{"data": {"reposi'},
    "forbidden": {"status": 403, "body": b'{"message": "Resource not accessible by integration"}'},
}


def has(evidence: CodeEvidence) -> set[str]:
    """What the evidence holds something of."""
    parts = {
        "deploys": evidence.deploys,
        "owner": evidence.ownership,
        "commits": evidence.commits,
        "code": [frame for frame in evidence.frames if frame.lines],
        "blame": evidence.blame,
        "patches": [change for commit in evidence.commits for change in commit.files or () if change.patch],
    }
    return {name for name, found in parts.items() if found}


LISTED = {"deploys", "owner", "commits"}
EVERYTHING = {"deploys", "owner", "commits", "code", "blame", "patches"}


@pytest.mark.parametrize(
    ("fault", "path", "containing", "gap", "left"),
    [
        ("5xx", "/graphql", b"query HeadFacts", "deployments, releases and commits", set[str]()),
        ("HTML", "/repos/acme/shop/compare", b"", "the commits between", EVERYTHING),
        ("forbidden", "/repos/acme/shop/git/trees", b"", "the list of files", EVERYTHING),
        ("cut short", "/graphql", b"query RangeFacts", "pull requests, code and blame", LISTED),
        ("forbidden", "/graphql", b"query RangeFacts", "pull requests, code and blame", LISTED),
        ("5xx", "/graphql", b"query RangeFacts", "pull requests, code and blame", LISTED),
        ("5xx", "/graphql", b"query Texts", "patches of single commits", EVERYTHING),
    ],
)
async def test_one_question_that_fails_costs_only_its_answer(
    host: Served, fault: str, path: str, containing: bytes, gap: str, left: set[str]
) -> None:
    host.sandbox.faults.add(path, containing=containing, **BROKEN[fault])
    evidence = await gather(host, CRASH)
    assert has(evidence) >= left, words(evidence)
    assert gap in words(evidence)
    assert all(gap.remedy for gap in evidence.gaps)


async def test_a_question_that_was_too_much_is_asked_again_for_less(host: Served) -> None:
    whole = await gather(host, CRASH)
    host.sandbox.faults.add("/graphql", status=502, containing=b"query RangeFacts", times=2)
    evidence = await gather(host, CRASH)
    assert has(evidence) == EVERYTHING
    assert "pull requests, code and blame" not in words(evidence), "it came, although in a smaller piece"
    assert {frame.path for frame in evidence.frames} == {frame.path for frame in whole.frames}


async def test_a_limit_met_on_the_way_ends_the_questions_and_not_the_report(host: Served) -> None:
    limit = b'{"message": "You have exceeded a secondary rate limit."}'
    host.sandbox.faults.add("/repos/acme/shop/compare", status=403, body=limit)
    evidence = await gather(host, CRASH)
    assert has(evidence) == {"deploys", "owner"}
    assert evidence.head_sha == host.shas[LAST]
    assert "free again in" in words(evidence)
    asked = [path for _, path in host.sandbox.requests]
    assert asked.count("/graphql") == 1, "who hammers at a limit gets banned: nothing may be asked after it"


async def test_a_list_of_files_that_github_cut_is_said(host: Served) -> None:
    host.sandbox.faults.add("/repos/acme/shop/git/trees", status=200, body=b'{"tree": [], "truncated": true}')
    evidence = await gather(host, CRASH)
    assert "more files than GitHub lists" in words(evidence)
