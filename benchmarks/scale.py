"""What one machine carries, what breaks first, and how it grows: an hour, simulated second by second.

Fed with what the other benchmarks measured (benchmarks/results/*.md, as this checkout has them). Every
stage is a queue that serves in order at its measured rate; arrivals are random, with a storm in the middle
of the hour. Assumptions that are no measurements stand in `Hour` and are printed.
"""

from __future__ import annotations

import math
import random
import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from benchmarks.tables import RESULTS, Table

SECONDS = 3600
SEED = 7


@dataclass(frozen=True, slots=True)
class Hour:
    """`events` is what Sentry sends in it; a tenth of them come within one minute, the storm.

    `torn` is the share of services that open an incident of their own in the storm: 0 when it is one cascade
    and recognised as such, more when nothing says that they belong together.
    """

    services: int
    events: int
    torn: float = 0.0
    new_per_service_and_day: float = 0.5  # incidents that are not part of the storm
    copies: float = 0.9  # share of deliveries that tell nothing new
    model_seconds: float = 8.0  # a usual analysis; a worker waits for it
    slack_posts_per_incident: int = 3  # parent, report, analysis: one channel takes one message a second
    services_per_channel: int = 10

    @property
    def storm(self) -> int:
        return self.events // 10


@dataclass(frozen=True, slots=True)
class Rates:
    """What was measured: a second's worth of one process, and GitHub's points for an investigation."""

    web: float
    triage: float
    report_seconds: float
    github_points: float
    github_budget: float = 5000.0  # points an hour and credential, GitHub's rule


@dataclass(frozen=True, slots=True)
class Fleet:
    webs: int
    workers: int
    credentials: int


@dataclass
class Stage:
    """Serves `rate` a second in order of arrival; remembers how long the unluckiest waited."""

    rate: float
    burst: float = 0.0  # what it can take at once, unused so far
    waiting: deque[tuple[int, float]] = field(default_factory=deque)
    busy: float = 0.0
    worst: int = 0
    credit: float | None = None

    def add(self, second: int, amount: float) -> None:
        if amount:
            self.waiting.append((second, amount))

    def serve(self, second: int) -> float:
        """How much leaves in this second."""
        most = max(self.burst, self.rate)
        self.credit = most if self.credit is None else min(most, self.credit + self.rate)
        done = 0.0
        while self.waiting and self.credit > 1e-9:
            since, amount = self.waiting[0]
            taken = min(amount, self.credit)
            self.credit -= taken
            done += taken
            self.worst = max(self.worst, second - since)
            if taken == amount:
                self.waiting.popleft()
            else:
                self.waiting[0] = (since, amount - taken)
        self.busy += done
        return done

    def share(self) -> float:
        """Of what it can do in the hour."""
        return self.busy / (self.rate * SECONDS)


def simulate(hour: Hour, fleet: Fleet, rates: Rates, seed: int = SEED) -> Mapping[str, Stage]:
    """The stages after one hour. Pure, but for the seed."""
    chance = random.Random(seed)
    budget = fleet.credentials * rates.github_budget / rates.github_points
    channels = max(1.0, hour.services / hour.services_per_channel)
    stages = {
        "web": Stage(rates.web * fleet.webs),
        "triage": Stage(rates.triage),
        "workers": Stage(fleet.workers / (rates.report_seconds + hour.model_seconds), fleet.workers),
        "GitHub": Stage(budget / SECONDS, budget),  # an hour's worth, to be spent whenever
        "Slack": Stage(channels / hour.slack_posts_per_incident, channels),
    }
    quiet = (hour.events - hour.storm) / SECONDS
    opened = hour.services * hour.new_per_service_and_day / 24 / SECONDS
    for second in range(SECONDS):
        storm = hour.storm / 60 if SECONDS // 2 <= second < SECONDS // 2 + 60 else 0.0
        stages["web"].add(second, _random(chance, quiet) + storm)
        stages["triage"].add(second, stages["web"].serve(second))
        stages["triage"].serve(second)
        incidents = _random(chance, opened)
        if storm:
            incidents += max(1.0, hour.torn * hour.services) / 60
        for name in ("workers", "GitHub", "Slack"):
            stages[name].add(second, incidents)
            stages[name].serve(second)
    return stages


def _random(chance: random.Random, mean: float) -> float:
    """A second's arrivals: around the mean, as independent senders make them."""
    if mean > 50:
        return max(0.0, chance.gauss(mean, mean**0.5))
    limit, count, product = math.exp(-mean), 0, chance.random()
    while product > limit:
        count += 1
        product *= chance.random()
    return float(count)


def measured() -> Rates:
    """Read from the tables of this checkout."""
    intake, triage = _rows("intake"), _rows("triage_drain")
    thread, github = _rows("thread_latency"), _rows("github_requests")
    report = [row for row in thread if row[0] == "report posted"][-1]  # with GitHub's latency added
    return Rates(
        web=_number(next(row for row in intake if row[0].startswith("the real route"))[1]),
        triage=_number(next(row for row in triage if "other rules" in row[0])[1]),
        report_seconds=_number(report[2]) / 1000,
        github_points=_number(next(row for row in github if row[0] == "cold")[2]),
    )


def _rows(name: str) -> list[list[str]]:
    lines = (RESULTS / f"{name}.md").read_text().splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]


def _number(cell: str) -> float:
    return float(re.sub(r"[^0-9.]", "", cell))


async def measure() -> list[Table]:
    rates = measured()
    sizes = [(100, 10_000), (1_000, 100_000), (10_000, 1_000_000)]
    hours = [Hour(*size, torn=torn) for size in sizes for torn in (0.0, 0.03)]
    small, large = Fleet(1, 2, 1), Fleet(4, 24, 4)
    rows = [_row(hour, fleet, rates) for hour in hours for fleet in (small, large)]
    columns = (
        "services",
        "events an hour",
        "open an incident of their own in the storm",
        "web × worker × GitHub credential",
        *(f"{name}, busy / longest wait" for name in ("web", "triage", "workers", "GitHub", "Slack")),
        "nearest to its limit",
    )
    return [
        Table("An hour with a storm of a tenth of its events in one minute", columns, rows),
        Table("What it was fed with", ("", ""), list(_inputs(rates))),
    ]


def _row(hour: Hour, fleet: Fleet, rates: Rates) -> list[object]:
    stages = simulate(hour, fleet, rates)
    nearest = max(stages, key=lambda name: (stages[name].worst, stages[name].share()))
    return [
        f"{hour.services:,}",
        f"{hour.events:,}",
        f"{hour.torn:.0%}" if hour.torn else "none: one cascade",
        f"{fleet.webs} × {fleet.workers} × {fleet.credentials}",
        *(f"{stage.share():.1%} / {stage.worst} s" for stage in stages.values()),
        nearest,
    ]


def _inputs(rates: Rates) -> Iterable[tuple[str, str]]:
    some = Hour(1, 1)
    yield "accepted by one web, a second (intake)", f"{rates.web:.0f}"
    yield "decided by the one active triage, a second (triage_drain)", f"{rates.triage:.0f}"
    yield "a report, p95, seconds (thread_latency)", f"{rates.report_seconds:.2f}"
    yield "GitHub's points for a cold investigation (github_requests)", f"{rates.github_points:.0f}"
    yield "assumed: new incidents of a service a day", f"{some.new_per_service_and_day}"
    yield "assumed: seconds a worker waits for a model", f"{some.model_seconds}"
    yield "assumed: services that share a Slack channel", f"{some.services_per_channel}"
    yield "seed", str(SEED)
