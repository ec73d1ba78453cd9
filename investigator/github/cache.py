"""What GitHub answered, shared by all workers in the store.

Without the store there is no cache, and never an error: every answer can be had from GitHub again.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from redis.exceptions import LockError
from redis.lock import Lock

from investigator import keys
from investigator.github.cache_policy import REVALIDATED, SUBJECTS, TURN_SECONDS, Keep, Subject
from investigator.github.shared import Shared
from investigator.github.webhooks import recorded
from investigator.models.evidence import Deploy
from investigator.store import decoded

log = structlog.get_logger(__name__)

MAX_BYTES = 1024 * 1024  # of one entry, compressed
MAX_RAW_BYTES = 16 * MAX_BYTES  # what is worth compressing to find out
ASKING_SECONDS = 10.0  # GitHub itself gives up then; a worker that died holds others up no longer

Turns = Mapping[Subject, str]  # which webhook was the last to tell of it


@dataclass(frozen=True, slots=True)
class Entry:
    """`etag` was given to the token with the fingerprint `by`, which may confirm an entry no longer fresh."""

    value: Any
    fresh: bool = True
    etag: str | None = None
    by: str | None = None


class Cache:
    """Entries belong to a repository and to the `scope` (whose permissions) under which they were read.

    Blocking: to be called in a worker thread. Several threads may use it at once.
    """

    def __init__(self, shared: Shared, *, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives seconds since 1970."""
        self._shared = shared
        self._store = shared.store
        self._clock = clock

    def read(
        self, repository: str, scopes: Sequence[str], names: Sequence[str]
    ) -> tuple[dict[str, Entry], Turns]:
        """The entries there are, by name, of the first scope that has each; in one round trip.

        The turns are to be handed to `write` with whatever is asked of GitHub after this.
        """
        places = [keys.github_cache(repository, scope, name) for scope in scopes for name in names]
        turns_at = [keys.github_turn(repository, subject) for subject in SUBJECTS]
        raw: Any = self._shared.ask(lambda: self._store.mget([*turns_at, *places]), None)
        if raw is None:
            return {}, {}
        said = raw[: len(SUBJECTS)]
        turns = {subject: decoded(turn) for subject, turn in zip(SUBJECTS, said, strict=True) if turn}
        found: dict[str, Entry] = {}
        wanted = [name for _ in scopes for name in names]
        for name, packed in zip(wanted, raw[len(SUBJECTS) :], strict=True):
            entry = self._entry(packed, turns) if packed and name not in found else None
            if entry:
                found[name] = entry
        return found, turns

    def write(
        self,
        repository: str,
        scope: str,
        values: Mapping[str, tuple[Any, Keep]],
        turns: Turns,
        *,
        etag: str | None = None,
        by: str | None = None,
    ) -> None:
        """Keep `values` by name, as long as they hold; what is too large is not kept.

        With an `etag` they are kept longer, to be confirmed.
        """
        packed = {name: self._packed(value, keep, turns, etag, by) for name, (value, keep) in values.items()}

        def send() -> None:
            with self._store.pipeline(transaction=False) as pipe:
                for name, data in packed.items():
                    seconds = max(values[name][1].seconds, REVALIDATED if etag else 0)
                    if data:
                        pipe.set(keys.github_cache(repository, scope, name), data, ex=seconds)
                pipe.execute()

        self._shared.ask(send, None)

    def forget(self, repository: str, subjects: Iterable[Subject], turn: str) -> None:
        """From now on nothing holds that was read before, of these subjects; `turn` names this moment."""

        def send() -> None:
            with self._store.pipeline(transaction=False) as pipe:
                for subject in subjects:
                    pipe.set(keys.github_turn(repository, subject), turn, ex=TURN_SECONDS)
                pipe.execute()

        self._shared.ask(send, None)

    def deploys(self, repository: str) -> tuple[Deploy, ...]:
        """Those that webhooks told of, newest first."""
        raw: Any = self._shared.ask(lambda: self._store.lrange(keys.deploys(repository), 0, -1), None)
        return recorded(raw or ())

    def asking(self, repository: str, what: str) -> Lock:
        """To be held by the one worker that asks GitHub for something others want as well."""
        return Lock(self._store, keys.github_asking(repository, what), timeout=ASKING_SECONDS)

    def take(self, lock: Lock) -> bool:
        """True also without the store: then nobody need wait for anybody."""
        return bool(self._shared.ask(lambda: lock.acquire(blocking=False), True))

    def give_back(self, lock: Lock) -> None:
        def release() -> None:
            try:
                lock.release()
            except LockError:
                log.info("github_answer_came_late")  # it took so long that others no longer waited

        if lock.local.token:
            self._shared.ask(release, None)

    def _packed(self, value: Any, keep: Keep, turns: Turns, etag: str | None, by: str | None) -> bytes | None:
        until = keep.until
        entry = {
            "value": value,
            "fresh_until": self._clock() + keep.seconds,
            "subject": until,
            "turn": turns.get(until) if until else None,
            "etag": etag,
            "by": by,
        }
        whole = json.dumps(entry, separators=(",", ":")).encode()
        packed = zlib.compress(whole, 1) if len(whole) <= MAX_RAW_BYTES else None
        return packed if packed and len(packed) <= MAX_BYTES else None

    def _entry(self, packed: bytes, turns: Turns) -> Entry | None:
        try:
            whole = json.loads(zlib.decompress(packed))
            subject = whole["subject"]
            current = subject is None or turns.get(subject) == whole["turn"]
            fresh = current and self._clock() < whole["fresh_until"]
            entry = Entry(whole["value"], fresh, whole["etag"], whole["by"])
        except (zlib.error, ValueError, KeyError, TypeError):
            return None  # another version of this program wrote it
        return entry if entry.fresh or entry.etag else None
