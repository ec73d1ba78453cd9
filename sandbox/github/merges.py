"""Reads pull requests out of commit messages: GitHub's merge commits and its squash headlines."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from sandbox.github.hosted import PullRequest
from sandbox.github.values import Commit

_MERGED = re.compile(r"Merge pull request #(\d{1,9}) from (\S+)")
_SQUASHED = re.compile(r"(?P<title>.*\S)\s+\(#(?P<number>\d{1,9})\)")


def pull_requests(commits: Sequence[Commit]) -> list[PullRequest]:
    """Pull requests that arrived with `commits`, a listing in which children come before their parents."""
    listed = {commit.sha: commit for commit in commits}
    taken: set[str] = set()
    found = []
    for commit in reversed(commits):
        pull = from_message(commit)
        if pull is None:
            continue
        if len(commit.parents) > 1:
            main = _reachable(commit.parents[:1], listed, ())
            own = _reachable(commit.parents[1:], listed, main | taken)
            taken |= own
            pull = replace(pull, commits=tuple(c.sha for c in reversed(commits) if c.sha in own))
        found.append(pull)
    return found


def from_message(commit: Commit) -> PullRequest | None:
    """The pull request that one commit's message says it merged."""
    merged = _MERGED.match(commit.headline)
    if merged:
        title = commit.body.partition("\n")[0].strip() or commit.headline
        # The branch is written `owner/branch`; what merged it is known by its committer only.
        head = merged[2].partition("/")[2] or merged[2]
        return _pull(commit, int(merged[1]), title, head, commits=())
    squashed = _SQUASHED.fullmatch(commit.headline)
    if squashed:
        return _pull(commit, int(squashed["number"]), squashed["title"], "", commits=(commit.sha,))
    return None


def _pull(commit: Commit, number: int, title: str, head: str, *, commits: tuple[str, ...]) -> PullRequest:
    return PullRequest(
        number=number,
        title=title,
        body=commit.body.partition("\n")[2].strip() if head else commit.body,
        state="merged",
        created_at=commit.author.at,
        merged_at=commit.committer.at,
        merge_commit=commit.sha,
        head_ref=head,
        commits=commits,
    )


def _reachable(tips: Sequence[str], listed: Mapping[str, Commit], without: Container[str]) -> set[str]:
    seen: set[str] = set()
    waiting = list(tips)
    while waiting:
        commit = listed.get(waiting.pop())
        if commit is None or commit.sha in seen or commit.sha in without:
            continue
        seen.add(commit.sha)
        waiting.extend(commit.parents)
    return seen
