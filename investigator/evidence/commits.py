"""The commits under suspicion, put together from what several answers say of each. Pure.

GitHub serves the files of one commit only one commit a request. But it serves, in one request, which commits
touched each of many paths, and in another the sum of all changes; where only one commit touched a file, that
file's part of the sum is this commit's patch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from investigator.github.answers import Comparison, RangeFacts
from investigator.models.evidence import BlameRange, CodeFrame, Commit, FileChange
from investigator.suspects.paths import nearness

MAX_TOUCHED = 100
# Of more commits fewer paths are traced: each is searched through all of them, and GitHub gives up in 10 s.
LONG_RANGE = 1000
MAX_TOUCHED_IN_LONG_RANGE = 20
MAX_TOUCHED_WITH_BORING = 40  # tests and documents are only traced when there is not much to trace
MAX_FOLDERS = 6
FILES_SERVED = 300  # of a comparison, in the order of their names
TOUCHES_ASKED = 50  # commits asked for per path; a full answer may be cut
NEAR_LINES = 10
BORING = ("docs/", "doc/", "tests/", "test/", "spec/", "locale/")
BORING_SUFFIXES = (".md", ".rst", ".txt", ".lock", ".po", ".mo", ".svg", ".png", ".snap", "-lock.json")


def paths_to_trace(
    files: tuple[str, ...], comparison: Comparison | None, folder: str | None
) -> tuple[str, ...]:
    """Paths of which to ask who touched them: the frames' files, then the changed ones, nearest first.

    A file that was renamed in the range is asked for by both names.
    """
    changes = comparison.files if comparison else ()
    changed = [path for change in changes for path in (change.path, change.previous_path) if path]
    prefix = f"{folder.strip('/')}/" if folder else ""
    changed.sort(key=lambda path: (not path.startswith(prefix), -nearness(path, files)))
    long = comparison is not None and comparison.total_commits > LONG_RANGE
    most = MAX_TOUCHED_IN_LONG_RANGE if long else MAX_TOUCHED
    telling = [*files, *(path for path in changed if not is_boring(path))][:most]
    boring = [path for path in changed if is_boring(path)]
    room = max(0, min(most, MAX_TOUCHED_WITH_BORING) - len(telling))
    return tuple(dict.fromkeys([*telling, *boring[:room]]))


def folders_to_trace(files: tuple[str, ...], comparison: Comparison | None) -> tuple[str, ...]:
    """Folders of the frames' files, when GitHub did not list all that changed in them."""
    if comparison is None or listed_whole(comparison):
        return ()
    return tuple(dict.fromkeys(path.rpartition("/")[0] for path in files if "/" in path))[:MAX_FOLDERS]


def listed_whole(comparison: Comparison) -> bool:
    """Whether all files that changed are known."""
    return len(comparison.files) < FILES_SERVED or comparison.files_complete


def is_boring(path: str) -> bool:
    """Tests, documents, locks, translations: seldom what broke production."""
    return path.startswith(BORING) or path.endswith(BORING_SUFFIXES) or "/tests/" in path


def assemble(
    comparison: Comparison | None, facts: RangeFacts | None, folders: tuple[str, ...] = ()
) -> tuple[Commit, ...]:
    """Commits newest first, each with its pull request and with what is known of its files.

    Of `folders` it was asked who touched them, too.
    """
    if facts:
        files = {path: shas for path, shas in facts.touched.items() if path not in folders}
        others = {commit.sha: commit for commit in facts.touching}
        facts = facts.model_copy(update={"touched": files})
    else:
        others = {}
    richer = {commit.sha: commit for commit in facts.commits} if facts else {}
    if comparison is None:
        commits: list[Commit] = list(richer.values())
    else:
        commits = _listed(comparison, richer, others)
    touched = _touched(commits, facts)
    sums = {change.path: change for change in comparison.files} if comparison else {}
    alone = _touched_by_one(comparison, facts, touched)
    by_pull_request = dict(facts.pull_request_files) if facts else {}
    return tuple(
        _merged(commit, richer.get(commit.sha)).model_copy(
            update={
                "files": _changes(touched[commit.sha], sums, alone)
                or by_pull_request.get(commit.sha)
                or commit.files
            }
        )
        for commit in commits
    )


def worth_reading(
    commits: tuple[Commit, ...],
    frames: tuple[CodeFrame, ...],
    blame: tuple[BlameRange, ...],
    limit: int,
    near: Collection[str] = (),
) -> tuple[str, ...]:
    """SHAs whose own patch is unknown and would tell most, best first. Those `near` touched a folder of
    the trace."""
    made: dict[str, list[BlameRange]] = defaultdict(list)
    for each in blame:
        if _is_near(each, frames, NEAR_LINES):
            made[each.sha].append(each)
    scores = {
        commit.sha: _promise(commit, frames, made[commit.sha]) + 0.2 * (commit.sha in near)
        for commit in commits
        if len(commit.parents) < 2 and not _is_known(commit)
    }
    promising = [sha for sha, score in scores.items() if score or len(commits) <= limit]
    return tuple(sorted(promising, key=lambda sha: -scores[sha]))[:limit]


def with_patches(commits: tuple[Commit, ...], read: Mapping[str, Commit]) -> tuple[Commit, ...]:
    """`commits` with the files of those that were read on their own."""
    return tuple(
        commit.model_copy(
            update={
                "files": read[commit.sha].files,
                "additions": read[commit.sha].additions,
                "deletions": read[commit.sha].deletions,
            }
        )
        if commit.sha in read
        else commit
        for commit in commits
    )


def relevant_blame(
    blame: Iterable[BlameRange], frames: tuple[CodeFrame, ...], commits: tuple[Commit, ...]
) -> tuple[BlameRange, ...]:
    """Blame around the frames' lines, and whatever the commits under suspicion changed in these files."""
    suspects = {commit.sha for commit in commits}
    return tuple(each for each in blame if each.sha in suspects or _is_near(each, frames, 3 * NEAR_LINES))


def _listed(
    comparison: Comparison, richer: Mapping[str, Commit], touching: Mapping[str, Commit]
) -> list[Commit]:
    """Of a range too long for GitHub to list, the newest commits come from the history instead, and what
    lies between from who touched the paths asked for."""
    if comparison.commits_complete:
        return list(comparison.commits)
    served = {commit.sha for commit in comparison.commits}
    newest = [commit for commit in richer.values() if commit.sha not in served]
    between = [commit for sha, commit in touching.items() if sha not in served and sha not in richer]
    room = max(comparison.total_commits - len(served) - len(newest), 0)
    between.sort(key=lambda commit: commit.committed_at.timestamp() if commit.committed_at else 0.0)
    return [*newest, *reversed(between[-room:] if room else []), *comparison.commits]


def _touched(commits: list[Commit], facts: RangeFacts | None) -> dict[str, list[str]]:
    shas = {commit.sha for commit in commits}
    touched: dict[str, list[str]] = defaultdict(list)
    for path, touches in facts.touched.items() if facts else ():
        for sha in touches:
            if sha in shas:
                touched[sha].append(path)
    return touched


def _touched_by_one(
    comparison: Comparison | None, facts: RangeFacts | None, touched: Mapping[str, list[str]]
) -> frozenset[str]:
    """Paths that a single commit of the range touched, where the answers are whole enough to tell."""
    if comparison is None or facts is None:
        return frozenset()
    in_range = set(touched)
    listed = comparison.commits_complete
    return frozenset(
        path
        for path, shas in facts.touched.items()
        if len(shas) < TOUCHES_ASKED and len([sha for sha in shas if sha in in_range or not listed]) == 1
    )


def _changes(
    paths: list[str], sums: Mapping[str, FileChange], alone: frozenset[str]
) -> tuple[FileChange, ...]:
    """Who renamed a file touched both of its names, and changed one file."""
    left = {sums[path].previous_path for path in paths if path in sums}
    return tuple(_change(path, sums, alone) for path in paths if path not in left)


def _change(path: str, sums: Mapping[str, FileChange], alone: frozenset[str]) -> FileChange:
    """A renamed file's sum also holds what was done under its old name, by whomever."""
    change = sums.get(path)
    if change and path in alone and change.status != "renamed":
        return change
    return FileChange(path=path, previous_path=change.previous_path if change else None)


def _merged(commit: Commit, richer: Commit | None) -> Commit:
    if richer is None:
        return commit
    return richer.model_copy(
        update={"url": richer.url or commit.url, "parents": richer.parents or commit.parents}
    )


def _is_known(commit: Commit) -> bool:
    """Whether every change that may tell something has its patch."""
    if commit.files is None:
        return False
    return all(change.patch is not None for change in commit.files if not is_boring(change.path))


def _promise(commit: Commit, frames: tuple[CodeFrame, ...], blame: Iterable[BlameRange]) -> float:
    """How likely the patch matters: it made the crashing lines, or touched their file, or one beside it."""
    paths = {frame.path for frame in frames if frame.path}
    folders = {path.rpartition("/")[0] for path in paths}
    changed = {change.path for change in commit.files or () if change.patch is None}
    beside = any(path.rpartition("/")[0] in folders and not is_boring(path) for path in changed)
    made = sum(
        1 / ((1 + depth / 4) * (1 + 2 * _distance(each, frame)))
        for depth, frame in enumerate(frames)
        for each in blame
        if _is_near(each, (frame,), NEAR_LINES)
    )
    return 4 * made + len(changed & paths) + 0.3 * beside


def _distance(each: BlameRange, frame: CodeFrame) -> int:
    line = frame.frame.line or 0
    return max(each.start - line, line - each.end, 0)


def _is_near(each: BlameRange, frames: tuple[CodeFrame, ...], lines: int) -> bool:
    return any(
        frame.path == each.path
        and frame.frame.line is not None
        and each.start - lines <= frame.frame.line <= each.end + lines
        for frame in frames
    )
