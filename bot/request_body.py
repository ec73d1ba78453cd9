"""Reading a request's body without trusting its sender: bounded in size, in time and in total."""

from __future__ import annotations

import asyncio

from aiohttp import web

MIB = 1024 * 1024
SMALL_BYTES = MIB // 4  # never refused for what others hold: large bodies must not crowd out ordinary ones


class BodyRefused(Exception):
    """`status` and text of the answer; `outcome` is its name in the metrics."""

    def __init__(self, status: int, outcome: str, error: str) -> None:
        super().__init__(error)
        self.status = status
        self.outcome = outcome


class BodyReader:
    """Shared by all requests of a process, so that `max_total` bounds what large ones hold together."""

    def __init__(self, *, max_bytes: int = 8 * MIB, max_total: int = 64 * MIB, seconds: float = 5.0) -> None:
        self._max_bytes = max_bytes
        self._max_total = max_total
        self._seconds = seconds
        self._small = min(SMALL_BYTES, max_bytes)
        self._held = 0

    async def read(self, request: web.Request) -> bytes:
        """The whole body, decompressed when it came compressed: the limit holds for what comes out.

        Raises:
            BodyRefused: too large, too slow, broken, or too many others are being read.
        """
        if (request.content_length or 0) > self._max_bytes:
            raise self._too_large()
        content = request.content
        if content.is_eof() and content.total_bytes <= self._small and content.exception() is None:
            return content.read_nowait()  # all of it came with its head; a timer would cost more than reading
        body = bytearray()
        try:
            async with asyncio.timeout(self._seconds):
                async for chunk in content.iter_any():
                    self._held += len(chunk)
                    body += chunk
                    if len(body) > self._max_bytes:
                        raise self._too_large()
                    if self._held > self._max_total and len(body) > SMALL_BYTES:
                        raise BodyRefused(
                            503, "overload", "too many large bodies at once: send it again later"
                        )
        except TimeoutError:
            raise BodyRefused(
                408, "too_slow", f"the body did not arrive within {self._seconds:g} s: send it faster"
            ) from None
        except (web.RequestPayloadError, ConnectionError) as error:
            raise BodyRefused(
                400, "broken", f"the body broke off or is not what its encoding says: {error}"
            ) from error
        finally:
            self._held -= len(body)
        return bytes(body)

    def _too_large(self) -> BodyRefused:
        return BodyRefused(
            413, "too_large", f"the body is larger than {self._max_bytes} bytes: nothing meant for here is"
        )
