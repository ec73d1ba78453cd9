"""Short-lived permissions that come with every interaction: trigger ids and response addresses."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TypeVar

from sandbox.slack.clock import MessageClock
from sandbox.slack.refusal import Refused

TRIGGER_SECONDS = 3.0
RESPONSE_SECONDS = 30 * 60.0
RESPONSE_USES = 5
TICKETS_KEPT = 1000

Ticket = TypeVar("Ticket")


@dataclass(slots=True)
class Trigger:
    """Whose screen may show a modal, until when."""

    user: str
    expires: float
    used: bool = False


@dataclass(slots=True)
class ResponseTicket:
    """Where answers of one interaction go; `original` is the message that was clicked."""

    channel: str
    user: str
    thread_ts: str | None
    original: str | None
    expires: float
    uses: int = 0


class Tickets:
    """Issues and redeems them; the oldest are forgotten."""

    def __init__(self, clock: MessageClock) -> None:
        self._clock = clock
        self._triggers: dict[str, Trigger] = {}
        self._responses: dict[str, ResponseTicket] = {}

    def trigger(self, user: str) -> str:
        """A trigger_id for what this user just did."""
        key = f"{secrets.randbelow(10**13)}.{secrets.token_hex(8)}"
        _keep(self._triggers, key, Trigger(user, self._clock.now() + TRIGGER_SECONDS))
        return key

    def redeem_trigger(self, trigger_id: str) -> str:
        """The user it stands for; once, within three seconds, else `Refused`."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        if self._clock.now() > trigger.expires:
            raise Refused("expired_trigger_id")
        trigger.used = True
        return trigger.user

    def response(self, channel: str, user: str, *, thread_ts: str | None, original: str | None) -> str:
        """The secret part of a response_url."""
        key = secrets.token_urlsafe(18)
        expires = self._clock.now() + RESPONSE_SECONDS
        _keep(self._responses, key, ResponseTicket(channel, user, thread_ts, original, expires))
        return key

    def redeem_response(self, key: str) -> ResponseTicket:
        """Where to put the answer; five times within 30 minutes, else `Refused`."""
        ticket = self._responses.get(key)
        if ticket is None:
            raise Refused("no_such_url")
        if self._clock.now() > ticket.expires:
            raise Refused("expired_url")
        if ticket.uses >= RESPONSE_USES:
            raise Refused("used_url")
        ticket.uses += 1
        return ticket


def _keep(tickets: dict[str, Ticket], key: str, ticket: Ticket) -> None:
    tickets[key] = ticket
    while len(tickets) > TICKETS_KEPT:
        del tickets[next(iter(tickets))]
