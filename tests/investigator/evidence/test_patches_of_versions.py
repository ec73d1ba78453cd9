"""Patches worked out from both versions of a file: what became of it, and which files are worth it."""

from __future__ import annotations

from investigator.evidence.patches import expressions, filled, unknown
from investigator.github.answers import SourceFile
from investigator.models.evidence import Commit, FileChange

RENAMING, LATER, BUMP = "a" * 40, "b" * 40, "c" * 40
PARENT = "0" * 40


def text(lines: str) -> SourceFile:
    return SourceFile(text=lines, size=len(lines), binary=False)


def commit(sha: str, path: str, parent: str, previous_path: str | None = None) -> Commit:
    change = FileChange(path=path, previous_path=previous_path)
    return Commit(sha=sha, message="", parents=(parent,), files=(change,))


def only_file(found: Commit) -> FileChange:
    assert found.files is not None
    (change,) = found.files
    return change


def test_the_commit_that_renamed_a_file_is_told_from_those_that_changed_it_later() -> None:
    commits = (
        commit(LATER, "core.py", RENAMING, previous_path="shop.py"),
        commit(RENAMING, "core.py", PARENT, previous_path="shop.py"),
    )
    texts = {
        f"{PARENT}:shop.py": text("a\nb\n"),
        f"{RENAMING}:core.py": text("a\nb\n"),
        f"{LATER}:core.py": text("a\nc\n"),
    }
    wanted = unknown(commits, ("core.py",), {})
    assert set(texts) <= set(expressions(wanted))
    later, renaming = map(only_file, filled(commits, wanted, texts))
    assert (renaming.status, renaming.previous_path) == ("renamed", "shop.py")
    assert (later.status, later.previous_path) == ("modified", None)
    assert later.patch
    assert "+c" in later.patch


def test_a_lock_file_is_read_because_an_upgrade_may_stand_nowhere_else() -> None:
    commits = (commit(BUMP, "Gemfile.lock", PARENT), commit(LATER, "docs/upgrade.md", BUMP))
    (wanted,) = unknown(commits, ("app/price.rb",), {})
    assert wanted.change.path == "Gemfile.lock"
