"""When a second model is asked beside a first one that is slower than it uses to be."""

from __future__ import annotations

import pytest
import redis.asyncio
from pydantic import ValidationError

from investigator.analysis.hedging import LEAST_ANSWERS, REMEMBERED, after, timed
from investigator.analysis.shared_state import SharedState
from investigator.models.analysis import Attempt
from investigator.settings import Settings
from sandbox.llm import LlmSandbox
from tests.fixtures.findings import findings
from tests.fixtures.models import analyst, serving, settings, within, written

CLAUDE = ("anthropic", "claude-sonnet-5-5")
NOW = 1_800_000_000.0


def took(seconds: float, outcome: str = "ok") -> Attempt:
    return Attempt(provider=CLAUDE[0], model=CLAUDE[1], outcome=outcome, seconds=seconds)


def test_a_number_is_a_number_and_p95_is_what_most_answers_took() -> None:
    assert after(2.5, [9.0] * 50) == 2.5
    assert after(None, [9.0] * 50) is None
    assert after("p95", [float(second) for second in range(1, 101)]) == 95.0
    assert after("p95", [1.0] * 19 + [7.0]) == 1.0
    assert after("p95", [1.0] * (LEAST_ANSWERS - 1)) is None, "of too few nothing is concluded"


def test_what_was_given_up_counts_once_as_the_longest_wait() -> None:
    slow, second = took(6.0, "cancelled"), took(1.0, "cancelled")
    assert timed([second, slow, took(2.0)]) == (slow, took(2.0))
    assert timed([took(0.1, "unauthorized")]) == (), "a refusal says nothing about how long an answer takes"


@pytest.mark.parametrize(("told", "kept"), [("2.5", 2.5), ("p95", "p95"), (None, None)])
def test_it_is_set_in_seconds_or_as_p95(told: str | None, kept: float | str | None) -> None:
    assert Settings(_env_file=None, pilot_ai_hedge_seconds=told).pilot_ai_hedge_seconds == kept
    for wrong in ("p99", "-1", "0"):
        with pytest.raises(ValidationError):
            Settings(_env_file=None, pilot_ai_hedge_seconds=wrong)


async def test_a_model_that_is_slower_than_it_uses_to_be_gets_company(store: redis.asyncio.Redis) -> None:
    for _ in range(3):
        await SharedState(store).note([took(0.2)] * (REMEMBERED // 2), {}, now=NOW)
    known = await SharedState(store).read([CLAUDE], now=NOW, seconds=9)
    assert len(known.answered[CLAUDE]) == REMEMBERED
    hangs = LlmSandbox()
    hangs.faults.add("/", hang=True)
    async with serving(anthropic=hangs, openai=LlmSandbox(answer=lambda _: written())) as addresses:
        configured = settings(addresses, pilot_ai_hedge_seconds="p95", pilot_ai_budget_seconds=20.0)
        with within(8.0):
            assessment = await analyst(configured, store).assess(findings())
    assert {a.provider: a.outcome for a in assessment.attempts} == {"anthropic": "cancelled", "openai": "ok"}
    newest = (await SharedState(store).read([CLAUDE], now=NOW, seconds=9)).answered[CLAUDE][0]
    assert newest >= 0.2, "that it was waited for in vain counts, too"
