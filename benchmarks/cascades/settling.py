"""How long it takes until a true incident's alerts are where they stay: until the last merge or move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from statistics import quantiles

from investigator.evaluation.shares import share

COLUMNS = (
    "true incidents of several issues",
    "as they came, and for good",
    "median of the others, s",
    "95th percentile of all, s",
)


class Settling:
    """Is shown where every issue is after each batch."""

    def __init__(self) -> None:
        self._homes: dict[str, str] = {}
        self._moved_at: dict[str, datetime] = {}

    def look(self, homes: Mapping[str, str], at: datetime) -> None:
        """`homes`: issue → the incident that it is in now."""
        for issue, incident in homes.items():
            if self._homes.setdefault(issue, incident) != incident:
                self._homes[issue] = incident
                self._moved_at[issue] = at

    def seconds(self, issues: Mapping[str, str], began: Mapping[str, datetime]) -> list[float]:
        """For each true incident of several issues, from its first receipt until none of them moved again.

        `issues`: issue → true incident; `began`: issue → its first receipt.
        """
        found: dict[str, list[str]] = {}
        for issue, incident in issues.items():
            if issue in began:
                found.setdefault(incident, []).append(issue)
        return [
            (max(moved) - min(began[issue] for issue in own)).total_seconds()
            if (moved := [self._moved_at[issue] for issue in own if issue in self._moved_at])
            else 0.0
            for own in found.values()
            if len(own) > 1
        ]


def row(seconds: Sequence[float]) -> tuple[object, ...]:
    """The cells of `COLUMNS`."""
    later = sorted(each for each in seconds if each > 0)
    middle = f"{later[len(later) // 2]:.0f}" if later else "–"
    last = f"{quantiles(seconds, n=20)[-1]:.0f}" if len(seconds) > 1 else "–"
    return len(seconds), share(each == 0 for each in seconds), middle, last
