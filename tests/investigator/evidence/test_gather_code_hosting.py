"""What only the code host tells: who owns a file, and which pull request brought a commit, however merged."""

from __future__ import annotations

from pathlib import Path

import pytest

from investigator.models.evidence import CodeEvidence
from sandbox.github import PullRequest
from tests.fixtures.code_history import event, frame, gather, words
from tests.fixtures.github_repository import Change, served, write_repository

CODE = "def pay():\n    return 1\n"
CRASH = event(frame("shop/pay.py", line=2))


async def gather_from(path: Path, files: dict[str, str]) -> CodeEvidence:
    changes = [Change("Start", {"shop/pay.py": CODE, **files}), Change("More", {"x.py": "1\n"})]
    shas = write_repository(path, changes)
    async with served(path) as host:
        return await gather(host, CRASH, base=shas[0])


@pytest.mark.parametrize(
    ("files", "place", "owner"),
    [
        ({"docs/CODEOWNERS": "* @docs\n", "CODEOWNERS": "* @root\n"}, "CODEOWNERS", "@root"),
        ({"CODEOWNERS": "* @root\n", ".github/CODEOWNERS": "* @hub\n"}, ".github/CODEOWNERS", "@hub"),
        ({"docs/CODEOWNERS": "* @docs\n"}, "docs/CODEOWNERS", "@docs"),
        ({"CODEOWNERS": "* @root\n", ".github/CODEOWNERS": ""}, None, None),
        ({"CODEOWNERS/pay.txt": "* @folder\n"}, None, None),
        ({}, None, None),
    ],
)
async def test_the_first_file_of_owners_in_githubs_order_is_in_force(
    tmp_path: Path, files: dict[str, str], place: str | None, owner: str | None
) -> None:
    evidence = await gather_from(tmp_path / "shop", files)
    found = evidence.ownership
    assert (found and found.file, found and found.owners[0]) == (place, owner)
    assert evidence.gaps == (), words(evidence)


async def test_a_line_that_github_refuses_is_not_honoured(tmp_path: Path) -> None:
    evidence = await gather_from(tmp_path / "shop", {"CODEOWNERS": "* @acme/all\n/shop/ not-an-owner\n"})
    assert evidence.ownership
    assert evidence.ownership.owners == ("@acme/all",)


async def test_commits_know_their_pull_request_however_it_was_merged(tmp_path: Path) -> None:
    changes = [
        Change("Start", {"shop/pay.py": CODE}),
        Change("Squashed (#7)", {"shop/pay.py": CODE + "# 7\n"}),
        Change("Rebased, first", {"a.py": "1\n"}),
        Change("Rebased, second", {"a.py": "2\n"}),
        Change("On a branch", {"b.py": "1\n"}, parents=(1,)),
        Change("Merge pull request #9", {"b.py": "1\n"}, parents=(3, 4)),
        Change("Pushed", {"c.py": "1\n"}),
    ]
    shas = write_repository(tmp_path / "shop", changes)
    pulls = [
        PullRequest(7, "Seven", author="ada", merge_commit=shas[1], commits=(shas[1],)),
        PullRequest(8, "Eight", author="bob", merge_commit=shas[3], commits=(shas[2], shas[3])),
        PullRequest(9, "Nine", author="eve", merge_commit=shas[5], commits=(shas[4],)),
    ]
    async with served(tmp_path / "shop", pull_requests=pulls) as host:
        evidence = await gather(host, CRASH, base=shas[0])
    brought = {commit.headline: commit.pull_request for commit in evidence.commits}
    numbers = {headline: pull.number if pull else None for headline, pull in brought.items()}
    assert numbers == {
        "Squashed (#7)": 7,
        "Rebased, first": 8,
        "Rebased, second": 8,
        "On a branch": 9,
        "Merge pull request #9": 9,
        "Pushed": None,
    }


async def test_generated_code_that_is_not_in_the_repository_takes_nothing_away(tmp_path: Path) -> None:
    changes = [Change("Start", {"shop/pay.py": CODE}), Change("More", {"shop/pay.py": CODE + "# more\n"})]
    shas = write_repository(tmp_path / "shop", changes)
    crash = event(frame("shop/pay.py", line=2), frame("shop/gen/pay_pb2.py", line=900))
    async with served(tmp_path / "shop") as host:
        evidence = await gather(host, crash, base=shas[0])
    assert [code.path for code in evidence.frames] == ["shop/pay.py"]
    assert evidence.blame
