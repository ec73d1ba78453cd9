"""Result tables as Markdown files in results/."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Table:
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]

    def markdown(self) -> str:
        lines = [self.columns, ["---"] * len(self.columns), *self.rows]
        body = "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
        return f"## {self.title}\n\n{body}\n"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"


def write(name: str, what: str, tables: Sequence[Table], *, by: str = "`make bench`") -> Path:
    """Replace results/<name>.md; the head says when and on what it was measured."""
    head = (
        f"# {what}\n\nMeasured {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, by {by}. "
        "Machines differ: the ratios are what to compare.\n"
    )
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.md"
    path.write_text("\n".join([head, *(table.markdown() for table in tables)]))
    return path
