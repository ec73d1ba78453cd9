"""Which of several credentials asks next. Pure; times are seconds since 1970."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from investigator.errors import OutsideCallFailed
from investigator.github.failures import SERVICE, RateLimited

Purpose = Literal["read", "write"]
Resource = Literal["core", "graphql", "token"]
C = TypeVar("C")

BACK_OFF_SECONDS = 60.0  # GitHub's advice when it names no time; doubled each time it says so again
MAX_BACK_OFF_SECONDS = 1920.0
CALM_SECONDS = 900.0  # without a limit after a rest, until the next one counts as the first
ASIDE_SECONDS = 600.0  # for which who was refused, or does not see a repository, comes last


@dataclass(frozen=True, slots=True)
class Standing:
    """What all workers know of a credential, as written down by the functions below."""

    notes: Mapping[str, str]

    def free_at(self, resource: Resource) -> float:
        return max(self._number(f"rest:{resource}"), self._number("rest:all"))

    def aside_reason(self, now: float) -> str | None:
        """Why GitHub refused it lately; None when it did not."""
        return self.notes.get("aside:why", "refused") if now < self._number("aside") else None

    def may_read(self, repository: str, now: float) -> bool:
        return self.aside_reason(now) is None and self._number(f"blind:{repository.lower()}") <= now

    def left(self, resource: Resource, now: float) -> float:
        """The share of its budget that is left, 0 to 1; 1 when nothing is known."""
        try:
            left, limit, reset = json.loads(self.notes[f"left:{resource}"])
            return float(left) / float(limit) if now < float(reset) else 1.0
        except (KeyError, ValueError, TypeError, ZeroDivisionError):
            return 1.0

    def back_off(self, rest: str) -> tuple[float, float]:
        """Until when it rests or rested, and for how many seconds the last time that GitHub named none."""
        return self._number(rest), max(self._number(f"wait:{rest}"), BACK_OFF_SECONDS / 2)

    def _number(self, note: str) -> float:
        try:
            return float(self.notes.get(note, "0"))
        except ValueError:
            return 0.0


def in_order(
    candidates: Sequence[tuple[C, Standing]],
    repository: str,
    resource: Resource,
    *,
    now: float,
    spread: bool,
) -> list[C]:
    """Those that may be asked now: as configured, or, with `spread`, whoever has most of its budget left.

    Those that could not lately come last: somebody may have mended what was wrong.
    """
    free = [(each, standing) for each, standing in candidates if standing.free_at(resource) <= now]
    if spread:
        free.sort(key=lambda pair: -pair[1].left(resource, now))
    free.sort(key=lambda pair: not pair[1].may_read(repository, now))
    return [each for each, _ in free]


def nobody(
    repository: str, resource: Resource, candidates: Sequence[Standing], *, now: float
) -> OutsideCallFailed:
    """Why none of `candidates` may be asked."""
    if not candidates:
        owner = repository.partition("/")[0]
        return OutsideCallFailed(
            SERVICE, "unauthorized", f"no app in GITHUB_APPS lists the owner {owner.lower()}"
        )
    wait = max(0.0, min(standing.free_at(resource) for standing in candidates) - now)
    return RateLimited("every credential rests until its limit is reset", retry_after=wait)


def rest(resource: Resource, failure: RateLimited, standing: Standing, *, now: float) -> dict[str, str]:
    """The primary limit is each resource's own; the secondary one is shared by all.

    Workers that run into one limit at the same moment count once: those who were refused during a rest
    leave it as it is.
    """
    name = f"rest:{'all' if failure.secondary else resource}"
    if failure.retry_after is not None:
        return {name: str(now + failure.retry_after)}
    until, last = standing.back_off(name)
    if now < until:
        return {name: str(until)}
    wait = BACK_OFF_SECONDS if now > until + CALM_SECONDS else min(2 * last, MAX_BACK_OFF_SECONDS)
    return {name: str(now + wait), f"wait:{name}": str(wait)}


def set_aside(why: str, *, now: float) -> dict[str, str]:
    return {"aside": str(now + ASIDE_SECONDS), "aside:why": why}


def blind(repository: str, *, now: float) -> dict[str, str]:
    return {f"blind:{repository.lower()}": str(now + ASIDE_SECONDS)}


def cleared(repository: str) -> dict[str, str]:
    """It could after all."""
    return {"aside": "0", f"blind:{repository.lower()}": "0"}


def budget(resource: Resource, headers: Mapping[str, str]) -> dict[str, str]:
    """What an answer's headers (lower-case names) tell of the budget; nothing when they do not."""
    names = ("x-ratelimit-remaining", "x-ratelimit-limit", "x-ratelimit-reset")
    told = [headers.get(name, "") for name in names]
    return (
        {f"left:{resource}": json.dumps([int(each) for each in told])} if all(map(str.isdigit, told)) else {}
    )


def is_suspended(failure: OutsideCallFailed) -> bool:
    return failure.kind == "forbidden" and "suspended" in failure.detail.lower()
