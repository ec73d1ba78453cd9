"""Reads what `git diff-tree --raw --numstat -z` and `git diff --patch` print."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from sandbox.github.values import FileDiff

MAX_PATCH_CHARACTERS = 500_000


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
    """`files` with their hunks out of `git diff --patch`, which lists them in the same order."""
    sections = iter(_sections(text))
    result = []
    for file in files:
        section = next(sections, "")
        if file.status == "T":  # git prints a change of type as a removal and an addition
            section = next(sections, "")
        start = 0 if section.startswith("@@") else section.find("\n@@") + 1
        known = file.additions is not None and (start > 0 or section.startswith("@@"))
        patch = section[start:].removesuffix("\n") if known else None
        if patch is not None and len(patch) > MAX_PATCH_CHARACTERS:
            patch = None
        result.append(dataclasses.replace(file, patch=patch))
    return tuple(result)


def _sections(text: str) -> list[str]:
    """One section per file: a line of a hunk never starts with the word `diff`."""
    return ("\n" + text).split("\ndiff --git ")[1:]
