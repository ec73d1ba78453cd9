"""The secrets that senders may use: those of now, and for a while those they replaced."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import overload

OVERLAP_SECONDS = 300.0


class TrustedSecrets(Sequence[str]):
    """A sequence that `renew` changes. A sender and a file are never changed at the same instant, so what was
    replaced is believed for `overlap` seconds more."""

    def __init__(
        self,
        secrets: Iterable[str],
        *,
        overlap: float = OVERLAP_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = tuple(secrets)
        self._until: dict[str, float] = {}
        self._overlap = overlap
        self._clock = clock

    def renew(self, secrets: Iterable[str]) -> None:
        """Believe these from now on. With none there is nothing left to believe, the old ones included."""
        before, self._now = self._now, tuple(secrets)
        end = self._clock() + self._overlap
        replaced = self._until | dict.fromkeys(before, end)
        self._until = {secret: end for secret, end in replaced.items() if secret not in self._now}
        if not self._now:
            self._until.clear()

    def _all(self) -> tuple[str, ...]:
        now = self._clock()
        return (*self._now, *(secret for secret, end in self._until.items() if now < end))

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return self._all()[index]
