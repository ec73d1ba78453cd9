"""Generated cases: a repository, a crash, and the commit that caused it (or none did)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.suspects import histories
from benchmarks.suspects.dialects import DIALECTS, Dialect
from benchmarks.suspects.faults import FAULTS, OUTAGES, SETTINGS, Fault, Injected, Step, Unsuited
from benchmarks.suspects.histories import Entry
from benchmarks.suspects.noise import innocent
from benchmarks.suspects.programs import FIELDS, Program, program
from investigator.models.sentry import Frame, SentryEvent, SentryException

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
KINDS = (*FAULTS, "outage", "data", "older fault")


@dataclass(frozen=True)
class Case:
    """`truth` is empty when no commit of the range is the cause. `held_out` cases are never tuned on."""

    id: str
    kind: str
    language: str
    held_out: bool
    repository: Path
    base: str
    head: str
    event: SentryEvent
    truth: frozenset[str]


def generate(folder: Path, *, rounds: int = 1) -> Iterator[Case]:
    """One case for each kind and dialect, `rounds` times over, repositories under `folder`."""
    for number in range(rounds):
        for kind in KINDS:
            for dialect in DIALECTS:
                seed = f"{kind}/{dialect.name}/{number}"
                yield _case(folder / seed.replace(" ", "-").replace("/", "-"), kind, dialect, seed)


def _case(repository: Path, kind: str, dialect: Dialect, seed: str) -> Case:
    for attempt in range(50):
        rng = random.Random(f"{seed}/{attempt}")  # reproducible, nothing secret
        try:
            return _Story(kind, dialect, rng).tell(repository, seed)
        except Unsuited:
            continue
    raise AssertionError(f"no program suits {seed}")


class _Story:
    def __init__(self, kind: str, dialect: Dialect, rng: random.Random) -> None:
        self.kind, self.rng = kind, rng
        self.program: Program = program(dialect, rng)
        settings = "".join(f"{one.replace(' ', '_')}: 1\n" for one in FIELDS)
        self.beside = {
            "config/network.yml": SETTINGS,
            "config/shop.yml": settings,
        }
        self.entries: list[Entry] = []

    def tell(self, repository: Path, seed: str) -> Case:
        rng = self.rng
        before, after = rng.randint(8, 25), rng.randint(5, 25)
        self._commit("Start the shop")
        older = self._inject(rng.choice(list(FAULTS.values()))) if self.kind == "older fault" else None
        base = len(self.entries) - 1
        self._quiet(before)
        injected = older or (self._inject(FAULTS[self.kind]) if self.kind in FAULTS else None)
        culprit = len(self.entries) - 1
        self._quiet(after)
        event = self._event(injected)
        shas = histories.write(repository, self.entries)
        truth = frozenset({shas[culprit]} if self.kind in FAULTS else ())
        held_out = rng.random() < 0.5
        head = histories.head(repository)
        return Case(
            seed, self.kind, self.program.dialect.name, held_out, repository, shas[base], head, event, truth
        )

    def _commit(self, message: str) -> None:
        at = START + timedelta(minutes=95) * len(self.entries)
        tree = {**self.program.files(), **self.beside, self.program.dialect.manifest: self.program.manifest}
        self.entries.append(Entry(message, at, tree, merged=self.rng.random() < 0.2))

    def _quiet(self, number: int) -> None:
        format_at = self.rng.randrange(number) if self.rng.random() < 0.15 and not self.program.style else -1
        for index in range(number):
            if index == format_at:
                self.program.style = 1
                self._commit("Format the code")
                continue
            done = innocent(self.program, self.rng, 100 + len(self.entries))
            self.beside.update({path: text for path, text in done.files.items() if text is not None})
            self._commit(done.message)

    def _inject(self, fault: Fault) -> Injected:
        done = fault(self.program, self.rng)
        for path, text in done.files.items():
            if text is None:
                self.beside.pop(path, None)
            else:
                self.beside[path] = text
        self._commit(done.message)
        return done

    def _event(self, injected: Injected | None) -> SentryEvent:
        at = self.entries[-1].at + timedelta(minutes=self.rng.randint(5, 300))
        if injected is None:
            crash = self._anywhere()
            kind, value = self._outage() if self.kind == "outage" else self._worded("value", {"number": "0"})
            injected = Injected("", crash, "")
        elif injected.error == "timeout":
            kind, value = "TimeoutError", "read timed out after 1s"
        else:
            kind, value = self._worded(injected.error, injected.names)
        frames = [self._frame(step) for step in self._trace(injected.crash)]
        if injected.library:
            frames.append(
                Frame(
                    filename=f"site-packages/{injected.library}/codec.py",
                    function="decode",
                    line=88,
                    in_app=False,
                )
            )
        error = SentryException(type=kind, value=value, frames=tuple(frames))
        return SentryEvent(event_id="1", title=f"{kind}: {value}", exceptions=(error,), occurred_at=at)

    def _outage(self) -> tuple[str, str]:
        return self.rng.choice(OUTAGES)

    def _worded(self, error: str, names: dict[str, str]) -> tuple[str, str]:
        d = self.program.dialect
        kind, value = d.errors[error]
        spelled = {
            key: word if key == "number" or error == "column" else d.spell(word)
            for key, word in names.items()
        }
        return kind, value.format(**{"function": "", "thing": "", "name": "", **spelled})

    def _anywhere(self) -> Step:
        functions = [one for module in self.program.modules.values() for one in module.settled]
        return self.rng.choice(functions).name, "amount"

    def _trace(self, crash: Step) -> list[Step]:
        """Calls from the outside in, down to `crash`."""
        trace = [crash]
        while len(trace) < 6:
            callers = [
                (function.name, one.target)
                for module in self.program.modules.values()
                for function in module.functions
                for one in function.body
                if one.kind == "call" and one.name == trace[0][0]
            ]
            if not callers:
                break
            trace.insert(0, self.rng.choice(callers))
        return trace

    def _frame(self, step: Step) -> Frame:
        module, function = self.program.find(step[0])
        path = self.program.path(module)
        line = self.program.render(module)[1][step]
        name = self.program.dialect.spell(function.name)
        return Frame(filename=path, abs_path=f"/srv/{path}", function=name, line=line, in_app=True)
