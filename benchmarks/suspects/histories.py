"""A generated program's history as a real git repository, written in one go by `git fast-import`."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

AUTHOR = "Robin Example <robin@example.com>"


@dataclass(frozen=True, slots=True)
class Entry:
    """One commit: `tree` is everything that exists after it; `merged` gives it a branch and a merge."""

    message: str
    at: datetime
    tree: Mapping[str, str]
    merged: bool = False


def write(folder: Path, entries: list[Entry]) -> list[str]:
    """Create a bare repository of `entries`, oldest first; the SHA of each entry's own commit."""
    subprocess.run(["git", "init", "-q", "--bare", str(folder)], check=True, timeout=30)
    stream: list[bytes] = []
    own: list[int] = []
    mark = 0
    before: Mapping[str, str] = {}
    for entry in entries:
        parent = mark
        mark += 1
        own.append(mark)
        stream.append(_commit(mark, entry, entry.message, [parent] if parent else []))
        stream.append(_difference(before, entry.tree))
        if entry.merged and parent:
            mark += 1
            stream.append(
                _commit(mark, entry, f"Merge pull request #{mark} from acme/topic", [parent, mark - 1])
            )
            stream.append(_difference(before, entry.tree))
        before = entry.tree
    marks = folder / "marks"
    subprocess.run(
        ["git", "-C", str(folder), "fast-import", "--quiet", f"--export-marks={marks}"],
        input=b"".join(stream),
        check=True,
        timeout=60,
    )
    shas = dict(line.split() for line in marks.read_text().splitlines())
    return [shas[f":{one}"] for one in own]


def head(folder: Path) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), "rev-parse", "main"], capture_output=True, check=True, timeout=30
    )
    return done.stdout.decode().strip()


def _data(text: str) -> bytes:
    raw = text.encode()
    return b"data %d\n%s\n" % (len(raw), raw)


def _commit(mark: int, entry: Entry, message: str, parents: list[int]) -> bytes:
    when = f"{int(entry.at.timestamp())} +0000"
    lines = [f"commit refs/heads/main\nmark :{mark}\nauthor {AUTHOR} {when}\ncommitter {AUTHOR} {when}\n"]
    links = [f"{word} :{one}\n" for word, one in zip(("from", "merge"), parents, strict=False)]
    return lines[0].encode() + _data(message) + "".join(links).encode()


def _difference(before: Mapping[str, str], after: Mapping[str, str]) -> bytes:
    gone = b"".join(f"D {path}\n".encode() for path in before if path not in after)
    changed = [(path, text) for path, text in after.items() if before.get(path) != text]
    return gone + b"".join(f"M 100644 inline {path}\n".encode() + _data(text) for path, text in changed)
