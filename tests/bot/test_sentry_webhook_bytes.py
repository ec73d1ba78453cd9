"""Whatever arrives on the socket: a 4xx with a reason, or 200; never a 500, never a stuck connection."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import random
import zlib
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from bot.request_body import MIB, BodyReader
from investigator.sentry.signature import sign
from investigator.spool import Spool
from tests.fixtures.webhook import BODY, SECRET, Serve, Webhook, deliveries, inbox_on
from tests.fixtures.webhook_bytes import GZIPPED, chunked, exchange, request


async def test_chunks_are_one_body(webhook: Webhook, store: Redis) -> None:
    assert (await exchange(webhook, chunked(BODY[:10], BODY[10:])))[0] == 200
    assert [kept.body for kept in await deliveries(store)] == [BODY]


@pytest.mark.parametrize(
    "broken",
    [
        chunked(BODY)[:-10] + b"zz\r\nrubbish\r\n",
        chunked(BODY).replace(b"\r\n%x\r\n" % len(BODY), b"\r\n-5\r\n"),
        request(BODY, b"Transfer-Encoding: chunked"),
    ],
    ids=["rubbish after a chunk", "negative chunk", "length and chunks"],
)
async def test_broken_chunks_are_refused(webhook: Webhook, store: Redis, broken: bytes) -> None:
    status, _ = await exchange(webhook, broken)
    assert status == 400
    assert await deliveries(store) == []


async def test_a_compressed_body_counts_by_what_comes_out(webhook: Webhook, store: Redis) -> None:
    for name, packed in ((b"gzip", gzip.compress(BODY)), (b"deflate", zlib.compress(BODY))):
        status, _ = await exchange(webhook, request(packed, b"Content-Encoding: " + name, signed=BODY))
        assert status == 200
    assert [kept.body for kept in await deliveries(store)] == [BODY, BODY]


async def test_a_decompression_bomb_is_too_large(webhook: Webhook, store: Redis) -> None:
    bomb = gzip.compress(bytes(40 * MIB))
    assert len(bomb) < MIB
    status, answer = await exchange(webhook, request(bomb, GZIPPED))
    assert status == 413
    assert b"larger than" in answer
    assert await deliveries(store) == []


@pytest.mark.parametrize(
    "packed", [BODY, gzip.compress(BODY)[:-12] + bytes(12), b""], ids=["plain", "cut", "empty"]
)
async def test_what_is_not_what_its_encoding_says_is_refused(webhook: Webhook, packed: bytes) -> None:
    status, answer = await exchange(webhook, request(packed, GZIPPED, signed=BODY))
    assert status in (400, 401)
    assert json.loads(answer)["error"]


async def test_a_body_announced_too_large_is_refused_before_it_is_sent(webhook: Webhook) -> None:
    status, answer = await exchange(webhook, request(b"", length=9 * MIB))
    assert status == 413
    assert json.loads(answer)["error"]


async def test_a_body_of_the_limit_is_taken_and_a_byte_more_is_not(
    serve: Serve, store: Redis, spool: Spool
) -> None:
    webhook = await serve(inbox_on(store, spool), reader=BodyReader(max_bytes=MIB))
    body = b'{"a":"' + b"." * (MIB - 8) + b'"}'
    assert (await exchange(webhook, request(body)))[0] == 200
    assert (await exchange(webhook, chunked(body, b" ")))[0] == 413
    assert [len(kept.body) for kept in await deliveries(store)] == [MIB]


@pytest.mark.parametrize("pack", [chunked, lambda body: request(gzip.compress(body), GZIPPED, signed=body)])
async def test_a_small_limit_holds_for_what_came_whole(
    serve: Serve, store: Redis, spool: Spool, pack: Callable[[bytes], bytes]
) -> None:
    webhook = await serve(inbox_on(store, spool), reader=BodyReader(max_bytes=1000))
    assert (await exchange(webhook, pack(b'{"a":"' + b"." * 2000 + b'"}')))[0] == 413
    assert await deliveries(store) == []


async def test_the_largest_body_that_sentry_sends_is_not_too_large(webhook: Webhook) -> None:
    status, _ = await exchange(webhook, chunked(b'{"a":"' + b"." * (8 * MIB - 8) + b'"}', b" "))
    assert status == 413
    status, _ = await exchange(webhook, request(b'{"a":"' + b"." * (8 * MIB - 8) + b'"}'))
    assert status in {200, 503}, "a loaded machine may not make it durable in time, but it is not refused"


async def test_headers_that_are_no_text_do_no_harm(webhook: Webhook, store: Redis) -> None:
    headers = (b"Request-ID: \xff\xfe", b"Idempotency-Key: caf\xe9", b"User-Agent: sentry/\xf0\x9f\x92\xa5")
    assert (await exchange(webhook, request(BODY, *headers)))[0] == 200
    [kept] = await deliveries(store)
    assert kept.headers["user-agent"] == "sentry/💥"
    assert kept.headers["idempotency-key"] == "caf?"
    assert kept.identity == hashlib.sha256(BODY).hexdigest(), "a key of nobody's making"

    signature = b"Sentry-Hook-Signature: " + sign(BODY, SECRET).encode()
    assert (await exchange(webhook, request().replace(signature, b"Sentry-Hook-Signature: \xff\xe9")))[
        0
    ] == 401


def mangled(raw: bytes, chance: random.Random) -> bytes:
    """The bytes with a few of them changed, lost, doubled, or cut off."""
    broken = bytearray(raw)
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(len(broken))
        match chance.randrange(5):
            case 0:
                broken[at] = chance.randrange(256)
            case 1:
                del broken[at : at + chance.randint(1, 20)]
            case 2:
                broken[at:at] = chance.randbytes(chance.randint(1, 20))
            case 3:
                broken[at:at] = broken[at : at + chance.randint(1, 40)]
            case _:
                del broken[max(1, at) :]
    return bytes(broken)


@pytest.mark.processes
async def test_mangled_requests_never_get_a_500_and_never_get_stored(
    serve: Serve, store: Redis, spool: Spool
) -> None:
    webhook = await serve(inbox_on(store, spool), reader=BodyReader(seconds=0.2))
    chance = random.Random(20260102)
    originals = [
        request(),
        chunked(BODY),
        request(gzip.compress(BODY), GZIPPED, signed=BODY),
    ]

    async def attempt(number: int) -> int | None:
        raw = mangled(originals[number % 3], chance)
        unfinished = b"\r\n\r\n" not in raw  # the head may go on: silence is right
        try:
            status, answer = await exchange(webhook, raw, patience=0.1 if unfinished else 10)
        except TimeoutError:
            assert unfinished, f"the connection is stuck after {raw!r}"
            return None
        assert status is None or status == 200 or 400 <= status < 500, f"{status} to {raw!r}: {answer!r}"
        return status

    statuses = set()
    for first in range(0, 1000, 200):  # so many connections at once
        statuses |= set(await asyncio.gather(*(attempt(number) for number in range(first, first + 200))))

    assert {400, 401, 408} <= statuses, "the mangling did not reach the interesting places"
    assert {kept.body for kept in await deliveries(store)} <= {BODY}, (
        "something was stored that was not signed"
    )
    assert (await exchange(webhook, request()))[0] == 200


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()))
async def test_any_signed_body_is_kept_if_it_is_a_json_object_and_refused_if_not(
    webhook: Webhook, body: bytes
) -> None:
    status, answer = await exchange(webhook, request(body))
    assert status == (200 if is_object(body) else 400), answer


def is_object(body: bytes) -> bool:
    try:
        value = json.loads(body.decode("utf-8-sig", "surrogatepass"), parse_constant=float.fromhex)
    except ValueError:
        return False
    return isinstance(value, dict) and not any(word in body for word in (b"NaN", b"Infinity"))
