"""Which commits of a range can be suspects: merges beside their commits, changes undone again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from investigator.models.evidence import Commit

_REVERTS_SHA = re.compile(r"(?i)\b(?:reverts?|undoes|backs? out)\s+(?:commit\s+)?([0-9a-f]{7,40})\b")
_REVERTS_TITLE = re.compile(r'(?i)^revert:?\s+["“](.+)["”]')
_MERGE = re.compile(r"(?i)^merge (pull request|branch|remote-tracking|tag|commit)\b")


@dataclass(frozen=True, slots=True)
class Undoing:
    """`undone`: sha → the commit that took it back; `reverting`: sha of a revert → what it reverts."""

    undone: dict[str, str]
    reverting: dict[str, str]


def without_merges(commits: Sequence[Commit]) -> list[Commit]:
    """`commits` without the merges whose merged commits are listed themselves."""
    listed = {commit.sha for commit in commits}
    return [commit for commit in commits if not _repeats(commit, listed)]


def _repeats(commit: Commit, listed: set[str]) -> bool:
    if len(commit.parents) > 1:
        return any(parent in listed for parent in commit.parents[1:])
    return not commit.parents and not commit.files and _MERGE.match(commit.message) is not None


def undoing(commits: Sequence[Commit]) -> Undoing:
    """Reverts among `commits` (newest first); a revert that was itself reverted undoes nothing."""
    undone: dict[str, str] = {}
    reverting: dict[str, str] = {}
    for position, commit in enumerate(commits):
        older = commits[position + 1 :]
        named = _REVERTS_SHA.search(commit.message)
        titled = _REVERTS_TITLE.match(commit.headline)
        if named is None and titled is None:
            continue
        reverting[commit.sha] = f"commit {named[1][:8]}" if named else f"“{titled[1]}”" if titled else ""
        target = next((one for one in older if _is_target(one, named, titled)), None)
        if target is not None and commit.sha not in undone:
            undone[target.sha] = commit.sha
    return Undoing(undone, reverting)


def _is_target(commit: Commit, named: re.Match[str] | None, titled: re.Match[str] | None) -> bool:
    if named is not None:
        return commit.sha.startswith(named[1].lower())
    # Squash merges append the pull request's number to the headline.
    return titled is not None and re.sub(r" \(#\d+\)$", "", commit.headline) == re.sub(
        r" \(#\d+\)$", "", titled[1]
    )
