"""One request to the outside, with a time limit and its failure in plain words."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from investigator.errors import PilotError

CALL_SECONDS = 5.0
_LARGEST = 8 * 1024 * 1024


class NoAnswer(PilotError):
    """Nothing that could be called an HTTP answer came. `remedy` says where to look."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Answer:
    """`payload` is the JSON of the body, None when it is none."""

    status: int
    headers: Mapping[str, str]
    payload: Any


async def fetch(
    session: aiohttp.ClientSession,
    url: str,
    *,
    method: str = "GET",
    token: str | None = None,
    body: bytes | None = None,
) -> Answer:
    """Whatever status is answered.

    Raises:
        NoAnswer: the address cannot be reached, or not within `CALL_SECONDS`.
    """
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        async with (
            asyncio.timeout(CALL_SECONDS),
            session.request(method, url, headers=headers, data=body, allow_redirects=False) as response,
        ):
            text = await response.content.read(_LARGEST)
            while not response.content.at_eof() and len(text) < _LARGEST:
                text += await response.content.read(_LARGEST - len(text))
            return Answer(response.status, response.headers, _json(text))
    except (aiohttp.ClientError, OSError, ValueError) as error:  # TimeoutError is an OSError
        raise _in_words(error) from None


def _json(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _in_words(error: Exception) -> NoAnswer:
    if isinstance(error, TimeoutError):
        return NoAnswer(
            f"no answer within {CALL_SECONDS:g} s",
            "see whether a firewall drops the connection or it is slow",
        )
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return NoAnswer(
            "the name cannot be resolved", "see that DNS works here and that the address is right"
        )
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return NoAnswer(
            f"no trusted TLS connection ({type(error).__name__})",
            "see the certificate's date and authority, this machine's clock, and any proxy in between",
        )
    if isinstance(error, aiohttp.InvalidURL | ValueError):
        return NoAnswer("the address is not one", "correct the setting that names it")
    return NoAnswer(f"no connection ({type(error).__name__})", "see that the address is right and reachable")
