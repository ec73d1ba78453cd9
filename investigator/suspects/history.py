"""Which commits of a range can be suspects: merges beside their commits, changes undone again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from investigator.models.evidence import Commit

_REVERTS_SHA = re.compile(r"(?i)\b(?:reverts?|undoes|backs? out)\s+(?:commit\s+)?([0-9a-f]{7,40})\b")
_REVERTS_TITLE = re.compile(r'(?i)^revert:?\s+["“](.+)["”]')
_REAPPLIES_TITLE = re.compile(r'(?i)^(?:re-?(?:apply|land)|revert\^2):?\s+["“](.+)["”]')
_PICKED = re.compile(r"(?i)\(cherry picked from commit ([0-9a-f]{40})\)")
_NUMBER = re.compile(r" \(#\d+\)$")  # squash merges append the pull request's number to the headline
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
        named = _REVERTS_SHA.search(commit.message)
        title = _taken_back(commit.headline)
        if named is None and title is None:
            continue
        reverting[commit.sha] = f"commit {named[1][:8]}" if named else f"“{title}”" if title else ""
        older = commits[position + 1 :]
        target = next((one for one in older if _is_target(one, named and named[1].lower(), title)), None)
        if target is not None and commit.sha not in undone:
            undone[target.sha] = commit.sha
    return Undoing(undone, reverting)


def _taken_back(headline: str) -> str | None:
    """The headline of the commit that this one takes back, which for a change made again is its revert."""
    if (titled := _REVERTS_TITLE.match(headline)) is not None:
        return titled[1]
    again = _REAPPLIES_TITLE.match(headline)
    return f'Revert "{again[1]}"' if again else None


def _is_target(commit: Commit, sha: str | None, title: str | None) -> bool:
    if sha is not None:
        picked = _PICKED.search(commit.message)
        return commit.sha.startswith(sha) or (picked is not None and picked[1].lower().startswith(sha))
    return title is not None and _NUMBER.sub("", commit.headline) == _NUMBER.sub("", title)
