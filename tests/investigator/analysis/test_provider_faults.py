"""Whatever a provider does, and whichever is asked first: an assessment within the budget, and why in words.

The servers are llmock, which we did not write, and for what it cannot do (bodies that trickle or are cut,
pages instead of answers) a sandbox of ours.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest
from llmock.pytest_plugin import LLMock
from llmock.scenarios import Match, Reply

from investigator.analysis import chain
from investigator.models.analysis import Assessment
from sandbox.llm import LlmSandbox
from tests.fixtures.findings import SHA_BUG, findings
from tests.fixtures.models import OTHER, analyst, serving, settings, within, written

BUDGET = 20.0  # of which nothing is used up by waiting
SHORT_BUDGET = 1.0  # where all of it is
LEFT_ALONE = 3600  # seconds that a provider asks for, and that nobody waits
Fault = Callable[[LLMock, str], object]

# llmock asks for patience with every 429 and 5xx; so long that each model is asked once.
FAULTS: dict[str, tuple[Fault, str]] = {
    "429": (lambda m, p: m.fail(429, times=None, retry_after=LEFT_ALONE, provider=p), "rate_limited"),
    "529": (lambda m, p: m.fail(529, times=None, retry_after=LEFT_ALONE, provider=p), "overloaded"),
    "503": (lambda m, p: m.fail(503, times=None, retry_after=LEFT_ALONE, provider=p), "overloaded"),
    "500": (lambda m, p: m.fail(500, times=None, retry_after=LEFT_ALONE, provider=p), "server_error"),
    "401": (lambda m, p: m.fail(401, times=None, provider=p), "unauthorized"),
    "404": (lambda m, p: m.fail(404, times=None, provider=p), "unknown_model"),
    "too long": (lambda m, p: m.context_overflow(times=None, provider=p), "context_too_long"),
    "rubbish": (lambda m, p: m.reply("I think it was the cat.", times=None, provider=p), "invalid"),
    "half an answer": (lambda m, p: m.reply(written()[:120], times=None, provider=p), "invalid"),
    "mad confidence": (lambda m, p: m.reply(written(confidence=1e15), times=None, provider=p), "invalid"),
    "inventions": (lambda m, p: m.reply(written(suspect="C77"), times=None, provider=p), "ungrounded"),
    "cut short": (lambda m, p: m.add(stopped(p, "length", "max_tokens")), "truncated"),
}


def stopped(provider: str, openai: str, anthropic: str) -> Reply:
    reason = openai if provider == "openai" else anthropic
    return Reply(text=written(), finish_reason=reason, times=None, match=Match(provider=provider))


async def assess(mock: LLMock, first: str) -> Assessment:
    addresses = {name: mock.base_url(name) for name in OTHER}
    with within(BUDGET):
        return await analyst(settings(addresses, first, pilot_ai_budget_seconds=BUDGET)).assess(findings())


@pytest.mark.parametrize("first", OTHER)
@pytest.mark.parametrize("name", FAULTS)
async def test_the_next_provider_answers_for_one_that_fails(llmock: LLMock, name: str, first: str) -> None:
    fault, outcome = FAULTS[name]
    fault(llmock, first)
    llmock.reply(written(), times=None, provider=OTHER[first])
    assessment = await assess(llmock, first)
    assert assessment.analysis is not None, f"{OTHER[first]} answered: {assessment.words}"
    assert (assessment.analysis.provider, assessment.analysis.suspect) == (OTHER[first], SHA_BUG)
    assert {attempt.outcome for attempt in assessment.attempts[:-1]} == {outcome}


@pytest.mark.parametrize("first", OTHER)
@pytest.mark.parametrize("name", FAULTS)
async def test_when_all_fail_it_says_why_within_the_budget(llmock: LLMock, name: str, first: str) -> None:
    fault, outcome = FAULTS[name]
    for provider in OTHER:
        fault(llmock, provider)
    assessment = await assess(llmock, first)
    assert assessment.analysis is None
    assert assessment.reason == outcome
    assert assessment.words, "people are told why"
    assert {attempt.provider for attempt in assessment.attempts} == set(OTHER), "both were asked"


@pytest.mark.parametrize("provider", OTHER)
async def test_evidence_that_is_too_long_is_cut_and_asked_again(llmock: LLMock, provider: str) -> None:
    llmock.context_overflow(times=2, provider=provider)
    llmock.reply(written(), times=None, provider=provider)
    assessment = await assess(llmock, provider)
    assert [a.outcome for a in assessment.attempts] == ["context_too_long", "context_too_long", "ok"]
    assert assessment.analysis is not None
    assert assessment.analysis.provider == provider


async def test_a_model_that_asks_for_a_moment_gets_it(llmock: LLMock) -> None:
    for provider in OTHER:
        llmock.fail(429, retry_after=1, provider=provider)
        llmock.reply(written(), times=None, provider=provider)
    started = time.monotonic()
    for assessment in await asyncio.gather(*(assess(llmock, provider) for provider in OTHER)):
        assert [attempt.outcome for attempt in assessment.attempts] == ["rate_limited", "ok"]
    assert time.monotonic() - started >= 1, "Retry-After is kept to"
    llmock.assert_resilient()


@pytest.mark.parametrize("provider", OTHER)
async def test_a_hiccup_is_tried_again_once(provider: str) -> None:
    sandbox = LlmSandbox(answer=lambda _: written())
    sandbox.faults.add("/", status=500, times=1)
    async with serving(**{provider: sandbox}) as addresses:
        assessment = await analyst(settings(addresses, provider)).assess(findings())
    assert [attempt.outcome for attempt in assessment.attempts] == ["server_error", "ok"]


@pytest.mark.parametrize("provider", OTHER)
async def test_a_limit_without_a_time_is_not_run_into_again(provider: str) -> None:
    limited, other = LlmSandbox(), LlmSandbox(answer=lambda _: written())
    limited.faults.add("/", status=429)
    async with serving(**{provider: limited, OTHER[provider]: other}) as addresses:
        assessment = await analyst(settings(addresses, provider)).assess(findings())
    assert [attempt.outcome for attempt in assessment.attempts] == ["rate_limited", "ok"]
    assert assessment.attempts[0].retry_after is None


def trickles() -> LlmSandbox:
    return LlmSandbox(trickle=0.2)


def cuts() -> LlmSandbox:
    return LlmSandbox(cut=64)


def hangs() -> LlmSandbox:
    sandbox = LlmSandbox()
    sandbox.faults.add("/", hang=True)
    return sandbox


def answers(body: bytes, content_type: str) -> Callable[[], LlmSandbox]:
    def made() -> LlmSandbox:
        sandbox = LlmSandbox()
        sandbox.faults.add("/", status=200, body=body, content_type=content_type)
        return sandbox

    return made


BODIES = {
    "a trickle": trickles,
    "a cut body": cuts,
    "a hang": hangs,
    "a page": answers(b"<html>Sign in</html>", "text/html"),
    "broken JSON": answers(b'{"id": "x", "choices": [', "application/json"),
    "JSON of something else": answers(b'{"ok": true}', "application/json"),
    "nothing": answers(b"", "application/json"),
}


async def one_fault(name: str, first: str, *, other_works: bool) -> None:
    other = LlmSandbox(answer=lambda _: written()) if other_works else BODIES[name]()
    budget = BUDGET if other_works else SHORT_BUDGET
    async with serving(**{first: BODIES[name](), OTHER[first]: other}) as addresses:
        asked = analyst(settings(addresses, first, pilot_ai_budget_seconds=budget))
        with within(budget):
            assessment = await asked.assess(findings())
    assert bool(assessment.analysis) == other_works, assessment.words


@pytest.mark.parametrize("other_works", [True, False], ids=["one works", "none works"])
@pytest.mark.parametrize("name", BODIES)
async def test_no_body_whatever_holds_up_the_thread(
    monkeypatch: pytest.MonkeyPatch, name: str, other_works: bool
) -> None:
    if other_works:
        monkeypatch.setattr(chain, "SHARE", 0.03)  # the rest is for the one that works
    await asyncio.gather(*(one_fault(name, first, other_works=other_works) for first in OTHER))


@pytest.mark.parametrize("provider", OTHER)
async def test_a_model_that_declines_is_passed_over(provider: str) -> None:
    declines, other = LlmSandbox(finish="content_filter"), LlmSandbox(answer=lambda _: written())
    async with serving(**{provider: declines, OTHER[provider]: other}) as addresses:
        assessment = await analyst(settings(addresses, provider)).assess(findings())
    assert [attempt.outcome for attempt in assessment.attempts] == ["refused", "ok"]


@pytest.mark.parametrize(
    ("forms", "expected"),
    [
        (frozenset({"text"}), ["json_schema", "json_object", "text"]),
        (frozenset({"text", "json_object"}), ["json_schema", "json_object"]),
    ],
)
async def test_a_server_that_knows_no_schema_is_asked_in_simpler_ways(
    forms: frozenset[str], expected: list[str]
) -> None:
    sandbox = LlmSandbox(answer=lambda _: "Here you are:\n```json\n" + written() + "\n```", forms=forms)
    async with serving(openai=sandbox) as addresses:
        assessment = await analyst(settings(addresses, "openai")).assess(findings())
    assert assessment.analysis is not None
    asked = [request.get("response_format", {}).get("type", "text") for request in sandbox.requests]
    assert asked == expected
    assert len(assessment.attempts) == 1, "finding out how to ask is one attempt"
