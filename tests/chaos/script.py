"""What is sent, in a seeded order: issues that open, come again and again, are resolved and come back."""

from __future__ import annotations

import random
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sandbox.sentry import SentrySandbox, webhook_event_alert, webhook_issue
from sandbox.sentry.server import serialize
from tests.chaos.crashes import happened, stamp

KEPT_BODIES = 500
DUPLICATES = 0.7
RESOLVED_EVERY = 5  # issues; an issue that was resolved comes back at once
RESOLVED_AFTER = 4  # issues that opened meanwhile

Json = dict[str, Any]
Tells = Literal["created", "alert", "resolved", "back"]


@dataclass(frozen=True, slots=True)
class Webhook:
    """`event` is the id of the event that an alert is about."""

    issue: str
    tells: Tells
    event: str | None
    raw: bytes
    headers: Mapping[str, str]


class Script:
    """`issues` are pairs of an issue and its event; they open one after the other."""

    def __init__(self, seed: int, secret: str, issues: list[tuple[Json, Json]]) -> None:
        self._random = random.Random(seed)
        self._sentry = SentrySandbox(client_secret=secret)
        self._issues = issues
        self._opened = 0
        self._due: deque[Webhook] = deque()
        self._sent: list[Webhook] = []
        self._acknowledged: set[tuple[str, Tells]] = set()

    def next(self, share: float) -> Webhook:
        """What comes after this share of the time."""
        if self._opened < min(len(self._issues), 1 + int(share * len(self._issues))):
            return self._open()
        if self._due:
            return self._due.popleft()
        if self._sent and self._random.random() < DUPLICATES:
            return self._random.choice(self._sent)
        issue, event = self._random.choice(self._issues[: self._opened])
        again = happened(event, self._hex(), datetime.now(UTC))
        return self._signed(issue["id"], "alert", webhook_event_alert(issue, again), again["event_id"])

    def acknowledged(self, webhook: Webhook) -> None:
        """An issue may be resolved once its beginning is safe, and come back once its end is."""
        if (webhook.issue, webhook.tells) in self._acknowledged:
            return
        self._acknowledged.add((webhook.issue, webhook.tells))
        if webhook.tells == "resolved":
            self._due.append(self._change(webhook.issue, "back"))

    def _open(self) -> Webhook:
        issue, _ = self._issues[self._opened]
        self._opened += 1
        earlier = self._opened - RESOLVED_AFTER
        if earlier >= 0 and earlier % RESOLVED_EVERY == 0:
            number = self._issues[earlier][0]["id"]
            if (number, "created") in self._acknowledged:
                self._due.append(self._change(number, "resolved"))
        return self._signed(issue["id"], "created", webhook_issue("created", issue))

    def _change(self, number: str, tells: Literal["resolved", "back"]) -> Webhook:
        issue = next(issue for issue, _ in self._issues if issue["id"] == number)
        now = {"lastSeen": stamp(datetime.now(UTC))}
        if tells == "resolved":
            body = webhook_issue("resolved", {**issue, **now, "status": "resolved", "substatus": None})
        else:
            body = webhook_issue("unresolved", {**issue, **now, "substatus": "regressed"})
        return self._signed(number, tells, body)

    def _signed(self, issue: str, tells: Tells, body: Json, event: str | None = None) -> Webhook:
        raw, resource = serialize(body), "event_alert" if tells == "alert" else "issue"
        headers = self._sentry.headers(resource, raw, self._hex())
        webhook = Webhook(issue, tells, event, raw, headers)
        if len(self._sent) < KEPT_BODIES:
            self._sent.append(webhook)
        else:
            self._sent[self._random.randrange(KEPT_BODIES)] = webhook
        return webhook

    def _hex(self) -> str:
        return uuid.UUID(int=self._random.getrandbits(128)).hex
