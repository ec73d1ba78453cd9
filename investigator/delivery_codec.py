"""How a delivery is written in the store and in the spool. One place, so that both stay readable."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import get_args

import orjson

from investigator.delivery import Delivery, Origin
from investigator.errors import BadPayload

Fields = dict[bytes, bytes]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ORIGINS: tuple[Origin, ...] = get_args(Origin)


def encode(delivery: Delivery) -> Fields:
    """Raw body, headers as JSON, time of receipt in µs since 1970, origin."""
    return {
        b"body": delivery.body,
        b"headers": orjson.dumps(dict(delivery.headers)),
        b"received_at": b"%d" % ((delivery.received_at - _EPOCH) // _MICROSECOND),
        b"origin": delivery.origin.encode(),
    }


def decode(fields: Mapping[bytes, bytes]) -> Delivery:
    """The delivery as it was encoded; unknown fields are left aside.

    Raises:
        BadPayload: something else wrote this.
    """
    try:
        origin = fields[b"origin"].decode()
        return Delivery(
            body=fields[b"body"],
            headers=orjson.loads(fields[b"headers"]),
            received_at=_EPOCH + int(fields[b"received_at"]) * _MICROSECOND,
            origin=next(known for known in _ORIGINS if known == origin),
        )
    except (KeyError, ValueError, OverflowError, StopIteration) as error:
        raise BadPayload(f"not a delivery written by this program: {error!r}") from error


def flat(fields: Mapping[bytes, bytes]) -> list[bytes]:
    """Names and values in turn, as the commands of the store take them."""
    return [word for pair in fields.items() for word in pair]
