"""What Sentry's API says about a release: when it came out, where it was deployed, which commits it has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from investigator.models.base import Value
from investigator.models.evidence import Deploy
from investigator.sentry import limits
from investigator.sentry.coerce import (
    Object,
    identifier,
    line,
    link,
    moment,
    pick,
    sequence,
    text,
    walk,
    whole,
)


class Release(Value):
    """`last_commit` and `ref` are there only when commits are sent to Sentry with each release."""

    version: str
    created_at: datetime | None = None
    released_at: datetime | None = None
    last_commit: str | None = None  # SHA
    commit_count: int | None = None
    ref: str | None = None
    url: str | None = None

    @property
    def deploy(self) -> Deploy:
        """The release itself, as something that changed what was running."""
        at = self.released_at or self.created_at
        return Deploy(source="sentry_release", name=self.version, sha=self.last_commit, at=at, url=self.url)


def parse_release(data: Object, version: str) -> Release:
    return Release(
        version=text(data.get("version"), limits.NAME) or version,
        created_at=moment(data.get("dateCreated")),
        released_at=moment(data.get("dateReleased")),
        last_commit=identifier(walk(data, "lastCommit", "id")),
        commit_count=whole(data.get("commitCount")),
        ref=text(data.get("ref")),
        url=link(data.get("url")),
    )


def parse_deploys(rows: object, version: str) -> tuple[Deploy, ...]:
    """Deploys in Sentry's order, newest first; a deploy that has not finished counts from its start."""
    return tuple(
        Deploy(
            source="sentry_deploy",
            name=line(row.get("name"), limits.NAME) or version,
            environment=text(row.get("environment")),
            at=moment(pick(row, "dateFinished", "dateStarted")),
            url=link(row.get("url")),
        )
        for row in sequence(rows)
        if isinstance(row, Mapping)
    )


def parse_commit_ids(rows: object) -> tuple[str, ...]:
    found = (identifier(walk(row, "id")) for row in sequence(rows))
    return tuple(sha for sha in found if sha)
