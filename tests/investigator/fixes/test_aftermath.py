"""What becomes of a fix pull request is told once, down to the day of silence that shows that it helped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from investigator import keys
from investigator.fixes.aftermath import fell_silent, is_over
from investigator.fixes.following import follow, incidents_followed
from investigator.models.fix import FixPull
from sandbox.github import Deployment, PullRequest
from sandbox.github.proposals import commit_on_branch
from tests.fixtures.fixing import Fixing

NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
async def opened(fixing: Fixing) -> Fixing:
    await fixing.confirm(await fixing.request())
    return fixing


async def look(fixing: Fixing, at: datetime = NOW) -> None:
    async for key in fixing.program.store.scan_iter("cache:github:*"):
        await fixing.program.store.delete(key)
    await follow(fixing.program, fixing.incident.id, at)


async def pull(fixing: Fixing) -> FixPull:
    return (await fixing.program.incidents.get(fixing.incident.id)).fixes[0]


def change(fixing: Fixing, **changes: Any) -> None:
    fixing.repository.history.update(fixing.pulls[0].number, **changes)


async def merge(fixing: Fixing) -> str:
    """As by a person, with the branch's commit as the merge."""
    (branch,) = await fixing.branches()
    merged = await commit_on_branch(fixing.repository, branch, None, "Merged", {"merged.txt": b"x\n"})
    change(fixing, state="merged", merged_at=NOW, merge_commit=merged.sha)
    return merged.sha


async def test_checks_and_approval_are_told_once(opened: Fixing) -> None:
    (branch,) = await opened.branches()
    tip = await opened.repository.lookup.commit_id(branch)
    assert tip
    opened.repository.history.checks[tip] = "PENDING"
    await look(opened)
    assert "checks" not in opened.said()
    opened.repository.history.checks[tip] = "SUCCESS"
    change(opened, approved_by=("ada",))
    await look(opened)
    await look(opened)
    assert opened.said().count("its checks passed") == 2, "text and block of one message"
    assert "ada approved it" in opened.said()
    assert "checks passed, approved by ada" in opened.parent()


async def test_a_pull_request_that_was_closed_is_told_and_counted(opened: Fixing) -> None:
    change(opened, state="closed")
    await look(opened)
    assert "closed without being merged" in opened.said()
    assert await outcomes(opened) == ["fix_opened", "fix_closed"]


async def test_from_merge_to_deploy_to_a_day_of_silence(opened: Fixing) -> None:
    sha = await merge(opened)
    await look(opened)
    assert (await pull(opened)).state == "merged"
    deployed = NOW + timedelta(hours=1)
    opened.repository.history.deployments.append(Deployment(900, sha, "production", deployed))
    await look(opened, deployed + timedelta(minutes=5))
    assert "it is deployed since" in opened.said()
    await look(opened, deployed + timedelta(hours=23))
    assert "quiet since" not in opened.said()
    await look(opened, deployed + timedelta(hours=25))
    assert "Fixed by" in opened.said()
    assert "quiet since 2026-03-20 10:00 UTC" in opened.parent()
    assert await outcomes(opened) == ["fix_opened", "fix_merged", "fix_quiet"]
    assert await incidents_followed(opened.program.store) == [], "nothing more is expected of it"


async def test_a_merged_fix_that_is_reverted_is_told(opened: Fixing) -> None:
    number = opened.pulls[0].number
    await merge(opened)
    await look(opened)
    undo = PullRequest(number + 1, "Revert it", body=f"Reverts acme/checkout#{number}", state="merged")
    opened.repository.history.put(undo)
    await look(opened)
    assert "it was reverted again" in opened.said()
    assert (await outcomes(opened))[-1] == "fix_reverted"


async def test_while_github_is_away_nothing_is_told_and_nothing_forgotten(opened: Fixing) -> None:
    change(opened, state="closed")
    opened.github.faults.add("/", status=503)
    await look(opened)
    assert (await pull(opened)).state == "open"
    assert await incidents_followed(opened.program.store) == [opened.incident.id]


async def test_an_incident_that_was_erased_is_followed_no_more(opened: Fixing) -> None:
    await opened.program.store.delete(keys.incident(opened.incident.id))
    await look(opened)
    assert await incidents_followed(opened.program.store) == []


def test_an_error_after_the_deploy_starts_the_day_again() -> None:
    deployed = FixPull(
        slug="revert-1234567",
        kind="revert",
        repository="acme/shop",
        number=7,
        url="https://x.test",
        branch="pilot/1-revert-1234567",
        by="U1",
        opened_at=NOW,
        state="merged",
        deployed_at=NOW,
    )
    later = NOW + timedelta(hours=3)
    assert not fell_silent(deployed, later, NOW + timedelta(hours=25)).quiet
    quiet = fell_silent(deployed, later, later + timedelta(hours=24))
    assert (quiet.quiet, quiet.quiet_since) == (True, later)
    assert not is_over(deployed, later)
    assert is_over(deployed, NOW + timedelta(days=31)), "it is followed for ever"


async def outcomes(fixing: Fixing) -> list[str]:
    entries: Any = await fixing.program.store.xrange(keys.QUALITY_EVENTS)
    return [fields[b"kind"].decode() for _, fields in entries]
