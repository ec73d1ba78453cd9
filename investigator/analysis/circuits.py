"""When a model is left alone: circuits per provider and model. Pure.

Consecutive failures open a circuit for a while. Then one probe at a time may try, and its success closes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from investigator.analysis.failures import blames_provider, lasts
from investigator.models.analysis import Attempt

FAILURES_TO_OPEN = 3
OPEN_SECONDS = 60.0
LONGEST_OPEN_SECONDS = 900.0

Name = tuple[str, str]  # provider, model


@dataclass(frozen=True, slots=True)
class Circuit:
    """`failures` in a row; `until` is when an open one may be probed, in seconds since 1970."""

    failures: int = 0
    until: float = 0.0

    def is_open(self, now: float) -> bool:
        return now < self.until <= now + LONGEST_OPEN_SECONDS  # later than that: of a clock that was wrong

    def needs_probe(self, now: float) -> bool:
        """Has it been open, and nobody has shown yet that it works again?"""
        return 0 < self.until <= now


def after(circuit: Circuit, attempt: Attempt, *, now: float) -> Circuit:
    """The circuit after one more attempt. What was our own fault, or the answer's, changes nothing."""
    if attempt.outcome == "ok":
        return Circuit()
    if not blames_provider(attempt.outcome):
        return circuit
    failures = circuit.failures + 1
    if failures < FAILURES_TO_OPEN and not lasts(attempt.outcome):
        return Circuit(failures, circuit.until)
    doubled = OPEN_SECONDS * 2 ** min(10, max(0, failures - FAILURES_TO_OPEN))
    rest = max(doubled, attempt.retry_after or 0.0)
    return Circuit(failures, now + min(rest, LONGEST_OPEN_SECONDS))


def order(
    names: Sequence[Name], circuits: Mapping[Name, Circuit], probing: frozenset[Name], *, now: float
) -> tuple[Name, ...]:
    """Whom to ask, in this order. Never nobody: if every circuit is open, the one that opens again first.

    Args:
        probing: those whose circuit needs a probe that somebody else is doing.
    """

    def of(name: Name) -> Circuit:
        return circuits.get(name, Circuit())

    usable = tuple(name for name in names if not of(name).is_open(now) and name not in probing)
    return usable or tuple(sorted(names, key=lambda name: of(name).until)[:1])
