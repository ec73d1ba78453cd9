"""Our diffs are git's: `git apply` makes of them what was meant, byte by byte."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from investigator.fixes.diff import changed_lines, git_diff
from investigator.models.fix import EXECUTABLE, REGULAR, Change, File

FILES = {
    "windows line ends": (b"one\r\ntwo\r\n", b"one\r\nzwei\r\n"),
    "line break at the end gone": (b"one\ntwo\n", b"one\ntwo"),
    "line break at the end new": (b"one\ntwo", b"one\ntwo\n"),
    "not utf-8": (b"caf\xe9\nx\n", b"caf\xe9\ny\n"),
    "separators of unicode": ("a\u2028b\x0cc\nd\n".encode(), "a\u2028b\x0cc\ne\n".encode()),
    "becomes empty": (b"one\n", b""),
    "was empty": (b"", b"one\n"),
    "lines that look like headers": (b"-- a\n++ b\nx\n", b"-- a\n++ c\ny\n"),
}


def applied(folder: Path, *changes: Change) -> None:
    for change in changes:
        if change.before is not None:
            file = folder / change.path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(change.before.content or b"")
            file.chmod(change.before.mode & 0o777)
    diff = git_diff(changes).encode(errors="surrogateescape")
    subprocess.run(["git", "apply", "-"], cwd=folder, input=diff, check=True, capture_output=True)


@pytest.mark.parametrize("what", FILES)
def test_git_applies_it_byte_by_byte(what: str, tmp_path: Path) -> None:
    before, after = FILES[what]
    change = Change(
        path="a b/ü.txt",
        before=File(mode=REGULAR, content=before),
        after=File(mode=REGULAR, content=after),
    )
    applied(tmp_path, change)
    assert (tmp_path / change.path).read_bytes() == after


@pytest.mark.parametrize("content", [b"", b"one\n", b"one"])
def test_new_and_deleted_files(content: bytes, tmp_path: Path) -> None:
    new = Change(path="new.py", before=None, after=File(mode=EXECUTABLE, content=content))
    old = Change(path="old.py", before=File(mode=REGULAR, content=content), after=None)
    applied(tmp_path, new, old)
    assert (tmp_path / "new.py").read_bytes() == content
    assert (tmp_path / "new.py").stat().st_mode & 0o100, "the executable bit is lost"
    assert not (tmp_path / "old.py").exists()


def test_a_change_of_mode_alone(tmp_path: Path) -> None:
    file = File(mode=EXECUTABLE, content=b"x\n")
    applied(tmp_path, Change(path="run", before=file, after=File(mode=REGULAR, content=b"x\n")))
    assert not (tmp_path / "run").stat().st_mode & 0o100


def test_lines_are_counted_without_the_headers() -> None:
    change = Change(
        path="a", before=File(mode=REGULAR, content=b"1\n2\n"), after=File(mode=REGULAR, content=b"1\n3\n4\n")
    )
    assert changed_lines(git_diff([change])) == 3
