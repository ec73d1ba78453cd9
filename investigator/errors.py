"""Errors people meet. Each text says what is wrong and what to do about it."""

from __future__ import annotations


class PilotError(Exception):
    """Base of everything this program raises on purpose."""


class ConfigurationError(PilotError):
    """Settings or the catalogue are wrong; the program ends with exit code 2 and this one line."""


class BadPayload(PilotError):
    """A body that cannot be understood; it is kept and counted, never dropped."""


class StoreUnavailable(PilotError):
    """The store did not answer in time or refused the write. `remedy` is for where that ends a command."""

    remedy = "see that it runs, and that REDIS_URL or REDIS_SENTINELS lead to it"


class OutsideCallFailed(PilotError):
    """A call to Slack, Sentry or GitHub failed.

    `kind` is one of: not_found, forbidden, unauthorized, rate_limited, timeout, unreachable, server_error,
    bad_answer, cut (the investigation's time was up), rejected. `retry_after` is in seconds, when the other
    side named it.
    """

    def __init__(self, service: str, kind: str, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(f"{service}: {kind.replace('_', ' ')}: {detail}")
        self.service = service
        self.kind = kind
        self.detail = detail
        self.retry_after = retry_after
