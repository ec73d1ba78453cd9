"""What workers tell each other about credentials: which rest, which were refused, what budget is left."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import redis

from investigator import keys
from investigator.github.choice import Standing
from investigator.github.shared import Shared
from investigator.store import decoded

KEPT_SECONDS = 2 * 3600  # GitHub's limits are reset every hour


class Standings:
    """In the store, so that all workers see them; without it, this process at least remembers its own."""

    def __init__(self, shared: Shared | None = None) -> None:
        self._shared = shared
        self._lock = threading.Lock()
        self._own: dict[str, dict[str, str]] = {}

    def read(self, fingerprints: Sequence[str]) -> dict[str, Standing]:
        """By fingerprint, in one round trip."""
        shared = self._shared
        told = shared.ask(lambda: _told(shared.store, fingerprints), None) if shared else None
        with self._lock:
            return {
                name: Standing(self._own.get(name, {}) | (told or {}).get(name, {})) for name in fingerprints
            }

    def note(self, fingerprint: str, notes: Mapping[str, str]) -> None:
        with self._lock:
            self._own.setdefault(fingerprint, {}).update(notes)
        if shared := self._shared:
            shared.ask(lambda: _tell(shared.store, fingerprint, notes), None)


def _told(store: redis.Redis, fingerprints: Sequence[str]) -> dict[str, dict[str, str]]:
    with store.pipeline(transaction=False) as pipe:
        for name in fingerprints:
            pipe.hgetall(keys.github_credential(name))
        answers: list[Any] = pipe.execute()
    return {
        name: {decoded(note): decoded(value) for note, value in notes.items()}
        for name, notes in zip(fingerprints, answers, strict=True)
    }


def _tell(store: redis.Redis, fingerprint: str, notes: Mapping[str, str]) -> None:
    key = keys.github_credential(fingerprint)
    with store.pipeline(transaction=False) as pipe:
        for note, value in notes.items():
            pipe.hset(key, note, value)
        pipe.expire(key, KEPT_SECONDS)
        pipe.execute()
