"""Finding the primary through Sentinels: which they are, and how the event loop's client asks them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import redis
import redis.asyncio
from redis.asyncio.sentinel import MasterNotFoundError


@dataclass(frozen=True, slots=True)
class Sentinels:
    """`hosts` are (name, port); `primary` is what they call the primary they watch."""

    hosts: tuple[tuple[str, int], ...]
    primary: str
    password: str | None = field(default=None, repr=False)
    sentinel_password: str | None = field(default=None, repr=False)


def parse_host(text: str) -> tuple[str, int]:
    """`host:port` or `[IPv6]:port`.

    Raises:
        ValueError: it is something else; says what to write.
    """
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"{text!r} is not an address: write host:port, separated by commas")
    return host.removeprefix("[").removesuffix("]"), int(port)


class Majority:
    """Asks all Sentinels at once and believes the newest configuration among a majority's answers.

    redis-py's own asks one after the other and believes the first: one that is cut off costs its timeout
    every time, which is all that a webhook may wait, and still names the primary from before the fail-over.
    """

    def __init__(self, hosts: Sequence[tuple[str, int]], options: Mapping[str, Any]) -> None:
        self._hosts = hosts
        self._options = options

    async def discover_master(self, service_name: str) -> tuple[str, int]:
        """Where the primary listens; redis-py calls it by this name. Without a majority, what those say that
        answered in time.

        Raises:
            MasterNotFoundError: nobody answered, or they say that it is down.
        """
        asked = [asyncio.create_task(self._state(host, port, service_name)) for host, port in self._hosts]
        states: list[Mapping[str, Any]] = []
        without: list[str] = []
        try:
            for answer in asyncio.as_completed(asked):
                found = await answer
                if isinstance(found, str):
                    without.append(found)
                else:
                    states.append(found)
                if len(states) > len(asked) // 2:
                    break
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        newest = max(states, key=lambda state: int(state["config-epoch"]), default=None)
        if newest is None:
            raise MasterNotFoundError(
                f"no Sentinel names a primary ({'; '.join(sorted(without))}): see that they run, and that "
                "REDIS_SENTINELS, REDIS_SENTINEL_MASTER and REDIS_SENTINEL_PASSWORD are theirs"
            )
        if newest["is_sdown"] or newest["is_odown"]:
            raise MasterNotFoundError(f"the Sentinels say that the primary {service_name!r} is down")
        return str(newest["ip"]), int(newest["port"])

    async def _state(self, host: str, port: int, name: str) -> Mapping[str, Any] | str:
        """What this one says of the primary, or why it says nothing: the others' answers decide then."""
        try:
            async with redis.asyncio.Redis(host=host, port=port, **self._options) as client:
                masters: Any = await client.sentinel_masters()
        except (redis.RedisError, OSError) as error:
            return f"{host}:{port}: {str(error) or type(error).__name__}"
        state: Mapping[str, Any] | None = masters.get(name)
        return f"{host}:{port}: watches none called {name!r}" if state is None else state
