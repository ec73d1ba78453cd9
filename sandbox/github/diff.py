"""Reads what `git diff-tree --raw --numstat -z` and `git diff --patch` print."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from sandbox.github.values import FileDiff

MAX_LINES = 20_000


def parse_changes(text: str) -> dict[str, tuple[FileDiff, ...]]:
    """Changes per commit from `diff-tree --stdin --raw --numstat -z`, without patches."""
    fields = iter(text.split("\0"))
    commits: dict[str, tuple[FileDiff, ...]] = {}
    current = ""
    raw: list[FileDiff] = []
    counts: list[tuple[int | None, int | None]] = []
    for field in fields:
        if field.startswith(":"):
            raw.append(_raw(field, fields))
        elif "\t" in field:
            counts.append(_counts(field, fields))
        elif field:
            commits[current] = _join(raw, counts)
            current, raw, counts = field, [], []
    commits[current] = _join(raw, counts)
    commits.pop("", None)
    return commits


def _raw(field: str, rest: Iterator[str]) -> FileDiff:
    _, _, _, sha, status = field.split(" ")
    first = next(rest)
    moved = status[0] in "RC"
    path = next(rest) if moved else first
    return FileDiff(status[0], path, first if moved else None, sha, None, None)


def _counts(field: str, rest: Iterator[str]) -> tuple[int | None, int | None]:
    added, deleted, path = field.split("\t", 2)
    if not path:  # a rename: both names follow
        next(rest)
        next(rest)
    if added == "-":
        return None, None
    return int(added), int(deleted)


def _join(raw: list[FileDiff], counts: list[tuple[int | None, int | None]]) -> tuple[FileDiff, ...]:
    return tuple(
        dataclasses.replace(file, additions=added, deletions=deleted)
        for file, (added, deleted) in zip(raw, counts, strict=True)
    )


def with_patches(files: Sequence[FileDiff], text: str) -> tuple[FileDiff, ...]:
    """`files` with their hunks out of `git diff --patch`.

    A path that git would print in quotes gets no patch.
    """
    # A line inside a hunk never starts with the word `diff`.
    sections = dict(section.partition("\n")[::2] for section in ("\n" + text).split("\ndiff --git ")[1:])
    return tuple(dataclasses.replace(file, patch=_patch(file, sections)) for file in files)


def _patch(file: FileDiff, sections: Mapping[str, str]) -> str | None:
    section = sections.get(f"a/{file.previous_path or file.path} b/{file.path}", "")
    _, hunk, rest = ("\n" + section).partition("\n@@")
    if not hunk or file.additions is None:
        return None
    return ("@@" + rest).removesuffix("\n")


def is_shown(file: FileDiff) -> bool:
    """Whether a host shows the patch of this file: it is text and not huge."""
    return file.additions is not None and file.additions + (file.deletions or 0) <= MAX_LINES
