"""What the roles do depends on what is configured, and what they leave out they say."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from bot.processes import clock_tasks
from investigator.settings import Settings


def settings(**given: object) -> Settings:
    return Settings.model_validate(given)


def test_sentry_is_swept_as_often_as_configured() -> None:
    tasks = clock_tasks(settings(sentry_auth_token="t", sentry_org="acme", pilot_reconcile_seconds=60))
    assert tasks["reconcile"] == 60


@pytest.mark.parametrize(
    "given",
    [{}, {"sentry_auth_token": "t", "sentry_org": "acme", "pilot_reconcile_seconds": 0}],
    ids=["no token", "switched off"],
)
def test_without_sweeps_the_clock_says_so_once(given: dict[str, object]) -> None:
    with capture_logs() as logs:
        tasks = clock_tasks(settings(**given))
    assert "reconcile" not in tasks
    [line] = logs
    assert "SENTRY_AUTH_TOKEN" in line["remedy"]
