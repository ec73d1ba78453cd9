"""How often roots that sent no alert of their own are named: where the rules differ most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.tables import Table
from investigator.evaluation.cascade_figures import CascadeVerdict
from investigator.evaluation.shares import share

COLUMNS = (
    "rule",
    "silent roots: top-1",
    "top-3",
    "silent roots that an alert names: top-1",
    "roots of several issues that an alert names or that sent one: top-1",
)


def table(
    name: str, verdicts: Mapping[str, Sequence[CascadeVerdict]], told: Mapping[str, frozenset[str]]
) -> Table:
    """`told`: id of the stream → its incidents whose root sends an alert or is named in one."""
    return Table(
        f"{name}: roots that sent no alert of their own",
        COLUMNS,
        [(rule, *_shares(each, told)) for rule, each in verdicts.items()],
    )


def _shares(verdicts: Sequence[CascadeVerdict], told: Mapping[str, frozenset[str]]) -> tuple[object, ...]:
    rooted = [
        (each, each.incident in told[one.id]) for one in verdicts for each in one.incidents if each.root
    ]
    silent = [(each, named) for each, named in rooted if each.silent]
    return (
        share(each.rank == 1 for each, _ in silent),
        share(each.rank is not None and each.rank <= 3 for each, _ in silent),
        share(each.rank == 1 for each, named in silent if named),
        share(each.rank == 1 for each, named in rooted if named and each.issues > 1),
    )
