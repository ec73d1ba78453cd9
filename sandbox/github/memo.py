"""Remembers answers that can never change, and gathers many small questions into one."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memo(Generic[K, V]):
    """One answer per key, computed once even when asked for by many at the same time.

    Failures are not remembered. Holds at most `size` answers, the least recently used go first.
    """

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._answers: OrderedDict[K, asyncio.Future[V]] = OrderedDict()

    async def get(self, key: K, compute: Callable[[], Awaitable[V]]) -> V:
        answer = self._answers.get(key)
        if answer is None:
            answer = asyncio.ensure_future(compute())
            self._answers[key] = answer
            answer.add_done_callback(lambda done: self._forget_failure(key, done))
            if len(self._answers) > self._size:
                self._answers.popitem(last=False)
        else:
            self._answers.move_to_end(key)
        return await asyncio.shield(answer)

    def _forget_failure(self, key: K, answer: asyncio.Future[V]) -> None:
        if (answer.cancelled() or answer.exception() is not None) and self._answers.get(key) is answer:
            del self._answers[key]


class Gather(Generic[K, V]):
    """Questions asked in the same moment of the event loop, answered by one call of `ask`."""

    def __init__(self, ask: Callable[[Sequence[K]], Awaitable[Sequence[V]]]) -> None:
        self._ask = ask
        self._waiting: dict[K, asyncio.Future[V]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def get(self, key: K) -> V:
        answer = self._waiting.get(key)
        if answer is None:
            loop = asyncio.get_running_loop()
            if not self._waiting:
                loop.call_soon(self._send)
            answer = self._waiting[key] = loop.create_future()
        return await asyncio.shield(answer)

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, {}
        task = asyncio.get_running_loop().create_task(self._answer(waiting))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, waiting: dict[K, asyncio.Future[V]]) -> None:
        try:
            values = await self._ask(list(waiting))
        except Exception as error:  # noqa: BLE001 - handed to everybody who asked
            for future in waiting.values():
                future.set_exception(error)
            return
        for future, value in zip(waiting.values(), values, strict=True):
            future.set_result(value)
