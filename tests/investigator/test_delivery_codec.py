"""A delivery reads back exactly as it was written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.delivery import Delivery
from investigator.delivery_codec import decode, encode, flat
from investigator.errors import BadPayload

DELIVERY = Delivery(b"{}", {"request-id": "1"}, datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC))


@settings(max_examples=50)
@given(
    body=st.binary(max_size=200),
    headers=st.dictionaries(st.text(max_size=20), st.text(max_size=50), max_size=4),
    received_at=st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2200, 1, 1)),  # noqa: DTZ001 - naive by hypothesis's contract
    origin=st.sampled_from(["webhook", "reconcile", "replay"]),
)
def test_every_delivery_comes_back_unchanged(body, headers, received_at, origin) -> None:  # type: ignore[no-untyped-def] # drawn by hypothesis
    delivery = Delivery(body, headers, received_at.replace(tzinfo=UTC), origin)

    assert decode(encode(delivery)) == delivery, "raw bytes, headers and time must survive the store"


@pytest.mark.parametrize(
    "damage",
    [
        {b"origin": b"elsewhere"},
        {b"headers": b"{"},
        {b"received_at": b"yesterday"},
        {b"received_at": b"9" * 40},
        {b"origin": b"\xff"},
    ],
)
def test_what_is_not_ours_is_a_bad_payload(damage: dict[bytes, bytes]) -> None:
    with pytest.raises(BadPayload, match="not a delivery"):
        decode(encode(DELIVERY) | damage)


def test_a_missing_field_is_a_bad_payload_and_an_additional_one_is_not() -> None:
    fields = encode(DELIVERY)
    assert decode(fields | {b"added_by_the_next_version": b"1"}) == DELIVERY
    del fields[b"body"]
    with pytest.raises(BadPayload):
        decode(fields)


def test_fields_are_laid_out_as_commands_take_them() -> None:
    assert flat({b"a": b"1", b"b": b"2"}) == [b"a", b"1", b"b", b"2"]
