"""`python -m tests.faults [NAME …]`: play every fault on the whole program, and write docs/faults.md.

Exit 1 if a promise broke. Only a run of all faults is written down.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.faults.observing import Row, observe
from tests.faults.table import FAULTS, Fault

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
AT_ONCE = 4  # they wait most of the time


async def main(names: Sequence[str], at_once: int, *, keep: bool) -> int:
    wanted = [fault for fault in FAULTS if not names or fault.name in names]
    if unknown := set(names) - {fault.name for fault in FAULTS}:
        print(f"no such fault: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    turns = asyncio.Semaphore(at_once)
    longest_first = sorted(wanted, key=lambda fault: fault.pages is None)
    rows = await asyncio.gather(*(_play(fault, turns, keep=keep) for fault in longest_first))
    if not names:
        PAGE.write_text(page(sorted(rows, key=lambda row: [fault.name for fault in FAULTS].index(row.name))))
    return int(any(row.failed for row in rows))


async def _play(fault: Fault[Any], turns: asyncio.Semaphore, *, keep: bool) -> Row:
    """What was seen; a play that breaks down is a row that says so."""
    async with turns:
        with _folder(fault, keep=keep) as folder:
            try:
                async with fault.on(folder) as built:
                    row = await observe(fault, built)
            except Exception as error:
                row = Row(fault.name, failed=(f"the play broke down: {error!r}",))
    print(_line(row), flush=True)
    return row


@contextmanager
def _folder(fault: Fault[Any], *, keep: bool) -> Iterator[Path]:
    folder = tempfile.mkdtemp(prefix="faults-")
    try:
        yield Path(folder)
    finally:
        if keep:
            print(f"         {fault.name}: see {folder}", flush=True)
        else:
            shutil.rmtree(folder)


def page(rows: Sequence[Row]) -> str:
    head = (
        "# What happens in each fault\n\n"
        f"Written by `make faults` on {datetime.now(UTC):%Y-%m-%d}: one web, two triages, a worker, a clock, "
        "the sandbox's Slack, Sentry, GitHub, models and pagers; the lost region is one of two. One webhook "
        "is sent into each fault. Times are seconds; a page waits 30 s on purpose, and is over 60 s after "
        "what it was about ([operations.md](operations.md) says what to do).\n\n"
        "| fault | the sender got | thread meanwhile | what people read | paged | lost | afterwards |\n"
        "|---|---|---|---|---|---|---|\n"
    )
    return head + "".join(f"{_cells(row)}\n" for row in rows)


def _cells(row: Row) -> str:
    answer = f"{row.answer} in {row.answer_seconds:.2f} s" if row.answer.isdigit() else row.answer
    thread = (
        f"whole after {row.report} s"
        if row.report
        else (f"parent after {row.parent} s" if row.parent else "waits")
    )
    paged = f"`{row.paged}` after {row.paged_seconds:.0f} s" if row.paged and row.paged_seconds else "nobody"
    after = [f"**FAILED**: {failure}" for failure in row.failed]
    if row.whole_again is not None and not row.report:
        after.append(f"thread whole after {row.whole_again} s")
    if row.page_resolved:
        after.append(f"page resolved after {row.page_resolved:.0f} s")
    read = "; ".join(row.degraded) or "–"
    cells = (row.name, answer, thread, read, paged, row.lost or "nothing", "; ".join(after) or "–")
    return f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |"


def _line(row: Row) -> str:
    return f"{'FAILED' if row.failed else 'ok':8} {_cells(row)}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these faults")
    parser.add_argument("--at-once", type=int, default=AT_ONCE)
    parser.add_argument("--keep", action="store_true", help="leave logs and stores where they are")
    given = parser.parse_args()
    sys.exit(asyncio.run(main(given.names, given.at_once, keep=given.keep)))
