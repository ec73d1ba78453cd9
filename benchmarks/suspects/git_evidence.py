"""Code evidence straight from a git clone, as much or as little of it as a code host would serve."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from investigator.models.evidence import BlameRange, CodeEvidence, CodeFrame, Commit, FileChange, Person
from investigator.models.sentry import Frame, SentryEvent

GIT_TIMEOUT = 120.0
_STATUS = {"new file": "added", "deleted file": "removed", "rename from": "renamed"}
_PRETTY = "%x01%H%x02%P%x02%an%x02%ae%x02%at%x02%ct%x02%B%x03"


@dataclass(frozen=True, slots=True)
class Reach:
    """How much is known: files blamed, commits with patches, and whether all commits' files are known."""

    blamed_files: int = 8
    patches: int = 60
    all_files: bool = True


FULL = Reach()
POOR = Reach(patches=3, all_files=False)


def git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(repository), *arguments],
        capture_output=True,
        check=True,
        timeout=GIT_TIMEOUT,
    )
    return done.stdout.decode("utf-8", "replace")


def read(repository: Path, base: str, head: str, event: SentryEvent, reach: Reach = FULL) -> CodeEvidence:
    """Commits `base`..`head`, newest first, with the frames of `event` mapped and blamed at `head`."""
    tree = git(repository, "ls-tree", "-r", "--name-only", head).split("\n")
    frames = _frames(repository, head, event, tree)
    paths = list(dict.fromkeys(one.path for one in frames if one.path))[: reach.blamed_files]
    blame = tuple(one for path in paths for one in _blame(repository, head, path))
    commits = _reached(_commits(repository, base, head), frames, blame, reach)
    return CodeEvidence(
        repository="acme/app",
        head_sha=head,
        base_sha=base,
        commits=tuple(commits),
        total_commits=len(commits),
        blame=blame,
        frames=frames,
    )


def _reached(
    commits: Sequence[Commit], frames: Sequence[CodeFrame], blame: Sequence[BlameRange], reach: Reach
) -> list[Commit]:
    """`commits` without what lies beyond `reach`: the nearest to the trace keep their patches."""
    paths = {one.path for one in frames}
    blamed = {one.sha for one in blame}

    def touches(commit: Commit) -> bool:
        return any(file.path in paths for file in commit.files or ())

    order = sorted(commits, key=lambda one: (not touches(one), one.sha not in blamed))
    patched = {one.sha for one in order[: reach.patches]}
    known = []
    for commit in commits:
        files = commit.files
        if commit.sha not in patched:
            files = tuple(file.model_copy(update={"patch": None}) for file in files or ())
            if not reach.all_files:
                files = tuple(file for file in files if file.path in paths) or None
        known.append(commit.model_copy(update={"files": files}))
    return known


def _frames(repository: Path, head: str, event: SentryEvent, tree: Sequence[str]) -> tuple[CodeFrame, ...]:
    found: list[CodeFrame] = []
    for frame in reversed(event.frames):
        path = _mapped(frame, tree) if frame.in_app is not False else None
        text = git(repository, "show", f"{head}:{path}").split("\n") if path else []
        first = max((frame.line or 0) - 3, 1)
        lines = tuple(enumerate(text[first - 1 : first + 5], first)) if frame.line else ()
        found.append(CodeFrame(frame=frame, path=path, lines=lines))
    return tuple(one for one in found if one.path)


def _mapped(frame: Frame, tree: Sequence[str]) -> str | None:
    name = frame.filename or ""
    matches = [path for path in tree if path == name or path.endswith(f"/{name}")]
    return min(matches, key=len, default=None)


def _blame(repository: Path, head: str, path: str) -> list[BlameRange]:
    ranges: list[BlameRange] = []
    times: dict[str, datetime] = {}
    sha = ""
    for line in git(repository, "blame", "--porcelain", head, "--", path).split("\n"):
        if (begin := re.match(r"([0-9a-f]{40}) \d+ (\d+)", line)) is not None:
            sha, number = begin[1], int(begin[2])
            last = ranges[-1] if ranges else None
            if last is not None and last.sha == sha and last.end == number - 1:
                ranges[-1] = last.model_copy(update={"end": number})
            else:
                ranges.append(BlameRange(path=path, start=number, end=number, sha=sha))
        elif line.startswith("committer-time "):
            times[sha] = datetime.fromtimestamp(int(line.split()[1]), UTC)
    return [one.model_copy(update={"committed_at": times.get(one.sha)}) for one in ranges]


def _commits(repository: Path, base: str, head: str) -> list[Commit]:
    log = git(
        repository, "log", "-p", "-M", "--no-color", "--no-ext-diff", f"--format={_PRETTY}", f"{base}..{head}"
    )
    return [_commit(entry) for entry in log.split("\x01")[1:]]


def _commit(entry: str) -> Commit:
    heading, _, diff = entry.partition("\x03")
    sha, parents, name, email, authored, committed, message = heading.split("\x02", 6)
    files = tuple(_file(part) for part in re.split(r"(?m)^diff --git ", diff)[1:])
    return Commit(
        sha=sha,
        message=message.strip(),
        author=Person(name=name, email=email),
        authored_at=datetime.fromtimestamp(int(authored), UTC),
        committed_at=datetime.fromtimestamp(int(committed), UTC),
        parents=tuple(parents.split()),
        changed_files=len(files),
        files=files if len(parents.split()) < 2 else None,
    )


def _file(part: str) -> FileChange:
    header, hunk, rest = part.partition("\n@@ ")
    patch = (hunk + rest).strip("\n") or None
    names = re.match(r"a/(.+) b/(.+)", header.partition("\n")[0])
    path, previous = (names[2], names[1]) if names else (header, header)
    status = next((word for mark, word in _STATUS.items() if f"\n{mark}" in header), "modified")
    lines = (patch or "").split("\n")
    return FileChange(
        path=path,
        previous_path=previous if previous != path else None,
        status=status,
        additions=sum(line.startswith("+") for line in lines),
        deletions=sum(line.startswith("-") for line in lines),
        patch=patch,
    )
