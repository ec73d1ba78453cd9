"""Reads the output of git log, cat-file, ls-tree, for-each-ref and blame."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sandbox.github.values import BlameRange, Commit, ObjectInfo, Ref, Signature, TreeEntry

COMMIT_FORMAT = "--format=tformat:%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x00"
REF_FORMAT = "--format=%(refname)%00%(objectname)%00%(objecttype)"
_COMMIT_FIELDS = 10
_OBJECT = re.compile(r"([0-9a-f]{40,64}) (commit|tree|blob|tag) (\d+)")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_BLAME_LINE = re.compile(r"([0-9a-f]{40,64}) \d+ (\d+)(?: (\d+))?")


def commits(text: str) -> list[Commit]:
    fields = text.split("\0")
    return [_commit(fields[at : at + _COMMIT_FIELDS]) for at in range(0, len(fields) - 1, _COMMIT_FIELDS)]


def _commit(fields: list[str]) -> Commit:
    sha, tree, parents, name, email, at, committer, committer_email, committed_at, message = fields
    return Commit(
        sha=sha.strip(),
        tree=tree,
        parents=tuple(parents.split()),
        author=Signature(name, email, _instant(at)),
        committer=Signature(committer, committer_email, _instant(committed_at)),
        message=message.rstrip("\n"),
    )


def _instant(text: str) -> datetime:
    """Old histories hold offsets that no clock has (their time is kept) and no date at all (the epoch)."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        shown = _TIME.match(text)
        return datetime.fromisoformat(shown[0] if shown else "1970-01-01").replace(tzinfo=UTC)


def object_info(line: str) -> ObjectInfo | None:
    """One answer of `cat-file --batch-check`; None for a missing or ambiguous name."""
    match = _OBJECT.fullmatch(line)
    return ObjectInfo(match[1], match[2], int(match[3])) if match else None


def blobs(answer: bytes) -> list[bytes | None]:
    """Contents from `cat-file --batch`; None for what is not there or no file."""
    found: list[bytes | None] = []
    at = 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        info = object_info(answer[at:end].decode())
        at = end + 1
        if info is None:
            found.append(None)
            continue
        found.append(answer[at : at + info.size] if info.kind == "blob" else None)
        at += info.size + 1
    return found


def tree(text: str) -> list[TreeEntry]:
    """Entries from `ls-tree -z --long`."""
    entries = []
    for record in filter(None, text.split("\0")):
        facts, _, path = record.partition("\t")
        mode, kind, sha, size = facts.split()
        entries.append(TreeEntry(mode, kind, sha, None if size == "-" else int(size), path))
    return entries


def refs(text: str) -> list[Ref]:
    return [Ref(*line.split("\0")) for line in text.splitlines() if line]


def blame(text: str) -> tuple[BlameRange, ...]:
    """Ranges from `blame --porcelain`, neighbours of the same commit joined."""
    ranges: list[BlameRange] = []
    for line in text.split("\n"):
        match = None if line.startswith("\t") else _BLAME_LINE.fullmatch(line)
        if match is None or match[3] is None:
            continue
        start, end = int(match[2]), int(match[2]) + int(match[3]) - 1
        if ranges and ranges[-1].sha == match[1] and ranges[-1].end == start - 1:
            start = ranges.pop().start
        ranges.append(BlameRange(start, end, match[1]))
    return tuple(ranges)
