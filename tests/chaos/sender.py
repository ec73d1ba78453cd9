"""A sender of signed webhooks with a ledger of what was answered; a process of its own, so that its clock is.

`python -m tests.chaos.sender ORDER.json LEDGER.json`
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
import uuid
from array import array
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from sandbox.sentry import SentrySandbox, webhook_event_alert, webhook_issue
from sandbox.sentry.server import serialize

SENDERS = 24
PATIENCE_SECONDS = 5.0  # longer than Sentry's, to see how late an answer is
KEPT_BODIES = 500
DUPLICATES = 0.4


@dataclass(frozen=True, slots=True)
class Order:
    """What to send: `issues` open one after the other over `seconds`, the webs of all regions by address."""

    seed: int
    webs: list[str]
    secret: str
    seconds: float
    deliveries: int
    issues: list[dict[str, Any]]
    event: dict[str, Any]


@dataclass
class Ledger:
    """`answers` by status, `acknowledged` by issue, latencies in seconds."""

    sent: int = 0
    acknowledged: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    by_web: Counter[str] = field(default_factory=Counter)
    no_connection: int = 0  # a web was dead: no answer, and the other one is tried
    unanswered: int = 0  # connected, and nothing within PATIENCE_SECONDS
    given_up: int = 0  # neither web took it: never acknowledged
    median: float = 0.0
    p99: float = 0.0
    slowest: float = 0.0


@dataclass(frozen=True, slots=True)
class Webhook:
    issue: str
    raw: bytes
    headers: dict[str, str]


class Sender:
    def __init__(self, order: Order) -> None:
        self._order = order
        self._random = random.Random(order.seed)
        self._sentry = SentrySandbox(client_secret=order.secret)
        self._sent: list[Webhook] = []
        self._opened = 0
        self._latencies = array("d")
        self.ledger = Ledger()

    async def run(self) -> Ledger:
        waiting: asyncio.Queue[Webhook | None] = asyncio.Queue(maxsize=SENDERS)
        timeout = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as group:
            for _ in range(SENDERS):
                group.create_task(self._work(session, waiting))
            await self._produce(waiting)
            for _ in range(SENDERS):
                await waiting.put(None)
        ordered = sorted(self._latencies)
        self.ledger.median = ordered[len(ordered) // 2]
        self.ledger.p99 = ordered[int(len(ordered) * 0.99)]
        self.ledger.slowest = ordered[-1]
        return self.ledger

    async def _produce(self, waiting: asyncio.Queue[Webhook | None]) -> None:
        started = time.monotonic()
        for number in range(self._order.deliveries):
            due = started + number * self._order.seconds / self._order.deliveries
            if (pause := due - time.monotonic()) > 0:
                await asyncio.sleep(pause)
            await waiting.put(self._next((time.monotonic() - started) / self._order.seconds))

    def _next(self, share: float) -> Webhook:
        """A new issue when its time has come; else an alert, or one more copy of something sent before."""
        issues = self._order.issues
        if self._opened < min(len(issues), 1 + int(share * len(issues))):
            self._opened += 1
            body = webhook_issue("created", issues[self._opened - 1])
            return self._signed("issue", issues[self._opened - 1], body)
        if self._sent and self._random.random() < DUPLICATES:
            return self._random.choice(self._sent)
        issue = self._random.choice(issues[: self._opened])
        event = {**self._order.event, "event_id": uuid.UUID(int=self._random.getrandbits(128)).hex}
        return self._signed("event_alert", issue, webhook_event_alert(issue, event))

    def _signed(self, resource: str, issue: dict[str, Any], body: dict[str, Any]) -> Webhook:
        raw = serialize(body)
        key = uuid.UUID(int=self._random.getrandbits(128)).hex
        webhook = Webhook(str(issue["id"]), raw, self._sentry.headers(resource, raw, key))
        if len(self._sent) < KEPT_BODIES:
            self._sent.append(webhook)
        else:
            self._sent[self._random.randrange(KEPT_BODIES)] = webhook
        return webhook

    async def _work(self, session: aiohttp.ClientSession, waiting: asyncio.Queue[Webhook | None]) -> None:
        while (webhook := await waiting.get()) is not None:
            self.ledger.sent += 1
            webs = self._random.sample(self._order.webs, len(self._order.webs))
            for web in webs:
                if await self._send(session, web, webhook):
                    break
            else:
                self.ledger.given_up += 1

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
        self.ledger.acknowledged[webhook.issue] += 1
        self.ledger.by_web[web] += 1
        return True


def main(order: Path, ledger: Path) -> None:
    done = asyncio.run(Sender(Order(**json.loads(order.read_text()))).run())
    ledger.write_text(json.dumps(vars(done)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
