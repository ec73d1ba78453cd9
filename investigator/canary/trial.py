"""A trial webhook: what it looks like, and how triage recognises it. Pure."""

from __future__ import annotations

import uuid

import orjson

from investigator.delivery import Delivery
from investigator.sentry.signature import sign

RESOURCE = "incident_pilot_canary"
LATEST = 1e11  # seconds since 1970, beyond which nothing is a time


def trial(sent_at: float) -> bytes:
    """The body of the one sent then, in seconds since 1970."""
    return orjson.dumps(
        {
            "action": "triggered",
            "installation": {"uuid": RESOURCE},
            "data": {RESOURCE: {"sent_at": sent_at}},
        }
    )


def headers(body: bytes, secret: str) -> dict[str, str]:
    """As Sentry signs and names what it sends."""
    return {
        "Content-Type": "application/json",
        "Request-ID": uuid.uuid4().hex,
        "Sentry-Hook-Resource": RESOURCE,
        "Sentry-Hook-Signature": sign(body, secret),
        "User-Agent": "incident-pilot-canary",
    }


def sent_at_of(delivery: Delivery) -> float | None:
    """When it was sent; None for every other delivery.

    The header alone, which nobody signs, must not make a trial of a real one: the signed body has to agree.
    """
    if delivery.headers.get("sentry-hook-resource") != RESOURCE:
        return None
    try:
        told = orjson.loads(delivery.body)["data"][RESOURCE]["sent_at"]
    except (orjson.JSONDecodeError, LookupError, TypeError):
        return None
    return float(told) if isinstance(told, int | float) and 0 < told < LATEST else None
