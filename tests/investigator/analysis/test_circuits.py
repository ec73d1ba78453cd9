"""A model that keeps failing is left alone, by all workers, and never are all of them."""

from __future__ import annotations

import asyncio

import pytest
import redis.asyncio

from investigator.analysis.circuits import FAILURES_TO_OPEN, OPEN_SECONDS, Circuit, after, order
from investigator.analysis.shared_state import SharedState
from investigator.models.analysis import Attempt
from investigator.store import connect
from sandbox.llm import LlmSandbox
from tests.fixtures.findings import findings
from tests.fixtures.models import analyst, serving, settings, within, written

A, B = ("anthropic", "big"), ("openai", "other")
NOW = 1_800_000_000.0


def attempt(outcome: str, name: tuple[str, str] = A, **more: float) -> Attempt:
    return Attempt(provider=name[0], model=name[1], outcome=outcome, seconds=0.1, **more)


def circuit(*outcomes: str) -> Circuit:
    one = Circuit()
    for outcome in outcomes:
        one = after(one, attempt(outcome), now=NOW)
    return one


def test_it_opens_after_failures_in_a_row_and_closes_with_a_success() -> None:
    assert not circuit(*["timeout"] * (FAILURES_TO_OPEN - 1)).is_open(NOW)
    opened = circuit(*["timeout"] * FAILURES_TO_OPEN)
    assert opened.is_open(NOW)
    assert opened.needs_probe(NOW + OPEN_SECONDS)
    assert after(opened, attempt("ok"), now=NOW) == Circuit()


@pytest.mark.parametrize(
    "outcome",
    ["bad_request", "context_too_long", "invalid", "ungrounded", "refused", "truncated", "bad_answer"],
)
def test_what_our_own_request_caused_never_opens_it(outcome: str) -> None:
    assert circuit(*[outcome] * 20) == Circuit()


@pytest.mark.parametrize("outcome", ["unauthorized", "quota", "unknown_model"])
def test_what_only_a_person_can_mend_opens_it_at_once(outcome: str) -> None:
    assert circuit(outcome).is_open(NOW)


def test_a_provider_that_names_a_time_is_left_alone_until_then() -> None:
    failed = after(Circuit(2), attempt("rate_limited", retry_after=300.0), now=NOW)
    assert failed.until == NOW + 300


def test_a_worker_whose_clock_was_wrong_closes_a_model_off_to_nobody() -> None:
    a_day_ahead = after(Circuit(9), attempt("timeout"), now=NOW + 86_400)
    assert not a_day_ahead.is_open(NOW)
    assert order([A, B], {A: a_day_ahead}, frozenset(), now=NOW) == (A, B)


def test_if_all_are_open_the_first_to_open_again_is_tried() -> None:
    circuits = {A: Circuit(3, NOW + 50), B: Circuit(3, NOW + 20)}
    assert order([A, B], circuits, frozenset(), now=NOW) == (B,)
    assert order([A, B], {A: Circuit(3, NOW + 50)}, frozenset(), now=NOW) == (B,)
    assert order([A, B], {A: Circuit(3, NOW - 1)}, frozenset([A]), now=NOW) == (B,)


async def test_one_worker_at_a_time_probes(store: redis.asyncio.Redis) -> None:
    await SharedState(store).note([attempt("timeout")] * FAILURES_TO_OPEN, {}, now=NOW)
    later = NOW + OPEN_SECONDS + 1
    known = await asyncio.gather(*(SharedState(store).read([A, B], now=later, seconds=9) for _ in range(5)))
    assert sum(A not in one.probing for one in known) == 1, "one of five workers probes"
    await SharedState(store).note([attempt("ok")], {}, now=later)
    assert (await SharedState(store).read([A], now=later, seconds=9)).circuits[A] == Circuit()


async def test_workers_learn_of_failures_from_each_other(store: redis.asyncio.Redis) -> None:
    broken, good = LlmSandbox(), LlmSandbox(answer=lambda _: written())
    broken.faults.add("/", status=500)
    async with serving(anthropic=broken, openai=good) as addresses:
        for _ in range(3):
            assessment = await analyst(settings(addresses), store).assess(findings())
            assert assessment.analysis is not None
    assert [a.provider for a in assessment.attempts] == ["openai"], "the third worker leaves Anthropic alone"


async def test_a_form_of_request_that_worked_is_remembered(store: redis.asyncio.Redis) -> None:
    simple = LlmSandbox(answer=lambda _: written(), forms=frozenset({"text"}))
    async with serving(openai=simple) as addresses:
        for _ in range(2):
            await analyst(settings(addresses, "openai"), store).assess(findings())
    assert ["response_format" in request for request in simple.requests] == [True, True, False, False]


async def test_without_the_store_every_model_may_be_asked() -> None:
    good = LlmSandbox(answer=lambda _: written())
    async with serving(openai=good) as addresses:
        away = connect("redis://127.0.0.1:1/0")
        assessment = await analyst(settings(addresses, "openai"), away).assess(findings())
        await away.aclose()
    assert assessment.analysis is not None


async def test_a_store_that_hangs_does_not_break_the_budget() -> None:
    async def silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)

    hung = LlmSandbox()
    hung.faults.add("/", hang=True)
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    away = connect(f"redis://127.0.0.1:{port}/0", timeout=3)
    async with serving(openai=hung) as addresses:
        with within(1.2):
            await analyst(settings(addresses, "openai", pilot_ai_budget_seconds=1.2), away).assess(findings())
    server.close()
    await away.aclose()


async def test_the_daily_ceiling_holds_and_says_so(store: redis.asyncio.Redis) -> None:
    good = LlmSandbox(answer=lambda _: written())
    async with serving(openai=good) as addresses:
        configured = settings(
            addresses, "openai", pilot_ai_daily_dollars=0.002, pilot_ai_prices="gpt-6.1-terra=1/5"
        )
        first, second = [
            await analyst(configured, store).assess(findings()),
            await analyst(configured, store).assess(findings()),
        ]
        while second.analysis:
            second = await analyst(configured, store).assess(findings())
    assert first.analysis is not None
    assert first.dollars == pytest.approx((first.tokens[0] + 5 * first.tokens[1]) / 1_000_000), (
        "the configured price is used"
    )
    assert (second.reason, second.words) == ("daily_ceiling", "today's ceiling of $0.002 is reached")
    assert not second.attempts, "nothing more is spent"
