"""The store: does it answer, and does it keep what it acknowledged?"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator, Mapping

import redis.asyncio
from redis.exceptions import RedisError

from bot.doctor.check import Check, Subject, failed, ok, skipped, warning
from bot.doctor.sentinels import sentinels
from bot.incidents_command import store_address
from investigator import keys
from investigator.confirmation import confirm
from investigator.durability import Durability, parse_durability
from investigator.embedded_store import server_binary
from investigator.errors import ConfigurationError, StoreUnavailable
from investigator.store import as_unavailable, connect, decoded

ANSWER_SECONDS = 3.0
OLDEST = (7, 2)
ASKED = (
    "appendonly",
    "appendfsync",
    "maxmemory-policy",
    "min-replicas-to-write",
    "min-replicas-max-lag",
)


async def store(subject: Subject) -> AsyncIterator[Check]:
    try:
        address = store_address(subject.settings)
    except ConfigurationError as problem:
        yield _none(problem)
        return
    durability = parse_durability(subject.settings.pilot_durability)
    async with connect(address, timeout=ANSWER_SECONDS) as connection:
        try:
            with as_unavailable():
                info = await connection.info()
        except (StoreUnavailable, RedisError) as error:
            yield failed("connection", str(error), StoreUnavailable.remedy)
            return
        for check in _described(info, durability):
            yield check
        for check in _configured(await _config(connection), durability):
            yield check
        yield await _writes(connection, durability)
    if subject.settings.redis_sentinels:
        async for check in sentinels(subject.settings):
            yield check


def _none(problem: ConfigurationError) -> Check:
    try:
        binary = server_binary()
    except ConfigurationError as error:
        return failed("server", str(problem), str(error))
    return skipped("server", f"no store runs: {problem}", f"`pilot up` starts its own ({binary.name})")


def _described(info: Mapping[str, object], durability: Durability) -> list[Check]:
    """What the server says of itself. Pure."""
    return [_version(info), *_role(info), *_replicas(info, durability), *_files(info)]


def _version(info: Mapping[str, object]) -> Check:
    name = "Valkey" if "valkey_version" in info else "Redis"
    version = str(info.get("valkey_version") or info.get("redis_version", "0"))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers >= OLDEST:
        return ok("version", f"{name} {version}")
    return warning(
        "version",
        f"{name} {version} cannot confirm what replicas have on disk (WAITAOF)",
        "use Valkey, or Redis 7.2 or newer",
    )


def _role(info: Mapping[str, object]) -> Iterator[Check]:
    if info.get("role") != "master":
        remedy = "name the primary, or use REDIS_SENTINELS"
        yield failed("role", "this is a replica, which takes no writes", remedy)


def _replicas(info: Mapping[str, object], durability: Durability) -> Iterator[Check]:
    online = _online(info)
    if online < durability.replicas:
        yield failed(
            "replicas",
            f"{online} online, PILOT_DURABILITY asks for {durability.replicas}: nothing can be confirmed",
            "start the missing replicas, or set PILOT_DURABILITY to what there is",
        )
    elif durability.replicas:
        yield ok("replicas", f"{online} online, {durability.replicas} must confirm")
    elif online:
        yield warning(
            "replicas",
            f"{online} online, but PILOT_DURABILITY is local: a fail-over may lose what was acknowledged",
            f"set PILOT_DURABILITY=replicated:{online}, see docs/regions.md",
        )


def _files(info: Mapping[str, object]) -> Iterator[Check]:
    for field, what in (("aof_last_write_status", "write"), ("aof_last_bgrewrite_status", "rewrite")):
        if info.get(field, "ok") != "ok":
            yield failed(
                f"last {what} of the append-only file",
                f"failed ({info[field]})",
                "see the store's log and its disk",
            )


def _online(info: Mapping[str, object]) -> int:
    replicas = (info.get(f"slave{number}") for number in range(int(str(info.get("connected_slaves", 0)))))
    return sum(isinstance(each, Mapping) and each.get("state") == "online" for each in replicas)


async def _config(connection: redis.asyncio.Redis) -> dict[str, str] | None:
    """None where the server does not tell, as hosted ones often do not."""
    try:
        answers = await connection.config_get(*ASKED)
    except (RedisError, OSError):
        return None
    return {decoded(name): decoded(value) for name, value in answers.items()}


def _configured(config: Mapping[str, str] | None, durability: Durability) -> list[Check]:
    """What its configuration is worth. Pure."""
    if config is None:
        return [
            skipped(
                "durability settings",
                "the server does not tell its configuration",
                "see yourself: appendonly yes, appendfsync always, maxmemory-policy noeviction",
            )
        ]
    wanted = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
    checks = [
        ok(name, value)
        if config.get(name) == value
        else failed(
            name, f"is {config.get(name, 'not there')}", f"CONFIG SET {name} {value}, and in its file"
        )
        for name, value in wanted.items()
    ]
    least = int(config.get("min-replicas-to-write", "0"))
    if durability.replicas and least < 1:
        checks.append(
            failed(
                "min-replicas-to-write",
                "is 0: a primary that was cut off goes on acknowledging writes that will be lost",
                "CONFIG SET min-replicas-to-write 1 and min-replicas-max-lag 2, see docs/regions.md",
            )
        )
    elif durability.replicas:
        checks.append(ok("min-replicas-to-write", f"{least}, lag {config.get('min-replicas-max-lag')} s"))
    return checks


async def _writes(connection: redis.asyncio.Redis, durability: Durability) -> Check:
    started = time.monotonic()
    try:
        with as_unavailable():
            await connection.delete(keys.CONFIRMATION)
        await confirm(connection, durability)
    except (StoreUnavailable, RedisError) as error:
        return failed("a write", f"{error}", "see the checks above: webhooks go to the local spool meanwhile")
    return ok("a write", f"taken and confirmed in {(time.monotonic() - started) * 1000:.0f} ms")
