"""`python -m benchmarks.cascades.write DIR [streams] [setting …]`: cases of `pilot eval cascades` as files.

Writes DIR/cases.jsonl, and beside it the deliveries and the catalogue of each stream. Seeds are the numbers
in the ids: always the same streams.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cascades.generate import Case, generate
from benchmarks.cascades.settings import SETTINGS


def write(folder: Path, streams: int, names: Sequence[str] = ()) -> Path:
    """The file of cases of the named settings, or of all."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "cases.jsonl"
    with path.open("w") as file:
        for name in names or SETTINGS:
            for case in generate(SETTINGS[name], range(streams)):
                file.write(json.dumps(_written(case, folder)) + "\n")
    return path


def _written(case: Case, folder: Path) -> dict[str, object]:
    stem = "".join(letter if letter.isalnum() else "_" for letter in case.id)
    (folder / f"{stem}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in case.lines))
    if case.catalog is not None:
        (folder / f"{stem}.yml").write_text(case.catalog)
    return {
        "id": case.id,
        "deliveries": f"{stem}.jsonl",
        "catalog": f"{stem}.yml" if case.catalog is not None else None,
        "truth": case.truth,
    }


if __name__ == "__main__":
    print(write(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 20, sys.argv[3:]))
