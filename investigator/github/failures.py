"""What went wrong between us and GitHub, as one typed error."""

from __future__ import annotations

import json
from collections.abc import Mapping

import requests
import urllib3
from github.Requester import Requester

from investigator.errors import OutsideCallFailed

SERVICE = "GitHub"
DETAIL_LIMIT = 200


class RateLimited(OutsideCallFailed):
    """`secondary`: a limit on all requests of a credential, not on one kind of them."""

    def __init__(self, detail: str, *, retry_after: float | None, secondary: bool = False) -> None:
        super().__init__(SERVICE, "rate_limited", detail, retry_after=retry_after)
        self.secondary = secondary


class Invisible(OutsideCallFailed):
    """The repository is not there, or not for this credential."""

    def __init__(self, detail: str) -> None:
        super().__init__(SERVICE, "not_found", detail)


def cut() -> OutsideCallFailed:
    """The investigation's time is up."""
    return OutsideCallFailed(SERVICE, "cut", "the time for gathering evidence was up")


def bad_answer(detail: str) -> OutsideCallFailed:
    return OutsideCallFailed(SERVICE, "bad_answer", detail)


def failed_answer(status: int, headers: Mapping[str, str], body: str, *, now: float) -> OutsideCallFailed:
    """An HTTP answer with an error status. `headers` have lower-case names, `now` is in epoch seconds."""
    message = _message(body)
    detail = f"{message} (HTTP {status})" if message else f"HTTP {status}"
    if status == 401:
        return OutsideCallFailed(SERVICE, "unauthorized", f"the credentials were refused: {detail}")
    if status == 429 or (status == 403 and _is_rate_limit(headers, message)):
        secondary = headers.get("x-ratelimit-remaining") != "0"
        return RateLimited(detail, retry_after=retry_after(headers, now), secondary=secondary)
    if status == 403:
        return OutsideCallFailed(SERVICE, "forbidden", detail)
    if status in (404, 410, 451):
        return OutsideCallFailed(SERVICE, "not_found", detail)
    if status >= 500:
        return OutsideCallFailed(SERVICE, "server_error", detail)
    if status >= 400:
        return OutsideCallFailed(SERVICE, "rejected", detail)
    return bad_answer(f"unexpected answer: {detail}")


def failed_connection(error: Exception) -> OutsideCallFailed:
    """No whole HTTP answer came. The text of `error` may hold addresses but never a header or token."""
    if isinstance(error, requests.exceptions.Timeout | urllib3.exceptions.TimeoutError):
        return OutsideCallFailed(SERVICE, "timeout", "no answer in time")
    if isinstance(error, requests.exceptions.SSLError):
        return OutsideCallFailed(
            SERVICE, "unreachable", "its certificate does not hold, or our clock is wrong"
        )
    if isinstance(error, urllib3.exceptions.ProtocolError | requests.exceptions.ChunkedEncodingError):
        return bad_answer("the answer broke off in the middle")
    if isinstance(error, urllib3.exceptions.DecodeError | requests.exceptions.ContentDecodingError):
        return bad_answer("the answer could not be decompressed")
    return OutsideCallFailed(SERVICE, "unreachable", f"no connection ({type(error).__name__})")


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait, by `retry-after` or the reset of the primary limit; None when neither is named."""
    wait, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
    if wait.isdigit():
        return float(wait)
    if reset.isdigit() and headers.get("x-ratelimit-remaining") == "0":
        return max(0.0, float(reset) - now)
    return None


def _is_rate_limit(headers: Mapping[str, str], message: str) -> bool:
    return (
        "retry-after" in headers
        or headers.get("x-ratelimit-remaining") == "0"
        or Requester.isRateLimitError(message.lower())
    )


def _message(body: str) -> str:
    try:
        answer = json.loads(body)
    except ValueError:
        return ""
    message = answer.get("message") if isinstance(answer, dict) else None
    return message[:DETAIL_LIMIT] if isinstance(message, str) else ""
