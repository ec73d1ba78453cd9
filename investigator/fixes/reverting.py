"""The revert of a commit as a proposal, or the reason why there is none that is safe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import structlog

from investigator.errors import OutsideCallFailed
from investigator.fixes.diff import git_diff
from investigator.fixes.merge import Span
from investigator.fixes.reading import touched_by
from investigator.fixes.revert import Conflict, Touched, undo
from investigator.fixes.rules import check_size, is_code, is_documentation, refused, unreadable
from investigator.github.repository import Repository
from investigator.models.base import Value
from investigator.models.evidence import BlameRange, Commit
from investigator.models.fix import Change, NoProposal, Proposal
from investigator.models.service import PullRequestRules

log = structlog.get_logger()

NAMED = 3  # later commits in the way that are named


class Undone(Value):
    """`conflicts` are files of the program that need a person: path, why, and the places."""

    changes: tuple[Change, ...] = ()
    left_out: tuple[str, ...] = ()
    conflicts: tuple[tuple[str, str, tuple[Span, ...]], ...] = ()


async def propose_revert(repository: Repository, sha: str, *, head: str, rules: PullRequestRules) -> Proposal:
    """What undoes the commit `sha` at `head` (both full SHAs).

    Raises:
        NoProposal: it does not apply, or touches what may not be touched.
        OutsideCallFailed: as the repository.
    """
    commit = await repository.commit(sha)
    undone = undo_all(await touched_by(repository, commit, head), rules)
    if undone.conflicts:
        raise NoProposal(await _in_the_way(repository, commit, head, undone.conflicts))
    if not any(is_code(change.path) for change in undone.changes):
        raise NoProposal(f"the revert of {sha[:7]} changes nothing: {_why_nothing(undone)}")
    diff = git_diff(undone.changes)
    check_size(undone.changes, diff)
    return Proposal(
        kind="revert",
        repository=repository.name,
        base_sha=head,
        changes=undone.changes,
        diff=diff,
        slug=f"revert-{sha[:7]}",
        commit=sha,
        headline=commit.headline,
        left_out=undone.left_out,
    )


def undo_all(touched: Sequence[Touched], rules: PullRequestRules) -> Undone:
    """Undo each file; tests, documentation and release notes that do not let it are left as they are. Pure.

    Raises:
        NoProposal: a file that may not be touched is among them.
    """
    changes: list[Change] = []
    left_out: list[str] = []
    conflicts: list[tuple[str, str, tuple[Span, ...]]] = []
    for file in touched:
        if why := _refused(file, rules):
            left_out.append(why)
            continue
        try:
            changes += _undo_readable(file)
        except Conflict as conflict:
            if is_code(file.path):
                conflicts.append((file.now_path, str(conflict), conflict.places))
            else:
                left_out.append(f"{file.now_path} {conflict}")
    return Undone(changes=tuple(changes), left_out=tuple(left_out), conflicts=tuple(conflicts))


def _undo_readable(file: Touched) -> tuple[Change, ...]:
    changes = undo(file)
    if why := next(filter(None, map(unreadable, changes)), None):
        raise Conflict(why)
    return changes


def _refused(file: Touched, rules: PullRequestRules) -> str | None:
    """What of documentation is left alone; anything else that is refused ends it."""
    for path in dict.fromkeys((file.path, file.old_path, file.now_path)):
        if why := refused(path, rules):
            if is_documentation(path):
                return f"{path} {why}"
            raise NoProposal(f"it would touch {path[:300]}, which {why}: revert it by hand")
    return None


def _why_nothing(undone: Undone) -> str:
    if undone.left_out:
        return f"{'; '.join(undone.left_out[:NAMED])}"
    return "it touches no code" if undone.changes else "it was undone already"


async def _in_the_way(
    repository: Repository,
    commit: Commit,
    head: str,
    conflicts: Sequence[tuple[str, str, tuple[Span, ...]]],
) -> str:
    blame = await _blame(repository, commit, head, [path for path, _, places in conflicts if places])
    words = []
    for path, why, places in conflicts:
        later = _later(blame.get(path, ()), places, commit)
        words.append(f"{path} {why}" + (f" (by {later})" if later else ""))
    return f"the revert of {commit.sha[:7]} does not apply: {'; '.join(words)}"


async def _blame(
    repository: Repository, commit: Commit, head: str, paths: Sequence[str]
) -> Mapping[str, tuple[BlameRange, ...]]:
    """Who changed these files; nothing when that cannot be read, for the refusal stands without it."""
    if not paths or commit.committed_at is None:
        return {}
    try:
        facts = await repository.range_facts(
            head=head,
            since=commit.committed_at - timedelta(seconds=1),
            files=tuple(paths),
            touched=(),
        )
    except OutsideCallFailed as failure:
        log.warning("commits_in_the_way_unknown", commit=commit.sha, error=str(failure))
        return {}
    return facts.blame


def _later(blame: Sequence[BlameRange], places: Sequence[Span], commit: Commit) -> str:
    """Commits after `commit` that last changed these places, lines beside them included."""
    found = {
        line.sha: f"{line.sha[:7]} “{line.headline[:60]}”"
        for line in blame
        for place in places
        if line.start <= place.end + 1 and line.end >= place.start and _is_later(line, commit)
    }
    return ", ".join(list(found.values())[:NAMED])


def _is_later(line: BlameRange, commit: Commit) -> bool:
    if line.sha == commit.sha or line.committed_at is None or commit.committed_at is None:
        return False
    return line.committed_at >= commit.committed_at
