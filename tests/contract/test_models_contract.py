"""Models as others imitate them: whatever comes over the wire is understood, within the budget."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from investigator.analysis.providers import preload
from investigator.composition import analyst_of
from investigator.embedded_store import free_port
from investigator.models.analysis import Assessment
from investigator.settings import Settings
from tests.contract import servers
from tests.fixtures.findings import SHA_BUG, findings
from tests.fixtures.models import within, written

pytestmark = [pytest.mark.contract, pytest.mark.timeout(400)]

BUDGET = 20.0  # nothing here hangs: what does is played by servers of ours
PROTOCOLS = ("chat", "responses", "anthropic")


def failing(status: int, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "response": {"error": {"message": kind.replace("_", " "), "type": kind}, "status": status, **more}
    }


def saying(text: str, **more: Any) -> dict[str, Any]:
    return {"response": {"content": text, **more}}


# The model's name chooses the answer. What each protocol makes of it is told where they differ.
CASES: dict[str, tuple[dict[str, Any], str | dict[str, str]]] = {
    "good": (saying(written()), "ok"),
    # The server always sends a Retry-After; one that names no time is as good as none.
    "slow-down": (failing(429, "rate_limit_error", retryAfter=""), "rate_limited"),
    "wait-a-moment": (failing(429, "rate_limit_error", retryAfter=1), "rate_limited"),
    "wait-an-hour": (failing(429, "rate_limit_error", retryAfter=3600), "rate_limited"),
    "overloaded": (failing(529, "overloaded_error"), "overloaded"),
    "server-error": (failing(500, "server_error"), "server_error"),
    "too-long": (failing(400, "prompt is too long"), "context_too_long"),
    "no-key": (failing(401, "authentication_error"), "unauthorized"),
    "cut-off": ({**saying(written()), "chaos": {"disconnectRate": 1}}, "unreachable"),
    "garbled": ({**saying(written()), "chaos": {"malformedRate": 1}}, "bad_answer"),
    "truncated": (saying(written()[:200], finishReason="length"), "truncated"),
    "not-json": (saying("It was the cat."), "invalid"),
    "half-json": (saying(written()[:200]), "invalid"),
    "invented": (saying(written(suspect="C77")), "ungrounded"),
    "declines": (
        saying("I cannot help with that.", finishReason="content_filter"),
        {"chat": "refused", "responses": "bad_answer", "anthropic": "bad_answer"},
    ),
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    servers.install()
    preload(Settings(_env_file=None, anthropic_base_url="http://a.test", openai_base_url="http://o.test"))
    folder = servers.HERE / "node_modules"
    fixtures = [{"match": {"model": name}, **answer} for name, (answer, _) in CASES.items()]
    with servers.aimock(folder, free_port(), fixtures) as url:
        yield url


async def assess(address: str, protocol: str, model: str) -> Assessment:
    at: dict[str, Any] = (
        {"anthropic_base_url": address, "anthropic_model": model}
        if protocol == "anthropic"
        else {"openai_base_url": f"{address}/v1", "openai_model": model, "pilot_openai_api": protocol}
    )
    settings = Settings(_env_file=None, pilot_ai_budget_seconds=BUDGET, **at)
    with within(BUDGET):
        return await analyst_of(settings).assess(findings())


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("model", CASES)
async def test_each_answer_and_each_failure_is_known_for_what_it_is(
    address: str, protocol: str, model: str
) -> None:
    told = CASES[model][1]
    expected = told if isinstance(told, str) else told[protocol]
    assessment = await assess(address, protocol, model)
    assert assessment.attempts[-1].outcome == expected, [a.outcome for a in assessment.attempts]
    assert (assessment.analysis is not None) == (expected == "ok")
    if assessment.analysis:
        assert assessment.analysis.suspect == SHA_BUG
    else:
        assert assessment.words, "people are told why"


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_wait_that_is_asked_for_is_kept_to_when_there_is_time_for_it(
    address: str, protocol: str
) -> None:
    started = time.monotonic()
    waited = await assess(address, protocol, "wait-a-moment")
    assert time.monotonic() - started >= 1
    assert len(waited.attempts) == 2, "asked again after the second that was asked for"
    for model in ("slow-down", "wait-an-hour"):
        assert len((await assess(address, protocol, model)).attempts) == 1, "and else left alone"
