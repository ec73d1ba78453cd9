"""A disk for one folder, which can be full. Needs root, as mounting does."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOMY = 3 * 1024**3  # bytes that nobody is to be warned about; they are taken as they are used
LEFT = 16 * 1024


class Disk:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def mounted(self) -> Iterator[None]:
        """Raises: CalledProcessError without the right to mount."""
        self._folder.mkdir()
        self._mount(f"size={ROOMY}")
        try:
            yield
        finally:
            subprocess.run(["umount", "--lazy", str(self._folder)], check=True)

    def fill(self) -> None:
        """Nothing more than a few kilobytes fits on it."""
        found = os.statvfs(self._folder)
        self._mount(f"remount,size={(found.f_blocks - found.f_bfree) * found.f_frsize + LEFT}")

    def clear(self) -> None:
        self._mount(f"remount,size={ROOMY}")

    def _mount(self, options: str) -> None:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self._folder)], check=True)
