"""A tie between a commit and the crash: how strong, and in words that a person can check."""

from __future__ import annotations

from dataclasses import dataclass

from investigator.suspects.weights import WEIGHTS, Feature


@dataclass(frozen=True, slots=True)
class Tie:
    """`value` is 0 to 1 for most features, its worth is in `weights`; without `reason` it is not shown."""

    feature: Feature
    value: float
    reason: str | None = None

    @property
    def worth(self) -> float:
        return self.value * WEIGHTS[self.feature]
