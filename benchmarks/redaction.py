"""How many planted secrets are hidden, and how many innocent lines are touched.

The baseline knows the ten tokens most often looked for, by their published patterns: what a list of patterns
without a second look reaches on the same texts. The first lists are what the rules were tuned to: they show
what these cover. How they do elsewhere was shown by the last one when it was first tried.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.tables import Table
from investigator.redaction import Vault, redact
from tests.fixtures.held_out import INNOCENT, held_out
from tests.fixtures.innocents import innocent_lines
from tests.fixtures.later_lists import LISTS, later_innocents, later_secrets
from tests.fixtures.secrets import Planted, leaks, planted

Hide = Callable[[str], str]

COMMON = re.compile(
    r"AKIA[0-9A-Z]{16}|gh[pousr]_\w{36}|glpat-[\w-]{20}|xox[abprs]-[\w-]{10,}|sk_live_\w{24,}|AIza[\w-]{35}"
    r"|SG\.[\w-]{22}\.[\w-]{43}|npm_\w{36}|eyJ[\w-]+\.[\w-]+\.[\w-]+|://[^\s:/]+:[^\s@/]+@"
)


COLUMNS = ("", "secrets", "kinds", "hidden", "innocent lines", "touched", "µs per 100 characters")
# Each was written and tried before rules were added for what it showed: then so much was hidden, and so many
# lines were touched. The last one was tried after the rules for the first two had been added.
AT_FIRST = {"held out": ("71.8%", 2), "first": ("86.7%", 8), "second": ("78.7%", 2), "third": ("88.7%", 1)}


@dataclass(frozen=True)
class Figures:
    """`missed`: secrets of which something can still be read. `touched`: innocent lines that were changed."""

    secrets: int
    kinds: int
    missed: tuple[Planted, ...]
    lines: int
    touched: tuple[str, ...]
    seconds: float
    characters: int

    @property
    def recall(self) -> float:
        return 1 - len(self.missed) / self.secrets

    @property
    def false_positives(self) -> float:
        return len(self.touched) / self.lines


def credentials_hidden(text: str) -> str:
    return redact(text, Vault(), emails=False, ips=False)


def all_hidden(text: str) -> str:
    return redact(text, Vault())


def common_hidden(text: str) -> str:
    return COMMON.sub("[]", text)


def figures(hide: Hide, secrets: Sequence[Planted], lines: Sequence[str]) -> Figures:
    started = time.process_time()
    missed = tuple(each for each in secrets if leaks(each.secret, hide(each.text)))
    touched = tuple(line for line in lines if hide(line) != line)
    return Figures(
        secrets=len(secrets),
        kinds=len({each.kind for each in secrets}),
        missed=missed,
        lines=len(lines),
        touched=touched,
        seconds=time.process_time() - started,
        characters=sum(map(len, lines)) + sum(len(each.text) for each in secrets),
    )


async def measure() -> list[Table]:
    secrets, lines = planted(seed=11), innocent_lines(seed=11)
    ways = (("baseline", common_hidden), ("credentials", credentials_hidden), ("all", all_hidden))
    return [
        Table(
            title="Secrets hidden, innocent lines touched",
            columns=COLUMNS,
            rows=[_row(name, figures(hide, secrets, lines)) for name, hide in ways],
        ),
        _by_place(secrets),
        _later(),
    ]


def _row(name: str, found: Figures) -> tuple[object, ...]:
    speed = found.seconds / found.characters * 1e8
    hidden, touched = f"{found.recall:.1%}", f"{len(found.touched)} ({found.false_positives:.2%})"
    return name, found.secrets, found.kinds, hidden, found.lines, touched, f"{speed:.0f}"


def _later() -> Table:
    lists = [("held out", held_out(), INNOCENT)]
    lists += [(name, later_secrets(name), later_innocents(name)) for name in LISTS]
    return Table(
        title="Lists written afterwards, when they were first tried and now",
        columns=(
            "",
            "secrets",
            "kinds",
            "baseline hides",
            "hidden at first",
            "hidden",
            "innocent lines",
            "touched at first",
            "touched",
        ),
        rows=[_later_row(*one) for one in lists],
    )


def _later_row(name: str, secrets: Sequence[Planted], lines: Sequence[str]) -> tuple[object, ...]:
    common, now = figures(common_hidden, secrets, lines), figures(all_hidden, secrets, lines)
    hidden, touched = AT_FIRST[name]
    counted = now.secrets, now.kinds, f"{common.recall:.1%}", hidden, f"{now.recall:.1%}"
    return name, *counted, now.lines, touched, len(now.touched)


def _by_place(secrets: Iterable[Planted]) -> Table:
    planted_in: Counter[str] = Counter()
    hidden_in: dict[str, list[int]] = {}
    for each in secrets:
        planted_in[each.place] += 1
        ways = (common_hidden, credentials_hidden)
        counts = hidden_in.setdefault(each.place, [0, 0])
        for at, hide in enumerate(ways):
            counts[at] += not leaks(each.secret, hide(each.text))
    return Table(
        title="Where they stood",
        columns=("", "secrets", "baseline hides", "credentials hides"),
        rows=[(place, planted_in[place], *hidden_in[place]) for place in sorted(planted_in)],
    )
