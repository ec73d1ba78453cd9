"""Reads story.yml: who changed what, when, and what was released and deployed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import yaml

HERE = Path(__file__).parent
_AGO = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?")


@dataclass(frozen=True, slots=True)
class Person:
    """`zone` is the offset their commits are made with, as git writes it: +0530."""

    name: str
    email: str
    login: str
    zone: str


@dataclass(frozen=True, slots=True)
class Change:
    """One commit; `ago` counts back from the incident."""

    patch: Path
    ago: timedelta
    message: str


@dataclass(frozen=True, slots=True)
class PullRequest:
    number: int
    title: str
    body: str
    branch: str
    merge: Literal["squash", "merge"]


@dataclass(frozen=True, slots=True)
class Landing:
    """Something that came onto the main branch `ago`: one direct commit, or a pull request."""

    by: Person
    ago: timedelta
    changes: tuple[Change, ...]
    pull_request: PullRequest | None = None
    release: str | None = None
    deployed: Mapping[str, timedelta] = field(default_factory=dict)  # environment to how long ago


@dataclass(frozen=True, slots=True)
class Story:
    """`history` is in the order in which things came onto the main branch."""

    repository: str
    culprit: int  # number of the pull request that brings the bug
    people: tuple[Person, ...]
    history: tuple[Landing, ...]


def load_story() -> Story:
    document = yaml.safe_load((HERE / "story.yml").read_text(encoding="utf-8"))
    people = {key: Person(**entry) for key, entry in document["people"].items()}
    return Story(
        repository=document["repository"],
        culprit=document["culprit"],
        people=tuple(people.values()),
        history=tuple(_landing(entry, people) for entry in document["history"]),
    )


def _landing(entry: Mapping[str, Any], people: Mapping[str, Person]) -> Landing:
    pull_request = None
    if "pull_request" in entry:
        pull_request = PullRequest(
            number=entry["pull_request"],
            title=entry["title"],
            body=entry["body"].strip(),
            branch=entry["branch"],
            merge=entry["merge"],
        )
    return Landing(
        by=people[entry["by"]],
        ago=parse_ago(entry["ago"]),
        changes=tuple(_change(change) for change in entry.get("commits", [entry])),
        pull_request=pull_request,
        release=entry.get("release"),
        deployed={name: parse_ago(ago) for name, ago in entry.get("deployed", {}).items()},
    )


def _change(entry: Mapping[str, Any]) -> Change:
    patch = HERE / "changes" / f"{entry['change']}.patch"
    return Change(patch, parse_ago(entry["ago"]), entry.get("message", "").strip())


def parse_ago(text: str) -> timedelta:
    """`2d3h`, `1h20m`, `12m`. Raises ValueError for anything else."""
    match = _AGO.fullmatch(text)
    if not match or not text:
        raise ValueError(f"{text!r} is not a time like 2d3h or 12m")
    days, hours, minutes = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)
