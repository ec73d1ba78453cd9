"""How alike two ways are to split the same things into groups. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from investigator.models.base import Value


class Pairs(Value):
    """Pairs of things: together in both splits, in the truth, in what was found; and all there are."""

    both: int
    truth: int
    found: int
    all: int

    @property
    def f1(self) -> float:
        """1 when neither split has anything together."""
        either = self.truth + self.found
        return 2 * self.both / either if either else 1.0

    @property
    def adjusted_rand(self) -> float:
        """1 for the same split, about 0 for one at random."""
        expected = self.truth * self.found / self.all if self.all else 0.0
        most = (self.truth + self.found) / 2
        return (self.both - expected) / (most - expected) if most != expected else 1.0


def compare(truth: Mapping[str, str], found: Mapping[str, str]) -> Pairs:
    """Thing → group of either split; a thing that was not found is in a group of its own."""
    places = {thing: found.get(thing, f"\0{thing}") for thing in truth}
    return Pairs(
        both=_together(Counter((truth[thing], places[thing]) for thing in truth)),
        truth=_together(Counter(truth.values())),
        found=_together(Counter(places.values())),
        all=len(truth) * (len(truth) - 1) // 2,
    )


def _together(sizes: Counter[str] | Counter[tuple[str, str]]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())


def homes(truth: Mapping[str, str], found: Mapping[str, str]) -> dict[str, str]:
    """True group → the found group that most of its things are in; of equals the first by name."""
    shares: dict[str, Counter[str]] = {}
    for thing, group in truth.items():
        if thing in found:
            shares.setdefault(group, Counter())[found[thing]] += 1
    return {group: min(counts, key=lambda place: (-counts[place], place)) for group, counts in shares.items()}
