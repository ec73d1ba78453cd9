"""A server that answers like no provider would is seen through in time, and does not fill our memory."""

from __future__ import annotations

import asyncio
import json
import socket
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from investigator.analysis.answer import Answer, read_as
from investigator.analysis.failures import ProviderFailed
from investigator.analysis.question import QuestionAnswer
from investigator.analysis.search_replace import read_proposal
from investigator.models.analysis import Assessment
from sandbox.llm import LlmSandbox
from tests.fixtures.adversaries import PIECE, Play, chat, goes_on, playing, says
from tests.fixtures.findings import findings
from tests.fixtures.models import OTHER, analyst, serving, settings, within, written

BUDGET = 20.0
SHORT_BUDGET = 1.0
MOST_MEMORY = 48 * 2**20  # bytes
HUGE = 100 * 2**20
DEEP = b'{"a":' * 10_000 + b"1" + b"}" * 10_000

FIELDS = [*Answer.model_fields, *QuestionAnswer.model_fields, "text", "evidence"]
JSON = "Content-Type: application/json\r\n"


def bomb() -> bytes:
    """300 MB in 300 kB."""
    packing = zlib.compressobj(wbits=31)
    return b"".join([*(packing.compress(PIECE) for _ in range(4_800)), packing.flush()])


HOSTILE: dict[str, tuple[Play, str]] = {
    "a bomb": (says(bomb(), "Content-Encoding: gzip"), "bad_answer"),
    "100 MB": (
        goes_on(
            f'HTTP/1.1 200 OK\r\n{JSON}Content-Length: {HUGE}\r\n\r\n{{"id": "'.encode(), PIECE, times=1_600
        ),
        "bad_answer",
    ),
    "an error of 100 MB": (
        goes_on(f"HTTP/1.1 500 No\r\n{JSON}Content-Length: {HUGE}\r\n\r\n".encode(), PIECE, times=1_600),
        "bad_answer",
    ),
    "an answer without an end": (
        goes_on(f"HTTP/1.1 200 OK\r\n{JSON}Connection: close\r\n\r\n".encode(), PIECE, times=100_000),
        "bad_answer",
    ),
    "a header without an end": (goes_on(b"HTTP/1.1 200 OK\r\nX: ", PIECE, times=100_000), "unreachable"),
    "what leads to itself": (says(b"", "Location: /v1/messages", status="307 Elsewhere"), "bad_answer"),
    "an end in the middle": (says(b'{"id": "x", ', length=400), "unreachable"),
    "an end before the start": (goes_on(b"", b"", times=1), "unreachable"),
    "no HTTP": (goes_on(b"SSH-2.0-OpenSSH_9.2\r\n", b"", times=1), "unreachable"),
    "bytes that are no text": (says(b'{"id": "\xff\xfe\x00\xc3"}'), "bad_answer"),
    "JSON 10,000 deep": (says(DEEP), "bad_answer"),
    "an error 10,000 deep": (says(DEEP, status="400 Bad Request"), "bad_request"),
    "an error of half a character": (
        says(b'{"error": {"message": "\\ud800 no", "type": "\\udfff"}}', status="403 Forbidden"),
        "unauthorized",
    ),
    "a wait for ever": (says(b"{}", "Retry-After: 1e999", status="429 Slow"), "rate_limited"),
    "a wait of no number": (says(b"{}", "Retry-After: nan", status="429 Slow"), "rate_limited"),
}
SLOW: dict[str, Play] = {
    "a header a byte at a time": goes_on(b"HTTP/1.1 200 OK\r\nX: ", b"y", times=100, pause=0.1),
    "hints without an end": goes_on(b"", b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n" * 50, times=100_000),
}


async def asked(address: str, provider: str, budget: float = BUDGET) -> Assessment:
    path = "/v1" if provider == "openai" else ""
    configured = settings({provider: address + path}, provider, pilot_ai_budget_seconds=budget)
    with within(budget):
        return await analyst(configured).assess(findings())


@pytest.mark.parametrize("provider", OTHER)
@pytest.mark.parametrize("name", HOSTILE)
async def test_it_is_known_for_what_it_is_and_held_in_bounds(name: str, provider: str) -> None:
    play, outcome = HOSTILE[name]
    async with playing(play) as (address, _):
        with bounded_memory():
            assessment = await asked(address, provider)
    assert {attempt.outcome for attempt in assessment.attempts} == {outcome}
    assert assessment.words.startswith(assessment.attempts[0].model), "people are told who did what"


@contextmanager
def bounded_memory() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MOST_MEMORY, f"an answer took {peak / 2**20:.0f} MB"


@pytest.mark.parametrize("name", SLOW)
async def test_no_slowness_below_the_body_breaks_the_budget(name: str) -> None:
    for provider in OTHER:
        async with playing(SLOW[name]) as (address, _):
            assessment = await asked(address, provider, SHORT_BUDGET)
        assert assessment.reason == "timeout"


@pytest.mark.parametrize("provider", OTHER)
async def test_nobody_gets_the_evidence_or_the_key_because_of_a_redirect(provider: str) -> None:
    async with (
        playing(says(chat(written()))) as (elsewhere, got),
        playing(says(b"", f"Location: {elsewhere}/v1/messages", status="307 Elsewhere")) as (address, _),
    ):
        assessment = await asked(address, provider)
    assert assessment.reason == "bad_answer"
    assert not got, "what was for one server went to another"


async def test_a_server_that_accepts_nobody_is_not_waited_for() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = f"http://127.0.0.1:{full.getsockname()[1]}"
        waiting = [await _knock(full.getsockname()) for _ in range(4)]
        assessment = await asked(address, "anthropic", SHORT_BUDGET)
        for one in waiting:
            one.close()
    assert assessment.reason == "timeout"


async def _knock(address: Any) -> socket.socket:
    one = socket.socket()
    one.setblocking(False)
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.get_running_loop().sock_connect(one, address), 0.05)
    return one


async def test_a_name_that_leads_nowhere_and_a_server_without_tls_cannot_be_reached() -> None:
    async with serving(openai=LlmSandbox()) as addresses:
        for wrong in ("http://models.invalid", addresses["openai"].replace("http:", "https:")):
            assessment = await asked(wrong, "openai")
            assert assessment.reason == "unreachable"
            assert assessment.words.endswith("cannot be reached")


# What a chat completion may hold in the place of its text and its usage.
TEXTS: dict[str, tuple[object, str]] = {
    "a list": ([{"type": "text", "text": written()}], "bad_answer"),
    "a number": (42, "bad_answer"),
    "nothing": (None, "invalid"),
    "JSON 10,000 deep": (DEEP.decode(), "invalid"),
    "more digits than Python reads": (written().replace("0.8", "8" * 5_000), "invalid"),
    "more than a number may be": (written().replace("0.8", "8" * 400), "invalid"),
    "not a number": (written().replace("0.8", "NaN"), "invalid"),
    "half a character": (written(suspect="\ud800"), "ungrounded"),
    "half a character in a sentence": (written(checks=["See \ud800."]), "ok"),
}
USAGES: tuple[object, ...] = (
    None,
    {},
    [],
    "many",
    {"prompt_tokens": None, "completion_tokens": None},
    {"prompt_tokens": "9", "completion_tokens": -9},
    {"prompt_tokens": 10**400, "completion_tokens": [1]},
)


@pytest.mark.parametrize("name", TEXTS)
async def test_what_stands_where_a_text_should_is_no_answer(name: str) -> None:
    text, outcome = TEXTS[name]
    async with playing(says(chat(text))) as (address, _):
        assessment = await asked(address, "openai")
    assert [attempt.outcome for attempt in assessment.attempts] == [outcome]
    assert bool(assessment.analysis) == (outcome == "ok")


@pytest.mark.parametrize("usage", USAGES, ids=lambda usage: str(usage)[:40])
async def test_a_good_answer_is_taken_however_its_tokens_are_counted(usage: object) -> None:
    async with playing(says(chat(written(), usage))) as (address, _):
        assessment = await asked(address, "openai")
    assert assessment.analysis is not None
    assert (assessment.tokens, assessment.dollars) == ((0, 0), None), "nobody knows what it cost"


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**400), 10**400)
    | st.floats()
    | st.text(st.characters(exclude_categories=[]), max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=8),
    max_leaves=20,
)


@given(st.one_of(JSON_VALUES.map(json.dumps), st.text(st.characters(exclude_categories=[]))))
@hypothesis_settings(max_examples=60, deadline=None)
def test_whatever_a_model_writes_is_read_or_refused(text: str) -> None:
    for read in (lambda t: read_as(Answer, t), lambda t: read_as(QuestionAnswer, t), read_proposal):
        with suppress(ProviderFailed):
            read(text)
