"""What a code host knows and git does not: pull requests, deployments, releases; as frozen values."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class PullRequest:
    """`state` is open, closed or merged. `commits` are the ids of its own commits, oldest first."""

    number: int
    title: str
    body: str = ""
    author: str = ""
    state: str = "merged"
    created_at: datetime | None = None
    merged_at: datetime | None = None
    merge_commit: str | None = None
    head_ref: str = ""
    base_ref: str = ""
    commits: tuple[str, ...] = ()
    draft: bool = False
    from_fork: bool = False
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()  # asked for a review, by slug
    approved_by: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Self:
        return cls(
            number=int(entry["number"]),
            title=entry["title"],
            body=entry.get("body") or "",
            author=entry.get("author") or "",
            state=(entry.get("state") or "merged").lower(),
            created_at=_optional_instant(entry.get("created_at")),
            merged_at=_optional_instant(entry.get("merged_at")),
            merge_commit=entry.get("merge_commit"),
            head_ref=entry.get("head_ref") or "",
            base_ref=entry.get("base_ref") or "",
            commits=tuple(entry.get("commits") or ()),
            draft=bool(entry.get("draft", False)),
        )


@dataclass(frozen=True, slots=True)
class Deployment:
    """`state` is the word of its newest status, in lower case: success, failure, inactive, …"""

    id: int
    sha: str
    environment: str
    created_at: datetime
    state: str = "success"
    creator: str = ""
    ref: str = ""

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Self:
        return cls(
            id=int(entry["id"]),
            sha=entry["sha"],
            environment=entry["environment"],
            created_at=instant(entry["created_at"]),
            state=(entry.get("state") or "success").lower(),
            creator=entry.get("creator") or "",
            ref=entry.get("ref") or "",
        )


@dataclass(frozen=True, slots=True)
class Release:
    tag: str
    name: str
    created_at: datetime
    author: str = ""

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Self:
        name = entry.get("name") or entry["tag"]
        return cls(entry["tag"], name, instant(entry["created_at"]), entry.get("author") or "")


def number_of(name: str) -> int:
    """A number that always stands for this name, as small as GraphQL's integers must be."""
    return zlib.crc32(name.encode()) & 0x7FFFFFFF


def instant(text: str) -> datetime:
    """An ISO 8601 time; without an offset it is UTC. Raises ValueError."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _optional_instant(text: str | None) -> datetime | None:
    return instant(text) if text else None
