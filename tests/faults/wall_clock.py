"""A machine whose wall clock jumps, for processes that are started with `environment`. Needs a C compiler."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

_SOURCE = Path(__file__).with_name("skew.c")


class WallClock:
    """Right until it is `set`. What measures durations (the monotonic clock) is left alone, as in reality."""

    def __init__(self, folder: Path) -> None:
        """Raises: FileNotFoundError, CalledProcessError when there is no compiler that can."""
        library, self._offset = folder / "skew.so", folder / "clock"
        self.set(0)
        command = ["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(_SOURCE), "-ldl"]
        subprocess.run(command, check=True, capture_output=True)
        self.environment = {"LD_PRELOAD": str(library), "FAULTS_CLOCK": str(self._offset)}

    def set(self, ahead: int) -> None:
        """Seconds by which the clock is ahead; negative: behind."""
        with self._offset.open("r+b" if self._offset.exists() else "wb") as file:
            file.write(struct.pack("=q", ahead))
