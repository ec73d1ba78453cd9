"""Commits on branches, pull requests and reverts: what people click, as both APIs offer it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sandbox.github import pulls
from sandbox.github.git import GitFailed
from sandbox.github.hosted import PullRequest
from sandbox.github.names import BadName
from sandbox.github.repository import Repository
from sandbox.github.values import Commit, Selection
from sandbox.github.writer import VIEWER, Entry, Rejected


def check_writable(repo: Repository) -> None:
    """Raises Rejected (FORBIDDEN), as GitHub words it to an App without the permission."""
    if not repo.writable:
        raise Rejected("Resource not accessible by integration", "FORBIDDEN")


async def commit_on_branch(
    repo: Repository,
    branch: str,
    expected: str | None,
    message: str,
    changes: Mapping[str, bytes | None],
) -> Commit:
    """Commits `changes` (path to new content, None to delete) and moves the branch.

    Raises Rejected when the branch is missing, is no longer at `expected`, or a path cannot be written.
    """
    check_writable(repo)
    tip = await _branch_tip(repo, branch)
    if expected is not None and expected != tip:
        message = f'Expected branch to point to "{expected}" but it did not. Pull and try again.'
        raise Rejected(message, "STALE_DATA")
    parent = await repo.reader.commit(tip)
    try:
        for path, content in changes.items():
            if content is None and await repo.lookup.info(f"{tip}:{path}") is None:
                raise Rejected(
                    f"A path was requested for deletion which does not exist as of commit oid `{tip}`"
                )
        blobs = {
            path: None if content is None else await repo.writer.blob(content)
            for path, content in changes.items()
        }
        tree = await repo.writer.tree(parent.tree, [Entry(path, sha) for path, sha in blobs.items()])
    except (BadName, GitFailed) as error:
        raise Rejected(f"A path cannot be written: {error}") from error
    sha = await repo.writer.commit(tree, [tip], message)
    await repo.writer.move_ref(f"refs/heads/{branch}", sha, tip)
    return await repo.reader.commit(sha)


async def open_pull_request(
    repo: Repository, base: str, head: str, title: str, body: str, *, draft: bool
) -> PullRequest:
    """Raises Rejected when there is nothing to merge or the same request is open already."""
    check_writable(repo)
    head = head.removeprefix(f"{repo.owner}:")
    base_tip, head_tip = await _branch_tip(repo, base), await _branch_tip(repo, head)
    own = await repo.reader.log(Selection(head_tip, exclude=base_tip), limit=250)
    if not own:
        raise Rejected(f"No commits between {base} and {head}")
    for pull in repo.history.pull_requests.values():
        rival = pull.state == "open" and not pull.from_fork
        if rival and pull.head_ref == head and await pulls.base_branch(repo, pull) == base:
            raise Rejected(f"A pull request already exists for {repo.owner}:{head}.")
    pull = PullRequest(
        number=repo.history.next_number(),
        title=title,
        body=body,
        author=VIEWER,
        state="open",
        created_at=datetime.now(UTC),
        head_ref=head,
        base_ref=base,
        commits=tuple(commit.sha for commit in reversed(own)),
        draft=draft,
    )
    repo.history.put(pull)
    return pull


async def revert_pull_request(
    repo: Repository, pull: PullRequest, title: str | None, body: str | None, *, draft: bool
) -> PullRequest:
    """Opens the pull request that undoes a merged one. Raises Rejected: never merged, or conflicts."""
    check_writable(repo)
    ends = await pulls.ends(repo, pull) if pull.state == "merged" else None
    if ends is None:
        raise Rejected("Only merged pull requests can be reverted")
    base = await pulls.base_branch(repo, pull)
    tip, (parent, merged) = await _branch_tip(repo, base), ends
    commits = await repo.reader.commits([tip, parent, merged])
    tree = await repo.writer.undo(merged, parent, tip, {commit.sha: commit.tree for commit in commits})
    title = title or f'Revert "{pull.title}"'
    body = body or f"Reverts {repo.full_name}#{pull.number}"
    branch = f"revert-{pull.number}-{pulls.head_branch(pull).replace('/', '-')}"
    sha = await repo.writer.commit(tree, [tip], f"{title}\n\nThis reverts commit {merged}.\n")
    await repo.writer.create_ref(f"refs/heads/{branch}", sha)
    return await open_pull_request(repo, base, branch, title, body, draft=draft)


def with_labels(repo: Repository, pull: PullRequest, names: Sequence[str]) -> PullRequest:
    check_writable(repo)
    return repo.history.update(pull.number, labels=tuple(dict.fromkeys((*pull.labels, *names))))


def with_reviewers(
    repo: Repository, pull: PullRequest, logins: Sequence[str], teams: Sequence[str]
) -> PullRequest:
    check_writable(repo)
    return repo.history.update(
        pull.number,
        reviewers=tuple(dict.fromkeys((*pull.reviewers, *logins))),
        teams=tuple(dict.fromkeys((*pull.teams, *teams))),
    )


async def _branch_tip(repo: Repository, branch: str) -> str:
    try:
        found = await repo.lookup.ref(f"refs/heads/{branch}")
    except BadName:
        found = None
    if found is None:
        raise Rejected(f"Branch {branch!r} does not exist")
    return found.sha
