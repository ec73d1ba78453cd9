"""The generated repository is sound, believable, and the same every time."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from codeowners import CodeOwners

from sandbox.demo_service import DemoFailed, DemoService, build
from sandbox.demo_service.story import load_story, parse_ago
from sandbox.github.history import HostHistory

if TYPE_CHECKING:
    from tests.sandbox.demo_service.conftest import Git

NOW = datetime(2026, 3, 17, 14, 30, tzinfo=UTC)


def test_the_same_moment_gives_the_same_ids(service: DemoService, tmp_path: Path) -> None:
    again = build(tmp_path, now=service.now)
    there = dataclasses.replace(again, repository=service.repository, history=service.history)
    assert there == service
    assert again.history.read_text() == service.history.read_text()


def test_a_moment_needs_a_time_zone(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="time zone"):
        build(tmp_path, now=datetime(2026, 3, 17))  # noqa: DTZ001 - that is the point


def test_nothing_is_written_over(service: DemoService) -> None:
    with pytest.raises(FileExistsError):
        build(service.repository.parent, now=service.now)


def test_a_missing_git_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DemoFailed, match="git is not installed"):
        build(tmp_path / "demo", now=NOW)


def test_git_finds_nothing_wrong(git: Git) -> None:
    assert git("fsck", "--strict", "--no-dangling") == ""
    assert git("symbolic-ref", "HEAD") == "refs/heads/main"


def test_nothing_happens_after_now(service: DemoService, git: Git) -> None:
    newest = max(int(line) for line in git("log", "--all", "--format=%ct").split())
    assert newest <= service.now.timestamp(), "a commit from the future gives the demo away"


def test_five_people_work_with_both_kinds_of_merges(service: DemoService, git: Git) -> None:
    assert len(set(git("log", "--format=%ae").split())) == 5
    subjects = git("log", "--first-parent", "--format=%s").splitlines()
    assert sum(subject.startswith("Merge pull request #") for subject in subjects) == 5
    assert sum(subject.endswith(")") and "(#" in subject for subject in subjects) >= 10
    assert 25 <= len(git("log", "--format=%H", service.head_sha).split()) <= 35


def test_the_culprit_is_followed_by_innocents_in_its_deploy(service: DemoService, git: Git) -> None:
    deployed = git(
        "log", "--first-parent", "--format=%H", f"{service.base_sha}..{service.deployed_sha}"
    ).split()
    assert 4 <= deployed.index(service.culprit_sha) <= 8
    assert service.head_sha not in deployed, "the newest commit is not even deployed"
    merged_at = datetime.fromtimestamp(int(git("log", "-1", "--format=%ct", service.culprit_sha)), UTC)
    assert timedelta(hours=2.5) < service.now - merged_at < timedelta(hours=3.5)
    assert service.now - service.deployed_at == timedelta(minutes=12)


def test_the_host_remembers_only_what_git_has(service: DemoService, git: Git) -> None:
    history = json.loads(service.history.read_text())
    known = set(git("log", "--all", "--format=%H").split())
    named = {sha for pull in history["pull_requests"] for sha in [pull["merge_commit"], *pull["commits"]]}
    named |= {deployment["sha"] for deployment in history["deployments"]}
    assert named <= known, f"not in the repository: {named - known}"
    assert {release["tag"] for release in history["releases"]} == set(git("tag").split())
    assert set(history["logins"]) == set(git("log", "--format=%ae").split())


def test_the_hosts_last_production_deploy_is_the_one_that_broke_it(service: DemoService) -> None:
    history = HostHistory.load(service.history)
    production = [entry for entry in history.deployments if entry.environment == "production"]
    before, last = sorted(production, key=lambda entry: entry.created_at)[-2:]
    assert (before.sha, last.sha) == (service.base_sha, service.deployed_sha)
    assert last.created_at == service.deployed_at
    (pull,) = history.of_commit(service.culprit_sha)
    assert (pull.number, pull.state) == (service.culprit_pull_request, "merged")


def test_pricing_has_owners(service: DemoService, git: Git) -> None:
    owners = CodeOwners(git("show", f"{service.deployed_sha}:.github/CODEOWNERS"))
    assert owners.of("checkout/pricing/units.py") == [("TEAM", "@acme/pricing")]
    assert owners.of("checkout/payments.py") == [("TEAM", "@acme/shop-backend")]


def test_every_change_is_told_once() -> None:
    story = load_story()
    told = [change.patch for landing in story.history for change in landing.changes]
    assert sorted(told) == sorted(told[0].parent.iterdir())


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2d3h", timedelta(days=2, hours=3)), ("1h20m", timedelta(minutes=80)), ("12m", timedelta(minutes=12))],
)
def test_times_are_read(text: str, expected: timedelta) -> None:
    assert parse_ago(text) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "3m2h", "-1d"])
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a time"):
        parse_ago(text)
