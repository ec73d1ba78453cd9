"""Making sure that what was written survives a fail-over: the replicas say that they have it on disk."""

from __future__ import annotations

import asyncio

import redis
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from investigator import keys
from investigator.durability import Durability
from investigator.errors import StoreUnavailable

CONFIRM_SECONDS = 2.0
MOST_WAIT_MS = 400  # a server waits silently meanwhile; two waits must fit into a client's timeout of 1 s


async def confirm(store: Redis, durability: Durability, seconds: float = CONFIRM_SECONDS) -> None:
    """All that anybody wrote to the primary before this call is now safe as configured.

    Confirmed is a write of its own: a server waits for what this connection wrote, and replication keeps the
    order of all connections. With `local`, `appendfsync always` has done it already.

    Raises:
        StoreUnavailable: not confirmed within `seconds`. It may be safe all the same.
    """
    if not durability.replicas:
        return
    try:
        async with asyncio.timeout(seconds), store.pipeline(transaction=False) as pipe:
            pipe.set(keys.CONFIRMATION, "")
            queue_confirmation(pipe, durability, seconds)
            answers = await pipe.execute(raise_on_error=False)
    except (redis.RedisError, OSError) as error:  # TimeoutError is an OSError
        raise StoreUnavailable(f"no confirmation: {str(error) or type(error).__name__}") from error
    require_taken(answers[0])
    require_confirmed(durability, *answers[1:])


def queue_confirmation(pipe: Pipeline, durability: Durability, seconds: float) -> None:
    """Queue two commands that answer when the replicas have what this pipeline wrote.

    WAITAOF alone asks replicas once, before they fsynced, and then waits up to a second for their next report
    (measured); after WAIT it asks again and has its answer within 10 ms.
    """
    # A quarter of the time for each: the server may take a tick of 100 ms between them.
    each = max(1, min(MOST_WAIT_MS, int(seconds * 250)))
    pipe.execute_command("WAIT", durability.replicas, each)
    pipe.execute_command("WAITAOF", 1, durability.replicas, each)


def require_confirmed(durability: Durability, received: object, synced: object) -> None:
    """`received`: how many replicas have it. `synced`: [fsynced here, on how many replicas].

    Raises:
        StoreUnavailable: fewer than configured.
    """
    if isinstance(synced, redis.ResponseError) and "unknown command" in str(synced):
        synced = [1, received]  # Redis before 7.2 can tell no more; docs say what that is worth
    require_taken(received, synced)
    here, confirmed = synced if isinstance(synced, list) else (0, 0)
    if here < 1 or confirmed < durability.replicas:
        raise StoreUnavailable(
            f"{confirmed} of {durability.replicas} replicas confirmed a write in time: check the replicas, "
            "or set PILOT_DURABILITY to what there is"
        )


def require_taken(*answers: object) -> None:
    """Raises: StoreUnavailable, when the server refused one of these."""
    refused = next((answer for answer in answers if isinstance(answer, Exception)), None)
    if refused is not None:
        raise StoreUnavailable(f"a write was refused: {refused}") from refused
