"""The webhook over real HTTP: 200 means durable, everything else says what is wrong."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from redis.asyncio import Redis

from bot.request_body import BodyReader
from investigator.embedded_store import EmbeddedStore, free_port, store_url
from investigator.sentry.signature import sign
from investigator.spool import Spool
from investigator.store import connect
from tests.fixtures.webhook import BODY, NOON, SECRET, Serve, Webhook, deliveries, inbox_on

LEGACY = b'{"id":"1","project":"shop","url":"https://sentry.example/1/","event":{"event_id":"e"}}'


async def test_a_signed_body_is_in_the_stream_with_the_headers_worth_keeping(
    webhook: Webhook, store: Redis
) -> None:
    status, answer, _ = await webhook.send(
        idempotency_key="k", request_id="r", sentry_hook_resource="issue", cookie="c=1", authorization="no"
    )

    assert (status, answer) == (200, {"status": "accepted"})
    [kept] = await deliveries(store)
    assert (kept.body, kept.received_at, kept.origin, kept.identity) == (BODY, NOON, "webhook", "k")
    assert kept.headers["sentry-hook-resource"] == "issue"
    assert not {"sentry-hook-signature", "cookie", "authorization"} & kept.headers.keys(), "a secret was kept"


async def test_a_replay_of_the_same_bytes_has_the_same_identity(webhook: Webhook, store: Redis) -> None:
    for request_id in ("first", "second"):
        assert (await webhook.send(request_id=request_id))[0] == 200
    first, second = await deliveries(store)
    assert first.identity == second.identity


@pytest.mark.parametrize("secret", ["old", "new"])
async def test_both_secrets_are_good_while_one_is_rotated(
    serve: Serve, store: Redis, spool: Spool, secret: str
) -> None:
    webhook = await serve(inbox_on(store, spool), secrets=("new", "old"))
    assert (await webhook.post(BODY, sentry_hook_signature=sign(BODY, secret)))[0] == 200
    assert (await webhook.post(BODY, sentry_hook_signature=sign(BODY, "gone")))[0] == 401


async def test_a_ui_component_signs_with_another_header(webhook: Webhook) -> None:
    assert (await webhook.post(BODY, sentry_app_signature=sign(BODY, SECRET)))[0] == 200


@pytest.mark.parametrize("signature", [None, "", "0" * 64, "é" * 10, sign(BODY + b" ", SECRET)])
async def test_a_missing_or_wrong_signature_is_refused_with_the_remedy(
    webhook: Webhook, store: Redis, signature: str | None
) -> None:
    headers = {} if signature is None else {"sentry_hook_signature": signature}
    status, answer, _ = await webhook.post(BODY, **headers)

    assert status == 401
    assert "Sentry-Hook-Signature" in answer["error"] or "SENTRY_CLIENT_SECRET" in answer["error"]
    assert await deliveries(store) == []


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"1", b'"x"', b"{", b'{"a":NaN}', b"\xff\xfe{}", b"[" * 50_000]
)
async def test_a_signed_body_that_is_no_json_object_is_refused_with_the_reason(
    webhook: Webhook, store: Redis, body: bytes
) -> None:
    status, answer, _ = await webhook.send(body)
    assert status == 400
    assert "body" in answer["error"]
    assert await deliveries(store) == []


@pytest.mark.parametrize("body", [b'{"a":"\\ud83d"}', b'{"a":1,"a":2}', b'{"n":' + b"9" * 100 + b"}"])
async def test_odd_but_valid_json_is_kept_byte_for_byte(webhook: Webhook, store: Redis, body: bytes) -> None:
    assert (await webhook.send(body))[0] == 200
    assert [kept.body for kept in await deliveries(store)] == [body]


async def test_the_unsigned_legacy_plugin_needs_to_be_let_in(
    serve: Serve, webhook: Webhook, store: Redis, spool: Spool
) -> None:
    assert (await webhook.post(LEGACY))[0] == 401
    opted_in = await serve(inbox_on(store, spool), legacy_plugin=True)

    assert (await opted_in.post(LEGACY))[0] == 200
    assert (await opted_in.post(BODY))[0] == 401, "an integration's body got in without a signature"
    assert (await opted_in.post(LEGACY, sentry_hook_signature="0" * 64))[0] == 401, "a wrong signature got in"
    assert [kept.body for kept in await deliveries(store)] == [LEGACY]


async def test_a_frozen_store_is_answered_from_the_spool_within_a_second(
    webhook: Webhook, store_server: EmbeddedStore, spool: Spool
) -> None:
    assert store_server.pid is not None
    os.kill(store_server.pid, signal.SIGSTOP)
    started = time.monotonic()
    try:
        answers = await asyncio.gather(*(webhook.send() for _ in range(20)))
    finally:
        os.kill(store_server.pid, signal.SIGCONT)

    assert time.monotonic() - started < 1, "Sentry would have hung up"
    assert {status for status, _, _ in answers} == {200}
    assert await spool.count() == 20


async def test_without_store_and_with_a_full_spool_the_sender_is_told_to_come_back(
    serve: Serve, tmp_path: Path
) -> None:
    nowhere, full = connect(store_url(free_port())), Spool(tmp_path, max_bytes=64 * 1024)
    webhook = await serve(inbox_on(nowhere, full))
    big = b'{"a":"' + b"." * 20_000 + b'"}'
    answers = [await webhook.send(big) for _ in range(6)]

    statuses = [status for status, _, _ in answers]
    kept = statuses.count(200)
    assert 0 < kept < 6
    assert statuses == [200] * kept + [503] * (6 - kept)
    _, answer, headers = answers[-1]
    assert int(headers["Retry-After"]) > 0
    assert "send it again" in answer["error"]
    assert await full.count() == kept, "a 200 was not durable, or a 503 was"
    await full.close()
    await nowhere.aclose()


async def test_overload_is_shed_and_counted(serve: Serve, store: Redis, spool: Spool) -> None:
    webhook = await serve(inbox_on(store, spool, max_waiting=0))
    count = {"outcome": "overload"}
    before = REGISTRY.get_sample_value("pilot_webhook_deliveries_total", count) or 0

    status, _, headers = await webhook.send()

    assert (status, "Retry-After" in headers) == (503, True)
    assert REGISTRY.get_sample_value("pilot_webhook_deliveries_total", count) == before + 1


async def test_large_bodies_are_bounded_together_and_do_not_crowd_out_ordinary_ones(
    serve: Serve, store: Redis, spool: Spool
) -> None:
    webhook = await serve(inbox_on(store, spool), reader=BodyReader(max_total=300_000))
    status, answer, headers = await webhook.send(json.dumps({"a": "." * 310_000}).encode())
    assert (status, "Retry-After" in headers) == (503, True)
    assert "too many" in answer["error"]
    assert (await webhook.send())[0] == 200, "what the refused request held was not given back"

    crowded = await serve(inbox_on(store, spool), reader=BodyReader(max_total=0))
    assert (await crowded.send())[0] == 200
