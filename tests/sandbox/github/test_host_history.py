"""What the host knows beside git: loaded from a file, or read out of merge commits."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.github.history import HostHistory
from sandbox.github.merges import from_message, pull_requests
from sandbox.github.values import Commit, Signature

ADA = Signature("Ada", "ada@acme.test", datetime(2026, 1, 1, tzinfo=UTC))


def commit(sha: str, message: str, *parents: str) -> Commit:
    return Commit(sha, "tree", parents, ADA, ADA, message)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Merge pull request #12 from ada/b/c\n\nFix it\n\nBecause.", (12, "Fix it", "Because.", "b/c")),
        ("Merge pull request #3 from ada/x", (3, "Merge pull request #3 from ada/x", "", "x")),
        ("Fix it (#8)\n\nLong story.", (8, "Fix it", "Long story.", "")),
        ('Revert "Fix it (#8)" (#9)', (9, 'Revert "Fix it (#8)"', "", "")),
        ("Fix #8", None),
        ("Fix (#8) again", None),
        ("Merge branch 'main' into x", None),
        ("(#8)", None),
    ],
)
def test_messages_tell_of_pull_requests(message: str, expected: tuple[int, str, str, str] | None) -> None:
    pull = from_message(commit("a", message))

    assert (pull and (pull.number, pull.title, pull.body, pull.head_ref)) == expected


def test_a_merge_brings_the_commits_of_its_side_only() -> None:
    merge1, merge2 = "Merge pull request #1 from a/one", "Merge pull request #2 from a/two"
    listing = [
        commit("m2", merge2, "m1", "t2"),
        commit("t2", "two", "t1"),
        commit("m1", merge1, "base", "o1"),
        commit("o1", "one", "base"),
        commit("t1", "two starts", "base"),
        commit("base", "base", "unlisted"),
    ]

    pulls = {pull.number: pull.commits for pull in pull_requests(listing)}

    assert pulls == {1: ("o1",), 2: ("t1", "t2")}


def test_a_branch_updated_from_main_does_not_claim_main() -> None:
    listing = [
        commit("m", "Merge pull request #5 from a/five", "main2", "f2"),
        commit("f2", "Merge branch 'main' into five", "f1", "main1"),
        commit("main2", "later", "main1"),
        commit("main1", "main goes on", "base"),
        commit("f1", "five", "base"),
        commit("base", "base"),
    ]

    assert [pull.commits for pull in pull_requests(listing)] == [("f1", "f2")]


def test_a_longer_listing_completes_what_is_known() -> None:
    history = HostHistory(derived=True)
    merge = commit("m", "Merge pull request #5 from a/five", "base", "f2")
    history.learn([merge, commit("f2", "two", "f1")])
    history.learn([merge, commit("f2", "two", "f1"), commit("f1", "one", "base")])
    history.learn([merge])

    assert history.pull_requests[5].commits == ("f1", "f2")
    assert [pull.number for pull in history.of_commit("f1")] == [5]


def test_a_loaded_history_learns_nothing_from_messages(tmp_path: Path) -> None:
    at = "2026-01-01T01:00:00"
    pull = {
        "number": 4,
        "title": "T",
        "body": None,
        "author": "ada",
        "state": "merged",
        "merged_at": f"{at}Z",
    }
    document = {
        "pull_requests": [{**pull, "merge_commit": "m", "head_ref": "t", "base_ref": "main"}],
        "deployments": [{"id": 1, "sha": "m", "environment": "prod", "created_at": at, "state": "SUCCESS"}],
        "releases": [{"tag": "v1", "name": "One", "created_at": f"{at}+02:00", "author": "ada"}],
        "logins": {"ada@acme.test": "ada"},
    }
    file = tmp_path / "history.json"
    file.write_text(json.dumps(document))

    history = HostHistory.load(file)
    history.learn([commit("a", "Other (#9)")])

    assert list(history.pull_requests) == [4]
    assert history.of_commit("m")[0].author == "ada"
    assert history.deployments[0].created_at == datetime(2026, 1, 1, 1, tzinfo=UTC)
    assert history.deployments[0].state == "success"
    assert history.releases[0].tag == "v1"


@pytest.mark.parametrize(
    ("email", "login"),
    [
        ("ada@acme.test", "ada"),
        ("ADA@acme.test", "ada"),
        ("49699333+dependabot[bot]@users.noreply.github.com", "dependabot[bot]"),
        ("bob@users.noreply.github.com", "bob"),
        ("eve@else.test", None),
    ],
)
def test_logins_are_found_by_address(email: str, login: str | None) -> None:
    assert HostHistory(logins={"ada@acme.test": "ada"}).login(email) == login
