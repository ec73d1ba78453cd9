"""What simpler rules would have blamed, given the blame of the crashing lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from investigator.models.base import Value

YEAR = timedelta(days=365)


class BlamedLine(Value):
    """The commit that last changed the line of one in-app frame."""

    sha: str
    committed_at: datetime


def deepest_frame(blamed: Sequence[BlamedLine]) -> str | None:
    """The blame of the crashing line; `blamed` goes from the crash outwards."""
    return blamed[0].sha if blamed else None


def newest_blame(blamed: Sequence[BlamedLine], now: datetime) -> str | None:
    """Sentry's rule: the newest blame among all in-app frames, if it is younger than a year."""
    newest = max(blamed, key=lambda line: line.committed_at, default=None)
    return newest.sha if newest and newest.committed_at > now - YEAR else None
