"""What may come back over HTTP: from the address that was asked, not compressed, and of bounded length.

SDKs read an answer whole before they look at it, unpack whatever is compressed, and follow redirects with our
key in a header. A provider gone mad, or somebody in its place, must not fill our memory or lead us elsewhere.
"""

from __future__ import annotations

import functools
import ssl
from collections.abc import AsyncIterator
from typing import Any

import httpx2

from investigator.analysis.failures import ProviderFailed

LONGEST_BYTES = 4 * 2**20  # a model writes some thousand tokens
HEADERS = {"Accept-Encoding": "identity"}  # to be sent with every request


def guarded() -> dict[str, Any]:
    """Options for the HTTP client of an SDK: what is wrong with an answer is raised as ProviderFailed."""
    return {"follow_redirects": False, "event_hooks": {"response": [_guard]}, "verify": trusted()}


@functools.cache
def trusted() -> ssl.SSLContext:
    """Whom to trust, read once: it takes longer than all else that we do for an analysis."""
    return httpx2.create_ssl_context()


async def _guard(response: httpx2.Response) -> None:
    coding = response.headers.get("content-encoding", "identity")
    if coding != "identity":
        raise ProviderFailed("bad_answer", f"it is compressed ({coding[:20]}), which was not asked for")
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Bounded(response.stream)


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = LONGEST_BYTES
        async for piece in self._stream:
            left -= len(piece)
            if left < 0:
                raise ProviderFailed("bad_answer", f"it is longer than {LONGEST_BYTES:,} bytes")
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()
