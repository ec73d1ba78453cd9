"""What a proposal may not touch, and how large it may be. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from investigator.fixes.diff import changed_lines
from investigator.models.fix import EXECUTABLE, REGULAR, Change, NoProposal
from investigator.models.service import PullRequestRules
from investigator.patching import paths

MAX_FILES, MAX_LINES = 50, 3_000
# What people wrote and reviewed before may come back, where a model may not write.
_REVERTIBLE = (paths.NAMES_DEPENDENCIES, paths.IS_GENERATED, paths.INSTRUCTS)
_FRAMEWORK_OF_MIGRATIONS = re.compile(r"(^|/)(?!v?\d)[^/]+$", re.IGNORECASE)
_DOCUMENTATION = re.compile(
    r"(^|/)(docs?|documentation|changes|changelog\.d|news|newsfragments|release[_-]?notes)/"
    r"|(^|/)(changes|changelog|history|news|release[_-]?notes|authors|contributors|readme|whats?[_-]?new)[^/]*$"
    r"|\.(md|rst|adoc)$",
    re.IGNORECASE,
)
_TESTS = re.compile(
    r"(^|/)(tests|__tests__|testdata|specs?)/|^testing?/|(^|/)test_[^/]*$|(^|/)[^/]*(_test|_spec|\.test|\.spec)\.\w+$",
    re.IGNORECASE,
)
_MODES = {REGULAR, EXECUTABLE}


def is_code(path: str) -> bool:
    """Whether the program itself may be in `path`: not its tests, documentation or release notes."""
    return not (_DOCUMENTATION.search(path) or _TESTS.search(path))


def is_documentation(path: str) -> bool:
    return _DOCUMENTATION.search(path) is not None


def refused(path: str, rules: PullRequestRules) -> str | None:
    """Why a revert may not touch `path`, to be read after its name; None when it may."""
    if why := paths.malformed(path):
        return why
    if any(fnmatchcase(path, glob) for glob in rules.deny):
        return "is denied by pilot.yml"
    tolerated = (*_REVERTIBLE, paths.IS_MIGRATION) if _FRAMEWORK_OF_MIGRATIONS.search(path) else _REVERTIBLE
    why = paths.forbidden(path, tolerated)
    return None if why and any(fnmatchcase(path, glob) for glob in rules.allow) else why


def check_size(changes: Sequence[Change], diff: str) -> None:
    """Raises NoProposal when nobody could read it before confirming it."""
    lines = changed_lines(diff)
    if len(changes) > MAX_FILES or lines > MAX_LINES:
        raise NoProposal(
            f"it changes {lines} lines in {len(changes)} files; more than {MAX_LINES} lines or {MAX_FILES} "
            "files are not proposed: revert it by hand"
        )


def unreadable(change: Change) -> str | None:
    """Why the contents of a change cannot be shown and applied; None when they can."""
    for file in (change.before, change.after):
        if file is None:
            continue
        if file.mode not in _MODES:
            return "is a symbolic link or a submodule"
        if file.content is None:
            return "is binary or too large"
    return None
