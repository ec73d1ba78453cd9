"""A confirmed click opens one pull request with exactly what was confirmed, whatever happens in between."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from investigator import audit, keys
from investigator.errors import OutsideCallFailed
from investigator.fixes import publishing
from investigator.github import pull_requests as hub
from investigator.models.suggestion import Edit, SuggestedFix
from sandbox.github import PullRequest
from sandbox.github.proposals import commit_on_branch
from sandbox.github.writer import Entry
from sandbox.slack.acme import MARCO, SAM
from tests.fixtures.fixing import Fixing


def git(fixing: Fixing, *arguments: str) -> bytes:
    command = ["git", "-C", str(fixing.repository.path), *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout


def applied(fixing: Fixing, diff: str, clone: Path) -> bytes:
    """What git says of main after `git apply` of a diff."""
    subprocess.run(["git", "clone", "--quiet", fixing.repository.path, clone], check=True)
    raw = diff.encode(errors="surrogateescape")
    subprocess.run(["git", "-C", clone, "apply", "-"], input=raw, check=True)
    return subprocess.run(["git", "-C", clone, "diff"], capture_output=True, check=True).stdout


def exit_code(fixing: Fixing, branch: str, clone: Path) -> int:
    """The exit code of the service's own tests on a branch."""
    subprocess.run(["git", "clone", "--quiet", "--branch", branch, fixing.repository.path, clone], check=True)
    command = [sys.executable, "-B", "-S", "-m", "unittest"]
    return subprocess.run(command, cwd=clone, env={}, capture_output=True, timeout=30, check=False).returncode


async def test_branch_commit_and_draft_pull_request_hold_exactly_what_was_confirmed(
    fixing: Fixing, tmp_path: Path
) -> None:
    request = await fixing.request(reviewers=("@acme/checkout", "@priya"))
    await fixing.confirm(request)
    (branch,) = await fixing.branches()
    assert branch == f"pilot/{fixing.incident.id}-{request.slug}"
    (pull,) = fixing.pulls
    assert (pull.draft, pull.head_ref, pull.title, pull.labels) == (True, branch, "Undo it", ("incident",))
    assert "priya" in pull.reviewers
    proposal = await fixing.proposal()
    assert git(fixing, "diff", "main", branch) == applied(fixing, proposal.diff, tmp_path / "clone"), (
        "the branch holds something else than what was confirmed"
    )


async def test_thread_parent_and_audit_show_it(fixing: Fixing) -> None:
    await fixing.confirm(await fixing.request())
    number = fixing.pulls[0].number
    assert f"View PR #{number}" in fixing.parent()
    assert "Open fix PR" not in fixing.parent()
    assert f"Pull request #{number}" in fixing.said()
    (entry,) = await audit.entries(fixing.program.store)
    assert (entry.what, entry.result, entry.incident) == ("open_pull_request", "done", fixing.incident.id)
    assert f"acme/checkout#{number}" in entry.detail
    events: Any = await fixing.program.store.xrange(keys.QUALITY_EVENTS)
    assert events[-1][1][b"kind"] == b"fix_opened"


async def test_two_people_and_a_double_click_open_one(fixing: Fixing) -> None:
    first, second = await fixing.request(), await fixing.request(id="other", by=MARCO.id)
    for request in (first, second, first):
        await fixing.confirm(request)
    assert len(fixing.pulls) == 1, "more than one pull request"
    assert len(await fixing.branches()) == 1


@pytest.mark.processes
@pytest.mark.parametrize("step", ["create_branch", "commit", "open_pull"])
@pytest.mark.parametrize("after", [False, True], ids=["before it", "after it"])
async def test_a_crash_at_any_step_is_healed_by_the_next_try(
    fixing: Fixing, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    request, real = await fixing.request(), getattr(hub, step)

    async def dying(*arguments: object, **options: object) -> object:
        if after:
            await real(*arguments, **options)
        raise asyncio.CancelledError

    monkeypatch.setattr(hub, step, dying)
    with pytest.raises(asyncio.CancelledError):
        await fixing.confirm(request)
    monkeypatch.undo()
    await fixing.confirm(request)
    assert len(fixing.pulls) == 1, "not one pull request"
    commits = git(fixing, "log", "--oneline", f"main..{(await fixing.branches())[0]}")
    assert len(commits.splitlines()) == 1, "not one commit"


async def test_who_may_not_opens_nothing_and_is_audited(fixing: Fixing) -> None:
    await fixing.confirm(await fixing.request(by=SAM.id))
    assert await fixing.branches() == []
    assert "only people in @checkout-oncall" in fixing.said()
    (entry,) = await audit.entries(fixing.program.store)
    assert (entry.who, entry.result) == (SAM.id, "refused")


async def test_what_was_not_confirmed_is_not_written(fixing: Fixing) -> None:
    await fixing.confirm(await fixing.request(digest="0" * 16))
    assert (await fixing.branches(), fixing.pulls) == ([], [])
    assert "changed since you looked" in fixing.said()


async def test_the_base_moved_but_it_still_applies(fixing: Fixing) -> None:
    request = await fixing.request()
    await _commit(fixing, {"unrelated.py": b"x = 1\n"})
    await fixing.confirm(request)
    assert len(fixing.pulls) == 1


async def test_the_base_moved_and_it_no_longer_applies(fixing: Fixing) -> None:
    request = await fixing.request()
    await _commit(fixing, {(await fixing.proposal()).paths[0]: b"all new\n"})
    await fixing.confirm(request)
    assert (await fixing.branches(), fixing.pulls) == ([], [])
    assert "does not apply any more" in fixing.said()


async def test_a_branch_of_somebody_else_is_left_alone(fixing: Fixing) -> None:
    request = await fixing.request()
    head = await fixing.repository.lookup.commit_id("main")
    assert head
    await fixing.repository.writer.create_ref(f"refs/heads/{publishing.branch_of(request)}", head)
    await _commit(fixing, {"theirs.py": b"x = 1\n"}, branch=publishing.branch_of(request))
    await fixing.confirm(request)
    assert fixing.pulls == []
    assert "has commits that are not ours" in fixing.said()


FAILURES = {
    "403": (403, {}, b'{"message": "Resource not accessible by integration"}'),
    "404": (404, {}, b'{"message": "Not Found"}'),
    "409": (409, {}, b'{"message": "Conflict"}'),
    "422": (422, {}, b'{"message": "Validation Failed"}'),
    "500": (500, {}, b""),
    "a rate limit": (403, {"retry-after": "0"}, b'{"message": "API rate limit exceeded"}'),
}


AT = (
    ("403", "CreateRef"),
    ("403", "CreatePullRequest"),
    ("404", "Standing"),
    ("409", "CreateCommitOnBranch"),
    ("422", "CreatePullRequest"),
    ("500", "CreateCommitOnBranch"),
    ("a rate limit", "Standing"),
)


@pytest.mark.processes
@pytest.mark.parametrize(("what", "operation"), AT)
async def test_a_failure_of_github_at_any_step_is_said_and_healed_by_a_second_click(
    fixing: Fixing, what: str, operation: str
) -> None:
    status, headers, body = FAILURES[what]
    request = await fixing.request()
    fixing.github.faults.add(
        "/graphql", status=status, headers=headers, body=body, containing=operation.encode()
    )
    await fixing.confirm(request)
    assert "was not opened" in fixing.said(), "nobody is told"
    assert [entry.result for entry in await audit.entries(fixing.program.store)] == ["failed"]
    fixing.github.faults.clear()
    await fixing.confirm(await fixing.request(id="second"))
    assert len(fixing.pulls) == 1, "the second click did not heal it"


@pytest.mark.processes
@pytest.mark.parametrize("operation", ["CreateRef", "CreateCommitOnBranch", "CreatePullRequest"])
async def test_a_5xx_after_success_does_nothing_twice(fixing: Fixing, operation: str) -> None:
    request = await fixing.request()
    fixing.github.faults.add("/graphql", status=502, containing=operation.encode(), after=True, times=1)
    with pytest.raises(OutsideCallFailed):
        await fixing.confirm(request, last_try=False)
    assert "has to wait" in fixing.said()
    await fixing.confirm(request)
    assert (len(fixing.pulls), len(await fixing.branches())) == (1, 1)


async def test_labels_and_reviewers_that_are_refused_are_named(fixing: Fixing) -> None:
    fixing.github.faults.add("/repos/acme/checkout/issues", status=403)
    await fixing.confirm(await fixing.request())
    assert "labels: GitHub: forbidden" in fixing.said()
    assert len(fixing.pulls) == 1


async def _commit(fixing: Fixing, files: dict[str, bytes], branch: str = "main") -> None:
    await commit_on_branch(fixing.repository, branch, None, "Something else", files)
    async for key in fixing.program.store.scan_iter("cache:github:*"):
        await fixing.program.store.delete(key)


async def test_an_executable_keeps_its_mode(fixing: Fixing) -> None:
    culprit = fixing.incident.runs[0].suspect or ""
    path = git(fixing, "show", "--name-only", "--format=", culprit).decode().split()[0]
    content = git(fixing, "show", f"main:{path}")
    entry = Entry(path, await fixing.repository.writer.blob(content), "100755")
    tip = await fixing.repository.reader.commit(git(fixing, "rev-parse", "main").decode().strip())
    tree = await fixing.repository.writer.tree(tip.tree, [entry])
    made = await fixing.repository.writer.commit(tree, [tip.sha], "Make it executable")
    await fixing.repository.writer.move_ref("refs/heads/main", made, tip.sha)
    await fixing.confirm(await fixing.request())
    (branch,) = await fixing.branches()
    assert git(fixing, "ls-tree", branch, path).startswith(b"100755"), "the executable bit is lost"
    assert len(fixing.pulls) == 1


async def test_a_pull_request_from_a_fork_is_not_taken_for_ours(fixing: Fixing) -> None:
    request = await fixing.request()
    fork = PullRequest(
        99,
        "Trust me",
        body=publishing.marker_of(request),
        state="open",
        head_ref=publishing.branch_of(request),
        base_ref="main",
        from_fork=True,
    )
    fixing.repository.history.put(fork)
    await fixing.confirm(request)
    assert (await fixing.program.incidents.get(fixing.incident.id)).fixes[0].number != 99


async def test_the_services_failing_test_passes_with_the_revert(fixing: Fixing, tmp_path: Path) -> None:
    await fixing.confirm(await fixing.request())
    assert exit_code(fixing, "main", tmp_path / "before") == 1, (
        "the service's own test does not show the crash"
    )
    assert exit_code(fixing, (await fixing.branches())[0], tmp_path / "after") == 0, "it is not mended"


async def test_the_services_failing_test_passes_with_the_patch(fixing: Fixing, tmp_path: Path) -> None:
    before = "    left = usage.left(coupon)\n    lines = take_units(eligible, left)"
    after = before.replace("= take", "= eligible if left is None else take")
    edit = Edit(path="checkout/pricing/discounts.py", search=before, replace=after)
    fix = SuggestedFix(incident=fixing.incident.id, run=1, status="valid", edits=(edit,), model="some-model")
    await fixing.program.incidents.save_suggestion(fix)
    offered = (await fixing.proposals()).offered
    assert [proposal.kind for proposal in offered] == ["revert", "patch"]
    await fixing.confirm(await fixing.request(slug=offered[1].slug, digest=offered[1].digest))
    assert exit_code(fixing, (await fixing.branches())[0], tmp_path / "after") == 0, "it is not mended"
