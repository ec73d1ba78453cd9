"""`python -m benchmarks [name …]`: run the measurements and write their tables."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

from benchmarks import (
    analysis,
    github_requests,
    intake,
    intake_overhead,
    redaction,
    scale,
    slack_calls,
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


async def main(names: list[str]) -> None:
    for name in names or BENCHMARKS:
        what, measure = BENCHMARKS[name]
        tables = await measure()
        for table in tables:
            print(table.markdown())
        print(f"→ {write(name, what, tables)}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
