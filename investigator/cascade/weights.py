"""How much each kind of evidence counts, as natural logarithms of probabilities.

Fitted on generated streams by `python -m benchmarks.cascades.fit`; held-out figures are in
benchmarks/results/cascades.md.
"""

from __future__ import annotations

from typing import NamedTuple


class Weights(NamedTuple):
    """Costs are positive. See `hypotheses` for what each is of."""

    incident: float = 3.6  # that something fails at all
    unknown_node: float = 0.8  # and it is something no catalogue knows
    silent_root: float = 1.3  # a service fails and says nothing itself
    silent_between: float = 1.2  # a failing service on the way says nothing
    said_nothing_now: float = 0.8  # … although it has reported errors before
    said_other_things: float = 2.0  # … but reported something else at that time
    learned_edge: float = 0.4
    named_edge: float = 0.6  # an error names the callee, the catalogue knows no such edge
    no_edge: float = 4.8  # nothing says that it depends on what failed, in a catalogue without gaps
    no_edge_torn: float = 3.4  # … in one that has them
    no_catalog: float = 2.6
    names_it: float = 0.7  # a victim's error names the callee that failed
    names_another: float = 7.0  # … or names something else
    names_nobody: float = 0.8  # … or looks like a consequence
    looks_own: float = 5.2  # … or like a fault of its own
    root_looks_own: float = 0.15  # the root's error looks like a fault of its own
    root_names_nobody: float = 2.2
    root_names_another: float = 3.6
    callers_alpha: float = 2.4  # how many callers fail and say so: a beta distribution
    callers_beta: float = 1.6
    calm: float = 12.0  # seconds to the next alert of the same incident that cost nothing
    per_minute: float = 0.7  # what each further minute costs
    root_late: float = 75.0  # seconds that the root's own error may come after the first
    root_per_minute: float = 2.0
    another_own: float = 1.5  # that a root reports a second kind of fault of its own
    deployed: float = 1.6  # gained by a root whose release has just changed
    temperature: float = 1.2


WEIGHTS = Weights()
