"""What it costs to believe that alerts which are far apart in time are of one incident. Pure."""

from __future__ import annotations

import math
from itertools import pairwise

from investigator.cascade.members import Members
from investigator.cascade.weights import Weights


def pause(seconds: float, weights: Weights) -> float:
    """Of one pause. How fast trouble spreads nobody knows, so that each further second costs less."""
    return weights.pause * math.log1p(max(seconds - weights.calm, 0.0) / weights.pause_scale)


def unrest(members: Members, weights: Weights) -> float:
    """Of all pauses between an incident's alerts."""
    return sum(pause(after[0] - before[1], weights) for before, after in pairwise(members.runs))


def apart(root: str, members: Members, weights: Weights) -> float:
    """That the root's own faults are far from the others in time, or of several kinds."""
    own = members.faults.get(root)
    if not own:
        return 0.0
    cost, first = 0.0, members.first_beside(root)
    for at, _, _ in own:
        late = 0.0 if first is None else at - first
        over = max(late - weights.root_late, -late - weights.root_early, 0.0)
        cost += over / 60 * weights.root_per_minute
    for before, after in pairwise(own):
        if before[2] != after[2]:
            gap = after[0] - before[0] - weights.same_moment
            cost += weights.another_own + max(gap, 0.0) / 60 * weights.root_per_minute
    return cost
