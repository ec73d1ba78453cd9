"""Late analyses are looked for where there is a provider, and every task of the clock is a job."""

from __future__ import annotations

from typing import Any

from bot.processes import clock_tasks
from investigator import jobs
from investigator.settings import Settings


def configured(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


def test_without_a_provider_nobody_looks_for_late_analyses() -> None:
    assert "late_analyses" not in clock_tasks(configured())
    tasks = clock_tasks(configured(anthropic_api_key="k", sentry_auth_token="t", sentry_org="acme"))
    assert {"sweep", "reconcile", "late_analyses"} <= tasks.keys()
    assert all(callable(getattr(jobs, task)) for task in tasks), "each task names a job"
    assert "late_analyses" not in clock_tasks(configured(anthropic_api_key="k", pilot_ai_order="openai"))
