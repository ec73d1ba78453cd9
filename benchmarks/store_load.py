"""Keeps a store busy, in a process of its own: `python -m benchmarks.store_load URL`, until it is ended."""

from __future__ import annotations

import sys

from investigator.store import connect_sync

WRITES = 200  # at once
VALUE = "x" * 1000


def main(url: str) -> None:
    with connect_sync(url) as store:
        while True:
            pipe = store.pipeline(transaction=False)
            for number in range(WRITES):
                pipe.set(f"bench:{number}", VALUE)
            pipe.execute()


if __name__ == "__main__":
    main(sys.argv[1])
