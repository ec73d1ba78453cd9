"""Our own errors to Sentry: without secrets, few, and never about what we do for an incident of our own."""

from __future__ import annotations

import time
from collections import deque
from importlib.metadata import version
from typing import Any, cast

import sentry_sdk
from sentry_sdk.integrations.aiohttp import AioHttpIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.integrations.rq import RqIntegration
from sentry_sdk.types import Event, Hint
from sentry_sdk.utils import BadDsn

from investigator.about_ourselves import TAG, is_marked
from investigator.errors import ConfigurationError
from investigator.redaction import Vault, redact_document

MOST_AN_HOUR = 20  # of one process: an error that repeats itself must not become a storm that we investigate
HOUR = 3600.0


def report_errors(dsn: str, role: str) -> None:
    """Report what this process, and the jobs it forks, did not expect.

    Raises:
        ConfigurationError: `dsn` is not one.
    """
    try:
        sentry_sdk.init(
            dsn=dsn,
            release=f"incidentpilot@{version('incidentpilot')}",
            before_send=Reports().judged,
            integrations=[
                AioHttpIntegration(),
                RqIntegration(),
                LoggingIntegration(event_level=None),  # RQ logs what it raises: that would be two reports
            ],
            auto_enabling_integrations=False,
            include_local_variables=False,
            max_breadcrumbs=0,
        )
    except BadDsn:
        raise ConfigurationError(
            "PILOT_SENTRY_DSN is not a DSN: copy it from the project's Client Keys in Sentry"
        ) from None
    sentry_sdk.set_tag("role", role)
    sentry_sdk.set_tag(TAG, "self")


class Reports:
    """Which reports leave, and how."""

    def __init__(self, most: int = MOST_AN_HOUR) -> None:
        self._sent: deque[float] = deque(maxlen=most)

    def judged(self, event: Event, hint: Hint) -> Event | None:
        """The report without secrets; None when it is not to be sent."""
        error = hint.get("exc_info", (None, None, None))[1]
        if is_marked(error) or self._too_many(time.monotonic()):
            return None
        return cast("Event", redact_document(cast("dict[str, Any]", event), Vault(), "all"))

    def _too_many(self, now: float) -> bool:
        if len(self._sent) == self._sent.maxlen and now - self._sent[0] < HOUR:
            return True
        self._sent.append(now)
        return False
