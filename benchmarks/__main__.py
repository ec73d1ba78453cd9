"""`python -m benchmarks [name …]`: run the measurements and write their tables.

`soak` takes `--minutes`, and runs only when it is named.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from benchmarks import (
    analysis,
    github_requests,
    intake,
    intake_overhead,
    redaction,
    scale,
    slack_calls,
    soak,
    storm,
    thread_latency,
    triage_drain,
)
from benchmarks.tables import Table, write

BENCHMARKS: dict[str, tuple[str, Callable[[], Awaitable[list[Table]]]]] = {
    "analysis": ("Analyses when providers fail", analysis.measure),
    "github_requests": ("What an investigation costs GitHub", github_requests.measure),
    "intake": ("Accepting webhooks", intake.measure),
    "intake_overhead": ("What observing costs of accepting webhooks", intake_overhead.measure),
    "redaction": ("What redaction hides", redaction.measure),
    "scale": ("What it carries, by simulation", scale.measure),
    "slack_calls": ("Slack: calls and acknowledgements", slack_calls.measure),
    "storm": ("A storm through the whole program", storm.measure),
    "thread_latency": ("From webhook to thread", thread_latency.measure),
    "triage_drain": ("Emptying the inbox", triage_drain.measure),
}


async def main(names: list[str], minutes: float) -> None:
    known = BENCHMARKS | {"soak": ("Does anything grow?", partial(soak.measure, minutes))}
    for name in names or BENCHMARKS:
        what, measure = known[name]
        tables = await measure()
        for table in tables:
            print(table.markdown())
        by = f"`python -m benchmarks {name}`" if name == "soak" else "`make bench`"
        print(f"→ {write(name, what, tables, by=by)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--minutes", type=float, default=soak.MINUTES)
    given = parser.parse_args()
    if unknown := set(given.names) - {*BENCHMARKS, "soak"}:
        parser.error(
            f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}, soak"
        )
    asyncio.run(main(given.names, given.minutes))
