"""What simpler rules would have blamed, asked of git itself, so that no gap in our evidence weakens them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from investigator.evaluation.baselines import BlamedLine, deepest_frame, newest_blame
from investigator.models.evidence import CodeFrame
from investigator.models.sentry import Frame, SentryEvent
from investigator.models.service import Service
from investigator.stack_paths import frames_of_interest, resolve
from sandbox.github.git import Git, GitFailed

FRAMES = 50
_ENTRY = re.compile(r"([0-9a-f]{40}) \d+ (\d+)")


async def blamed_by_rules(
    git: Git, event: SentryEvent, service: Service, mapped: Iterable[CodeFrame], *, base: str, head: str
) -> dict[str, str | None]:
    """The SHA that each rule names; None where it names none.

    Frames that the evidence found (`mapped`) keep their path, the others are looked for in the tree.

    Raises:
        GitFailed: the range cannot be read.
    """
    newest = await git.text("rev-list", "--no-merges", "--max-count=1", f"{base}..{head}")
    blamed = await _blame(git, head, await _places(git, head, event, service, mapped))
    now = event.occurred_at or datetime.now(UTC)
    return {
        "newest commit": newest.strip() or None,
        "newest blame among in-app frames (Sentry)": newest_blame(blamed, now),
        "blame of the deepest in-app frame": deepest_frame(blamed),
    }


async def _places(
    git: Git, head: str, event: SentryEvent, service: Service, mapped: Iterable[CodeFrame]
) -> list[tuple[str, int]]:
    """Path and line of each in-app frame, from the crash outwards."""
    known: Mapping[Frame, str | None] = {one.frame: one.path for one in mapped}
    tree = frozenset((await git.text("ls-tree", "-rz", "--name-only", head)).split("\0"))
    found: list[tuple[str, int]] = []
    for frame in frames_of_interest(event, FRAMES):
        path = known.get(frame) or resolve(frame, tree=tree, service=service).path
        if path and frame.line:
            found.append((path, frame.line))
    return found


async def _blame(git: Git, head: str, places: list[tuple[str, int]]) -> list[BlamedLine]:
    lines: dict[tuple[str, int], BlamedLine] = {}
    for path in dict.fromkeys(path for path, _ in places):
        wanted = sorted({line for each, line in places if each == path})
        ranges = [part for line in wanted for part in ("-L", f"{line},{line}")]
        try:
            text = await git.text("blame", "--porcelain", *ranges, head, "--", path)
        except GitFailed:  # a line past the end of the file, or no such file: this rule sees nothing there
            continue
        lines |= {(path, line): blamed for line, blamed in _read(text)}
    return [lines[place] for place in places if place in lines]


def _read(porcelain: str) -> Iterable[tuple[int, BlamedLine]]:
    dates: dict[str, datetime] = {}
    lines: dict[int, str] = {}
    sha = ""
    for line in porcelain.split("\n"):
        if entry := _ENTRY.match(line):
            sha = entry[1]
            lines[int(entry[2])] = sha
        elif line.startswith("committer-time "):
            dates[sha] = datetime.fromtimestamp(int(line.split()[1]), UTC)
    return [(line, BlamedLine(sha=sha, committed_at=dates[sha])) for line, sha in lines.items()]
