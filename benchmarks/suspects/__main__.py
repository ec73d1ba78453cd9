"""`python -m benchmarks.suspects [rounds]`: more cases for each kind and language than `make bench` has."""

from __future__ import annotations

import sys

from benchmarks.suspects.measure import tables

if __name__ == "__main__":
    for table in tables(rounds=int(sys.argv[1]) if len(sys.argv) > 1 else 2):
        print(table.markdown())
