"""What the webhook's route is compared with: `python -m benchmarks.intake_servers KIND PORT STORE SECRET`.

Each verifies the signature and parses, then makes the delivery durable in its own way, inside the request.
"""

from __future__ import annotations

import asyncio
import hmac
import sys
import time
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

import orjson
import uvloop
from aiohttp import web
from rq import Queue
from rq.serializers import JSONSerializer

from investigator.store import connect, connect_sync

Keep = Callable[[bytes, Any], Awaitable[None]]


def floor(store: str) -> Keep:
    """One durable write."""
    client = connect(store)

    async def keep(body: bytes, document: Any) -> None:
        await client.xadd("floor", {"body": body})

    return keep


def rq(store: str) -> Keep:
    """`Queue.enqueue` of the parsed body, in a thread because RQ blocks."""
    queue = Queue(connection=connect_sync(store), serializer=JSONSerializer)

    async def keep(body: bytes, document: Any) -> None:
        await asyncio.to_thread(queue.enqueue, "work", document)

    return keep


def per_request(store: str) -> Keep:
    """What Kodiak does: name the queue in a set, push the parsed event on the queue."""
    client, number = connect(store), count()

    async def keep(body: bytes, document: Any) -> None:
        event = orjson.dumps({"number": next(number), **document})  # the load repeats itself, Sentry does not
        async with client.pipeline(transaction=True) as pipe:
            pipe.sadd("queues", "webhooks:installation")
            pipe.zadd("webhooks:installation", {event: time.time()}, nx=True)
            await pipe.execute()

    return keep


KINDS: dict[str, Callable[[str], Keep]] = {"floor": floor, "rq": rq, "per-request": per_request}


async def serve(kind: str, port: int, store: str, secret: str) -> None:
    keep = KINDS[kind](store)

    async def handle(request: web.Request) -> web.Response:
        body = await request.read()
        signature = hmac.new(secret.encode(), body, "sha256").hexdigest()
        if not hmac.compare_digest(signature, request.headers["Sentry-Hook-Signature"]):
            return web.Response(status=401)
        await keep(body, orjson.loads(body))
        return web.Response(body=b'{"status":"accepted"}', content_type="application/json")

    app = web.Application(client_max_size=2**20)
    app.router.add_post("/sentry/webhook", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    kind, port, store, secret = sys.argv[1:]
    uvloop.run(serve(kind, int(port), store, secret))
