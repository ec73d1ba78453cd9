"""Submodules: folders that stand for a commit of another repository, and who moved one through which a
trace runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from investigator.models.evidence import Commit
from investigator.models.sentry import Frame
from investigator.suspects.ties import Tie
from investigator.suspects.trace import DEPTH_DECAY, MIN_WEIGHT


def folder_around(frame: Frame, folders: Collection[str]) -> str | None:
    """The longest of `folders` in which the frame's file lies, wherever the repository was checked out."""
    place = "/" + (frame.abs_path or frame.filename or "").replace("\\", "/").lstrip("/")
    return max((folder for folder in folders if f"/{folder}/" in place), key=len, default=None)


def ties(commit: Commit, frames: Sequence[Frame], submodules: Collection[str]) -> Iterable[Tie]:
    """What ties a commit to code that it brought in from elsewhere; `frames` from the crash outwards."""
    moved = {file.path for file in commit.files or ()}.intersection(submodules)
    for above, frame in enumerate(frames if moved else ()):
        if (folder := folder_around(frame, moved)) is not None:
            weight = max(DEPTH_DECAY**above, MIN_WEIGHT)
            yield Tie("file", weight)
            yield Tie("dependency", weight, f"moved the submodule `{folder}`, through which the trace runs")
            return
