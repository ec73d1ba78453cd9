"""`python -m benchmarks.suspects [rounds]`: the ranking alone on generated cases, while tuning it."""

from __future__ import annotations

import sys

from benchmarks.suspects.measure import tables

if __name__ == "__main__":
    for table in tables(rounds=int(sys.argv[1]) if len(sys.argv) > 1 else 2):
        print(table.markdown())
