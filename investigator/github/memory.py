"""What is known of a repository already: by this piece of work, or by any worker through the cache."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from investigator.deadline import Deadline
from investigator.github.cache import Cache, Entry, Turns
from investigator.github.cache_policy import Keep, digest
from investigator.github.tally import Tally
from investigator.models.evidence import Deploy

WAIT_SECONDS = 3.0  # for another worker's answer; then it is asked for a second time
POLL_SECONDS = 0.03


@dataclass(slots=True)
class Question:
    """`known` is what need not be asked, by name; `stale` what may be confirmed by its ETag."""

    known: dict[str, Any] = field(default_factory=dict)
    stale: dict[str, Entry] = field(default_factory=dict)
    turns: Turns = field(default_factory=dict)


class Memory:
    """One per piece of work. Blocking; several threads may use it at once."""

    def __init__(
        self,
        repository: str,
        scopes: Callable[[], Sequence[str]],
        deadline: Deadline,
        cache: Cache | None,
        tally: Tally,
    ) -> None:
        """`scopes` tells under whose permissions entries may be read now."""
        self._repository = repository
        self._scopes = scopes
        self._deadline = deadline
        self._cache = cache
        self._tally = tally
        self._own: dict[str, Any] = {}

    @contextmanager
    def question(self, what: str, names: Sequence[str]) -> Iterator[Question]:
        """What is known of `names`. If that is not all, nobody else asks for `what` until the end of this.

        Another worker that is asking already is waited for, but not for long.
        """
        question = Question()
        self._recall(question, names)
        if self._cache is None or len(question.known) == len(names):
            self._count(question, names)
            yield question
            return
        lock = self._cache.asking(self._repository, digest(what, *self._scopes()))
        until = time.monotonic() + min(WAIT_SECONDS, self._deadline.left() / 2)
        while not self._cache.take(lock) and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
        try:
            self._recall(question, names)  # what another worker asked for has come by now
            self._count(question, names)
            yield question
        finally:
            self._cache.give_back(lock)

    def keep(
        self,
        scope: str,
        values: Mapping[str, tuple[Any, Keep]],
        turns: Turns,
        *,
        etag: str | None = None,
        by: str | None = None,
    ) -> None:
        """Remember what was just read, by name; `turns` are those of the question."""
        self._own.update({name: value for name, (value, _) in values.items()})
        if self._cache:
            self._cache.write(self._repository, scope, values, turns, etag=etag, by=by)

    def deploys_told(self) -> tuple[Deploy, ...]:
        return self._cache.deploys(self._repository) if self._cache else ()

    def _recall(self, question: Question, names: Sequence[str]) -> None:
        question.known |= {name: self._own[name] for name in names if name in self._own}
        missing = [name for name in names if name not in question.known]
        if not missing or self._cache is None:
            return
        found, question.turns = self._cache.read(self._repository, self._scopes(), missing)
        question.known |= {name: entry.value for name, entry in found.items() if entry.fresh}
        question.stale = {name: entry for name, entry in found.items() if not entry.fresh}

    def _count(self, question: Question, names: Sequence[str]) -> None:
        if self._cache:
            self._tally.cached(hits=len(question.known), misses=len(names) - len(question.known))
