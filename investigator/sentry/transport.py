"""One authorized request to Sentry's API: timeouts, the retry, and every failure as one kind of error."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

import aiohttp
import orjson
import structlog
from yarl import URL

from investigator.deadline import Deadline
from investigator.errors import BadPayload, OutsideCallFailed
from investigator.sentry.body import read_json
from investigator.sentry.coerce import line, text, walk
from investigator.tracing import span

_log = structlog.get_logger(__name__)

_LARGEST_ANSWER = 16 * 1024 * 1024
_RETRY_PAUSE_SECONDS = 0.2
_WORTH_A_RETRY = ("timeout", "unreachable", "server_error")
_NO_NAMES = {"", ".", ".."}  # servers and proxies would read another path out of these
_KINDS = {401: "unauthorized", 403: "forbidden", 404: "not_found", 429: "rate_limited"}


@dataclass(frozen=True, slots=True)
class Answer:
    payload: object
    link: str | None  # the Link header, which names the next page
    pause: float = 0.0  # seconds until Sentry takes the next request; 0 while it takes more


@dataclass(slots=True)
class SentryTransport:
    """`timeout_seconds` is for one attempt; `requests` counts attempts, failed ones included."""

    session: aiohttp.ClientSession
    base_url: str
    token: str = field(repr=False)
    timeout_seconds: float = 5.0
    requests: int = 0

    async def get(
        self, *path: str, query: Mapping[str, str] | None = None, deadline: Deadline | None = None
    ) -> Answer:
        """GET `/api/0/<path>/`; each part of the path is percent-encoded, slashes too.

        Timeouts, broken connections and 5xx are tried once more, if the deadline leaves time for it.

        Raises:
            OutsideCallFailed: of any kind that `investigator.errors` lists.
        """
        return await self._request("GET", self._address(path).with_query(query), None, deadline)

    async def put(self, *path: str, change: Mapping[str, object], deadline: Deadline | None = None) -> Answer:
        """PUT a change that says what shall be, so that it may be tried once more as `get` is.

        Raises:
            OutsideCallFailed: as `get`; `forbidden` when the token may only read.
        """
        return await self._request("PUT", self._address(path), change, deadline)

    def _address(self, path: tuple[str, ...]) -> URL:
        if not _NO_NAMES.isdisjoint(path):
            raise _failure("rejected", f"nothing in Sentry has such a name: {'/'.join(path)!a}")
        address = "/".join([self.base_url.rstrip("/"), "api/0", *(quote(part, safe="") for part in path), ""])
        return URL(address, encoded=True)

    async def _request(
        self, method: str, url: URL, change: Mapping[str, object] | None, deadline: Deadline | None
    ) -> Answer:
        try:
            return await self._attempt(method, url, change, deadline)
        except OutsideCallFailed as failure:
            if failure.kind not in _WORTH_A_RETRY or not _time_for_another(deadline):
                raise
            _log.info("sentry_request_retried", path=url.path, kind=failure.kind)
        await asyncio.sleep(_RETRY_PAUSE_SECONDS)
        return await self._attempt(method, url, change, deadline)

    async def _attempt(
        self, method: str, url: URL, change: Mapping[str, object] | None, deadline: Deadline | None
    ) -> Answer:
        seconds = self.timeout_seconds if deadline is None else min(self.timeout_seconds, deadline.left())
        if seconds <= 0:
            raise _failure("cut", "the time for this investigation was used up before the request")
        self.requests += 1
        headers = {"Authorization": f"Bearer {self.token.strip()}", "Accept": "application/json"}
        try:
            with span("sentry", method=method, path=url.path):
                async with (
                    asyncio.timeout(seconds),
                    self.session.request(
                        method, url, headers=headers, json=change, allow_redirects=False
                    ) as response,
                ):
                    body = await _read(response)
        except TimeoutError:
            if seconds < self.timeout_seconds:
                raise _failure("cut", f"no answer in the {seconds:.1f} s that were left") from None
            raise _failure("timeout", f"no answer within {seconds:g} s") from None
        except aiohttp.ClientSSLError:
            raise _failure("unreachable", "its certificate does not hold, or our clock is wrong") from None
        except (aiohttp.ClientError, OSError) as error:
            raise _failure("unreachable", f"{type(error).__name__} at {self.base_url}") from None
        return _understand(response, body)


def _time_for_another(deadline: Deadline | None) -> bool:
    return deadline is None or deadline.left() > _RETRY_PAUSE_SECONDS


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _LARGEST_ANSWER:
            raise _failure("bad_answer", f"larger than {_LARGEST_ANSWER // 2**20} MB")
    return bytes(body)


def _understand(response: aiohttp.ClientResponse, body: bytes) -> Answer:
    status = response.status
    if status == 200:
        try:
            return Answer(read_json(body), response.headers.get("Link"), _pause(response))
        except BadPayload:
            kind = response.content_type
            raise _failure(
                "bad_answer", f"200, but the body is not whole JSON (content type {kind})"
            ) from None
    if status < 400:
        raise _failure("bad_answer", f"{status} where 200 was expected; redirects are not followed")
    kind = _KINDS.get(status, "server_error" if status >= 500 else "rejected")
    detail = f"{status} {_detail(body)}".strip()
    raise _failure(kind, detail, _retry_after(response) if kind == "rate_limited" else None)


def _detail(body: bytes) -> str:
    """Sentry's own words, which are an object of their own in some answers; anything else is not repeated."""
    try:
        said = walk(orjson.loads(body), "detail")
    except orjson.JSONDecodeError:
        return ""
    return text(walk(said, "message")) or line(said, 200)


def _pause(response: aiohttp.ClientResponse) -> float:
    spent = response.headers.get("X-Sentry-Rate-Limit-Remaining") == "0"
    return (_retry_after(response) or 0.0) if spent else 0.0


def _retry_after(response: aiohttp.ClientResponse) -> float | None:
    """Seconds to wait; Sentry names the moment its window ends, proxies in front of it the seconds."""
    headers = response.headers
    try:
        if "Retry-After" in headers:
            return max(0.0, float(headers["Retry-After"]))
        return max(0.0, float(headers["X-Sentry-Rate-Limit-Reset"]) - time.time())
    except (KeyError, ValueError):
        return None


def _failure(kind: str, detail: str, retry_after: float | None = None) -> OutsideCallFailed:
    return OutsideCallFailed("Sentry", kind, detail, retry_after=retry_after)
