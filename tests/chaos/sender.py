"""A sender of signed webhooks with a ledger of what was answered; a process of its own, so that its clock is.

`python -m tests.chaos.sender ORDER.json LEDGER.json`
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from array import array
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp

from tests.chaos.script import Script, Webhook

SENDERS = 24
PATIENCE_SECONDS = 5.0  # longer than Sentry's, to see how late an answer is
PROGRESS_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Order:
    """What to send: `issues` open one after the other over `seconds`, the webs of all regions by address.

    Beyond `deliveries` it goes on at the same pace until there is a file at `until`.
    """

    seed: int
    webs: list[str]
    secret: str
    seconds: float
    deliveries: int
    until: str
    issues: list[tuple[dict[str, Any], dict[str, Any]]]


@dataclass
class Ledger:
    """`answers` by status, latencies in seconds.

    `acknowledged` counts by issue what told that it is there; `resolved`, `back` are issues of which that was
    acknowledged, and `sent_back` those that came back whether it was acknowledged or not. Likewise
    `events` and `sent_events`, by issue, of different ones.
    """

    sent: int = 0
    acknowledged: Counter[str] = field(default_factory=Counter)
    resolved: dict[str, None] = field(default_factory=dict)
    back: dict[str, None] = field(default_factory=dict)
    sent_back: dict[str, None] = field(default_factory=dict)
    events: Counter[str] = field(default_factory=Counter)
    sent_events: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    by_web: Counter[str] = field(default_factory=Counter)
    no_connection: int = 0  # a web was dead: no answer, and the other one is tried
    unanswered: int = 0  # connected, and nothing within PATIENCE_SECONDS
    given_up: int = 0  # neither web took it: never acknowledged
    median: float = 0.0
    p99: float = 0.0
    slowest: float = 0.0


class Sender:
    def __init__(self, order: Order) -> None:
        self._order = order
        self._random = random.Random(order.seed)
        self._script = Script(order.seed, order.secret, order.issues)
        self._latencies = array("d")
        self._events: set[str] = set()
        self._sent_events: set[str] = set()
        self.ledger = Ledger()

    async def run(self) -> Ledger:
        waiting: asyncio.Queue[Webhook | None] = asyncio.Queue(maxsize=SENDERS)
        timeout = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
        telling = asyncio.create_task(self._tell_progress())
        async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as group:
            for _ in range(SENDERS):
                group.create_task(self._work(session, waiting))
            await self._produce(waiting)
            for _ in range(SENDERS):
                await waiting.put(None)
        telling.cancel()
        ordered = sorted(self._latencies)
        self.ledger.median = ordered[len(ordered) // 2]
        self.ledger.p99 = ordered[int(len(ordered) * 0.99)]
        self.ledger.slowest = ordered[-1]
        return self.ledger

    async def _tell_progress(self) -> None:
        started = time.monotonic()
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            sent, of = self.ledger.sent, self._order.deliveries
            taken = self.ledger.answers["200"]
            minutes = (time.monotonic() - started) / 60
            print(
                f"{'':10}{sent:,} of {of:,} webhooks sent in {minutes:.1f} min, {taken:,} acknowledged",
                flush=True,
            )

    async def _produce(self, waiting: asyncio.Queue[Webhook | None]) -> None:
        started, over = time.monotonic(), Path(self._order.until)
        for number in count():
            if number >= self._order.deliveries and await asyncio.to_thread(over.exists):
                return
            due = started + number * self._order.seconds / self._order.deliveries
            if (pause := due - time.monotonic()) > 0:
                await asyncio.sleep(pause)
            await waiting.put(self._script.next((time.monotonic() - started) / self._order.seconds))

    async def _work(self, session: aiohttp.ClientSession, waiting: asyncio.Queue[Webhook | None]) -> None:
        while (webhook := await waiting.get()) is not None:
            self.ledger.sent += 1
            if webhook.tells == "back":
                self.ledger.sent_back[webhook.issue] = None
            _count_once(webhook, self._sent_events, self.ledger.sent_events)
            webs = self._random.sample(self._order.webs, len(self._order.webs))
            for web in webs:
                if await self._send(session, web, webhook):
                    self._note(webhook)
                    break
            else:
                self.ledger.given_up += 1

    def _note(self, webhook: Webhook) -> None:
        if webhook.tells == "resolved":
            self.ledger.resolved[webhook.issue] = None
        elif webhook.tells == "back":
            self.ledger.back[webhook.issue] = None
        else:
            self.ledger.acknowledged[webhook.issue] += 1
        _count_once(webhook, self._events, self.ledger.events)
        self._script.acknowledged(webhook)

    async def _send(self, session: aiohttp.ClientSession, web: str, webhook: Webhook) -> bool:
        """Whether it was acknowledged; as a load balancer would, the caller tries the next web otherwise."""
        started = time.monotonic()
        try:
            async with session.post(web, data=webhook.raw, headers=webhook.headers) as response:
                await response.read()
        except TimeoutError:
            self.ledger.unanswered += 1
            return False
        except aiohttp.ClientError:
            self.ledger.no_connection += 1
            return False
        self._latencies.append(time.monotonic() - started)
        self.ledger.answers[str(response.status)] += 1
        if response.status != 200:
            return False
        self.ledger.by_web[web] += 1
        return True


def _count_once(webhook: Webhook, known: set[str], counted: Counter[str]) -> None:
    if webhook.event and webhook.event not in known:
        known.add(webhook.event)
        counted[webhook.issue] += 1


def main(order: Path, ledger: Path) -> None:
    done = asyncio.run(Sender(Order(**json.loads(order.read_text()))).run())
    ledger.write_text(json.dumps(vars(done)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
