"""What every pager is, and how one is spoken to over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

import aiohttp
import orjson

from investigator.errors import OutsideCallFailed
from investigator.watchdog.alarms import Page

ANSWER_SECONDS = 5.0
PAUSES_SECONDS = (1.0, 2.0)  # before the second and the third try
_WORTH_A_RETRY = frozenset({"timeout", "unreachable", "server_error", "rate_limited"})


class Pager(Protocol):
    """`name` is its label in metrics and logs; `wakes`: warnings are not for it."""

    name: str
    wakes: bool

    async def tell(self, page: Page) -> None:
        """Raises: OutsideCallFailed. Telling the same again makes no second alert."""


async def post(
    session: aiohttp.ClientSession, service: str, url: str, body: bytes, headers: Mapping[str, str]
) -> None:
    """Returns when it was taken (2xx). What may pass is tried three times in all.

    Raises:
        OutsideCallFailed: it was not taken.
    """
    for pause in (*PAUSES_SECONDS, None):
        try:
            return await _once(session, service, url, body, headers)
        except OutsideCallFailed as failure:
            if pause is None or failure.kind not in _WORTH_A_RETRY:
                raise
            await asyncio.sleep(pause)


async def _once(
    session: aiohttp.ClientSession, service: str, url: str, body: bytes, headers: Mapping[str, str]
) -> None:
    sent = {"Content-Type": "application/json", **headers}
    try:
        async with (
            asyncio.timeout(ANSWER_SECONDS),
            session.post(url, data=body, headers=sent, allow_redirects=False) as response,
        ):
            if response.status >= 300:
                raise OutsideCallFailed(service, _kind(response.status), f"HTTP {response.status}")
    except TimeoutError:
        raise OutsideCallFailed(service, "timeout", f"no answer in {ANSWER_SECONDS:g} s") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        # Only its class: the text may name the address, which may be a secret.
        raise OutsideCallFailed(service, "unreachable", type(error).__name__) from None


def _kind(status: int) -> str:
    kinds = {401: "unauthorized", 403: "forbidden", 404: "not_found", 429: "rate_limited"}
    return kinds.get(status, "server_error" if status >= 500 else "rejected")


def json_bytes(document: Mapping[str, object]) -> bytes:
    return orjson.dumps(document)
