"""What workers tell each other about models: circuits, how to ask them, what was spent today.

The store is a help here, never a condition: while it is away every model may be asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import redis.asyncio
import structlog

from investigator import keys
from investigator.analysis.circuits import Circuit, Name, after
from investigator.analysis.hedging import REMEMBERED, timed
from investigator.errors import StoreUnavailable
from investigator.models.analysis import Attempt
from investigator.outside_results import MODELS, queue_result
from investigator.store import as_unavailable, decoded

log = structlog.get_logger(__name__)

T = TypeVar("T")

PATIENCE_SECONDS = 0.25  # of an analysis's budget, for an answer of the store's
KEPT_SECONDS = 24 * 3600
SPENT_SECONDS = 3 * 24 * 3600
FORM_SECONDS = 3600  # a server that was updated may understand more by then
ANSWERED_SECONDS = 30 * 24 * 3600
PROBE_MARGIN_MS = 5_000


@dataclass(frozen=True, slots=True)
class Known:
    """`probing`: whose circuit somebody else probes now. `forms`: which form of request worked last.
    `answered`: how many seconds each of the last answers took."""

    circuits: dict[Name, Circuit] = field(default_factory=dict)
    probing: frozenset[Name] = frozenset()
    forms: dict[Name, int] = field(default_factory=dict)
    answered: dict[Name, tuple[float, ...]] = field(default_factory=dict)
    spent: float = 0.0  # dollars, today (UTC)


class SharedState:
    """`store` None: a command line that knows of nobody else."""

    def __init__(self, store: redis.asyncio.Redis | None) -> None:
        self._store = store

    async def read(self, names: Sequence[Name], *, now: float, seconds: float) -> Known:
        """What is known now. Where a probe is due it is taken for us; `seconds` is how long it may last."""
        if self._store is None:
            return Known()
        return await self._patiently(self._read(self._store, names, now, seconds), Known())

    async def note(self, attempts: Sequence[Attempt], forms: dict[Name, int], *, now: float) -> None:
        """Tell what became of these attempts."""
        if self._store is not None and attempts:
            await self._patiently(self._note(self._store, attempts, forms, now), None)

    async def _read(
        self, store: redis.asyncio.Redis, names: Sequence[Name], now: float, seconds: float
    ) -> Known:
        async with store.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.hgetall(keys.circuit(*name))
                pipe.get(keys.ai_form(*name))
                pipe.lrange(keys.ai_seconds(*name), 0, -1)
            pipe.get(keys.ai_spent(_day(now)))
            *answers, spent = await pipe.execute()
        circuits = {name: _circuit(told) for name, told in zip(names, answers[::3], strict=True)}
        forms = {name: int(form) for name, form in zip(names, answers[1::3], strict=True) if form}
        answered = {name: tuple(map(float, told)) for name, told in zip(names, answers[2::3], strict=True)}
        probing = set()
        for name, circuit in circuits.items():
            if circuit.needs_probe(now) and not await store.set(
                keys.circuit_probe(*name), "1", nx=True, px=int(seconds * 1000) + PROBE_MARGIN_MS
            ):
                probing.add(name)
        return Known(circuits, frozenset(probing), forms, answered, float(spent or 0))

    async def _note(
        self, store: redis.asyncio.Redis, attempts: Sequence[Attempt], forms: dict[Name, int], now: float
    ) -> None:
        names = list(dict.fromkeys((attempt.provider, attempt.model) for attempt in attempts))
        async with store.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.hgetall(keys.circuit(*name))
            told: list[Any] = await pipe.execute()
        circuits = {name: _circuit(one) for name, one in zip(names, told, strict=True)}
        before = dict(circuits)
        for attempt in attempts:
            name = attempt.provider, attempt.model
            circuits[name] = after(circuits[name], attempt, now=now)
        spent = sum(attempt.dollars or 0.0 for attempt in attempts)
        async with store.pipeline(transaction=False) as pipe:
            for name, circuit in circuits.items():
                key = keys.circuit(*name)
                if circuit == Circuit():
                    pipe.delete(key)
                elif circuit != before[name]:
                    pipe.hset(key, mapping={"failures": circuit.failures, "until": circuit.until})
                    pipe.expire(key, KEPT_SECONDS)
                pipe.delete(keys.circuit_probe(*name))
            worked = any(attempt.outcome == "ok" for attempt in attempts)
            queue_result(pipe, MODELS, None if worked else attempts[-1].outcome, now)
            for attempt in timed(attempts):
                key = keys.ai_seconds(attempt.provider, attempt.model)
                pipe.lpush(key, attempt.seconds)
                pipe.ltrim(key, 0, REMEMBERED - 1)
                pipe.expire(key, ANSWERED_SECONDS)
            for name, form in forms.items():
                pipe.set(keys.ai_form(*name), form, ex=FORM_SECONDS)
            if spent:
                pipe.incrbyfloat(keys.ai_spent(_day(now)), spent)
                pipe.expire(keys.ai_spent(_day(now)), SPENT_SECONDS)
            await pipe.execute()

    @staticmethod
    async def _patiently(asking: Awaitable[T], otherwise: T) -> T:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                with as_unavailable():
                    return await asking
        except (StoreUnavailable, TimeoutError) as error:
            log.warning("ai_state_unknown", error=str(error) or "the store was too slow")
            return otherwise


def _circuit(told: dict[bytes, bytes]) -> Circuit:
    notes = {decoded(name): decoded(value) for name, value in told.items()}
    return Circuit(int(notes.get("failures", 0)), float(notes.get("until", 0)))


def _day(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).date().isoformat()
