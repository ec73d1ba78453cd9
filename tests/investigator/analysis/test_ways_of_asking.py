"""OpenAI's two protocols, and a second model beside a slow one."""

from __future__ import annotations

import asyncio
import time

import pytest

from investigator.analysis.failures import Kind
from investigator.analysis.openai_api import OpenAI, rungs
from investigator.models.analysis import Assessment
from sandbox.llm import LlmSandbox
from tests.fixtures.findings import findings
from tests.fixtures.models import OTHER, analyst, serving, settings, written


def test_openai_itself_is_asked_through_responses_and_others_through_chat() -> None:
    assert [name for name, _ in rungs("auto", compatible=False)] == ["responses", "chat", "chat", "chat"]
    assert {name for name, _ in rungs("auto", compatible=True)} == {"chat"}
    assert {name for name, _ in rungs("responses", compatible=True)} == {"responses"}
    assert {name for name, _ in rungs("chat", compatible=False)} == {"chat"}


async def test_only_what_may_mean_a_missing_protocol_leads_to_the_other_one() -> None:
    openai = OpenAI("some-model", "key", None, "auto")
    kinds: list[Kind] = [
        "bad_request",
        "unknown_model",
        "server_error",
        "rate_limited",
        "timeout",
        "unauthorized",
    ]
    assert [openai.may_not_know(0, kind) for kind in kinds] == [True, True, False, False, False, False]
    assert not openai.may_not_know(1, "bad_request"), "at OpenAI a refused schema is refused for good"
    await openai.close()


@pytest.mark.parametrize(
    ("finish", "outcome"), [("stop", "ok"), ("length", "truncated"), ("content_filter", "refused")]
)
async def test_responses_are_understood_and_nothing_is_stored(finish: str, outcome: str) -> None:
    sandbox = LlmSandbox(answer=lambda _: written(), finish=finish)
    async with serving(openai=sandbox) as addresses:
        configured = settings(addresses, "openai", pilot_openai_api="responses")
        assessment = await analyst(configured).assess(findings())
    assert [attempt.outcome for attempt in assessment.attempts] == [outcome]
    assert assessment.attempts[0].tokens_out > 0
    assert sandbox.requests[0]["store"] is False
    assert sandbox.requests[0]["text"]["format"]["type"] == "json_schema"


async def hedged(slow: LlmSandbox, other: LlmSandbox, after: float) -> tuple[Assessment, float]:
    async with serving(anthropic=slow, openai=other) as addresses:
        asked = analyst(settings(addresses, pilot_ai_hedge_seconds=after, pilot_ai_budget_seconds=20.0))
        started = time.monotonic()
        return await asked.assess(findings()), time.monotonic() - started


def hanging() -> LlmSandbox:
    sandbox = LlmSandbox()
    sandbox.faults.add("/", hang=True)
    return sandbox


async def test_a_second_model_answers_for_a_slow_one_and_the_slow_one_is_noted() -> None:
    assessment, seconds = await hedged(hanging(), LlmSandbox(answer=lambda _: written()), 0.2)
    assert assessment.analysis is not None
    assert assessment.analysis.provider == "openai"
    assert {a.provider: a.outcome for a in assessment.attempts} == {"anthropic": "cancelled", "openai": "ok"}
    cancelled = next(a for a in assessment.attempts if a.outcome == "cancelled")
    assert cancelled.dollars is None, "nobody knows what it cost"
    assert seconds < 12, "the slow one's share of the budget was not waited for"


async def test_a_model_that_is_fast_enough_is_asked_alone() -> None:
    other = LlmSandbox(answer=lambda _: written())
    assessment, _ = await hedged(LlmSandbox(answer=lambda _: written()), other, 15.0)
    assert [a.provider for a in assessment.attempts] == ["anthropic"]
    assert not other.requests


async def test_one_that_fails_is_followed_at_once_and_all_may_fail() -> None:
    broken = {name: LlmSandbox() for name in OTHER}
    for sandbox in broken.values():
        sandbox.faults.add("/", status=401)
    assessment, seconds = await hedged(broken["anthropic"], broken["openai"], 15.0)
    assert {a.outcome for a in assessment.attempts} == {"unauthorized"}
    assert {a.provider for a in assessment.attempts} == set(OTHER)
    assert seconds < 14, "nothing was waited for"
    assert not [
        task for task in asyncio.all_tasks() if task is not asyncio.current_task() and not task.done()
    ]
