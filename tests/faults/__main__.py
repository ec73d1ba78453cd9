"""`python -m tests.faults [NAME …]`: play every fault on the whole program, and write docs/faults.md.

Exit 1 if a promise broke. Only a run of all faults is written down.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.observing import Row, observe
from tests.faults.plays import FAULTS, Fault
from tests.faults.stage import stage

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
AT_ONCE = 3


async def main(names: Sequence[str], at_once: int) -> int:
    wanted = [fault for fault in FAULTS if not names or fault.name in names]
    if unknown := set(names) - {fault.name for fault in FAULTS}:
        print(f"no such fault: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    turns = asyncio.Semaphore(at_once)
    rows = await asyncio.gather(*(_play(fault, turns) for fault in wanted))
    if not names:
        PAGE.write_text(page(rows))
    return int(any(row.failed for row in rows))


async def _play(fault: Fault, turns: asyncio.Semaphore) -> Row:
    async with turns:
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            async with stage(Path(folder), **fault.environment) as built:
                row = await observe(fault, built)
    print(_line(row), flush=True)
    return row


def page(rows: Sequence[Row]) -> str:
    head = (
        "# What happens in each fault\n\n"
        f"Written by `make faults` on {datetime.now(UTC):%Y-%m-%d}: one web, two triages, a worker, a clock, "
        "the sandbox's Slack, Sentry, GitHub, models and pagers. One webhook is sent into each fault. Times "
        "are seconds; a page waits 30 s on purpose, and is over 60 s after what it was about "
        "([operations.md](operations.md) says what to do).\n\n"
        "| fault | the sender got | thread meanwhile | what people read | paged | lost | afterwards |\n"
        "|---|---|---|---|---|---|---|\n"
    )
    return head + "".join(f"{_cells(row)}\n" for row in rows)


def _cells(row: Row) -> str:
    answer = f"{row.answer} in {row.answer_seconds:.2f} s" if row.answer.isdigit() else "no connection"
    thread = (
        f"whole after {row.report} s"
        if row.report
        else (f"parent after {row.parent} s" if row.parent else "waits")
    )
    paged = f"`{row.paged}` after {row.paged_seconds:.0f} s" if row.paged and row.paged_seconds else "nobody"
    after = "" if row.report else f"thread whole after {row.whole_again} s"
    if row.page_resolved:
        after += f"{'; ' if after else ''}page resolved after {row.page_resolved:.0f} s"
    read = "; ".join(row.degraded) or "–"
    cells = (row.name, answer, thread, read.replace("|", "/"), paged, row.lost or "nothing", after or "–")
    return f"| {' | '.join(map(str, cells))} |"


def _line(row: Row) -> str:
    return f"{'FAILED ' + '; '.join(row.failed) if row.failed else 'ok':8} {_cells(row)}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these faults")
    parser.add_argument("--at-once", type=int, default=AT_ONCE)
    given = parser.parse_args()
    sys.exit(asyncio.run(main(given.names, given.at_once)))
