"""How much each kind of evidence counts, as natural logarithms of probabilities.

Chosen on generated streams (benchmarks/cascades): by a search on seeds 100 to 129, shrunk by hand, then
changed for failures seen on seeds below 1060; how often stores fail and services are silent by a search on
seeds 0 to 99, shrunk again; what a pause costs on seeds 9000 to 9299. benchmarks/results/cascades.md has
figures of other seeds.
"""

from __future__ import annotations

from typing import NamedTuple


class Weights(NamedTuple):
    """Costs are positive. See `hypotheses` for what each is of."""

    incident: float = 3.0  # that something fails at all
    unknown_node: float = 0.8  # and it is something no catalogue knows
    infrastructure: float = 1.2  # gained by stores and brokers: they fail more often, or are felt more
    silent_root: float = 1.2  # a service fails and says nothing itself
    silent_between: float = 0.9  # a failing service on the way says nothing
    said_nothing_now: float = 0.8  # … although it has reported errors before
    said_other_things: float = 2.0  # … but reported something else at that time
    learned_edge: float = 0.4
    named_edge: float = 0.4  # an error names the callee, the catalogue knows no such edge
    no_edge: float = 4.8  # nothing says that it depends on what failed, in a catalogue without gaps
    no_edge_torn: float = 2.6  # … in one that has them
    no_catalog: float = 3.0
    entering_calm: float = 20.0  # seconds that make it e times less likely to have come of another incident
    names_it: float = 0.7  # a victim's error names the callee that failed
    names_another: float = 9.0  # … or names something else
    names_nobody: float = 1.0  # … or looks like a consequence
    looks_own: float = 5.0  # … or like a fault of its own
    root_looks_own: float = 0.12  # the root's error looks like a fault of its own
    root_names_nobody: float = 2.6
    root_names_another: float = 5.0
    callers_alpha: float = 2.7  # how many callers fail and say so: a beta distribution
    callers_beta: float = 2.0
    calm: float = 12.0  # seconds to the next alert of the same incident that cost nothing
    pause: float = 5.0  # what a longer one costs, times the logarithm of …
    pause_scale: float = 100.0  # … 1 and how many times these seconds it goes on: the pace is unknown
    root_late: float = 62.0  # seconds that the root's own error may come after the first of its victims'
    root_early: float = 30.0  # … or before it
    root_per_minute: float = 2.5
    another_own: float = 1.5  # that a root reports another kind of fault of its own
    same_moment: float = 15.0  # seconds between two such that cost nothing
    nobody_minds: float = 0.8  # that no caller fails
    deployed: float = 1.6  # gained by a root whose release has just changed
    margin: float = 0.65  # what two incidents must be likelier to be one
    temperature: float = 1.3


WEIGHTS = Weights()
