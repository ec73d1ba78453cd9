"""What an analysis takes when providers fail, and what our layer adds to a call of the SDK."""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

import anthropic
import structlog

from benchmarks.tables import Table, milliseconds
from investigator.analysis.analyst import MAX_TOKENS
from investigator.analysis.answer import read_answer, schema
from investigator.analysis.evidence_ids import number
from investigator.analysis.grounding import ground
from investigator.analysis.http_answers import trusted
from investigator.analysis.prompting import Prompt, analysis_prompt, new_marker
from investigator.analysis.providers import preload
from investigator.redaction import Vault, redact_document
from sandbox.llm import LlmSandbox
from tests.fixtures.findings import findings
from tests.fixtures.models import OTHER, analyst, serving, settings, written

BUDGET = 3.0
CALLS = 60


def _good() -> LlmSandbox:
    return LlmSandbox(answer=lambda _: written())


def _faulty(**fault: Any) -> Callable[[], LlmSandbox]:
    def made() -> LlmSandbox:
        sandbox = LlmSandbox()
        sandbox.faults.add("/", **fault)
        return sandbox

    return made


FAULTS: dict[str, Callable[[], LlmSandbox]] = {
    "hangs": _faulty(hang=True),
    "trickles its answer": lambda: LlmSandbox(trickle=0.2),
    "cuts the connection": lambda: LlmSandbox(cut=64),
    "429, no hint": _faulty(status=429),
    "429, 1 s": _faulty(status=429, headers={"Retry-After": "1"}),
    "429, an hour": _faulty(status=429, headers={"Retry-After": "3600"}),
    "500": _faulty(status=500),
    "503": _faulty(status=503),
    "529": _faulty(status=529),
    "401": _faulty(status=401),
    "400": _faulty(status=400),
    "too much evidence": _faulty(
        status=400,
        body=b'{"error": {"code": "context_length_exceeded", "message": "prompt is too long"}}',
        content_type="application/json",
    ),
    "a page": _faulty(status=200, body=b"<html>Sign in</html>", content_type="text/html"),
    "broken JSON": _faulty(status=200, body=b'{"choices": ['),
    "truncates": lambda: LlmSandbox(finish="length"),
    "refuses": lambda: LlmSandbox(finish="content_filter"),
    "rubbish": lambda: LlmSandbox(answer=lambda _: "It was the cat."),
    "inventions": lambda: LlmSandbox(answer=lambda _: written(suspect="C77")),
}


async def measure() -> list[Table]:
    preload(settings({"anthropic": "http://localhost", "openai": "http://localhost"}))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    return [*await _faults(), await _overhead()]


async def _faults() -> list[Table]:
    rows, analysed, explained, furthest = [], 0, 0, 0.0
    for name, fault in FAULTS.items():
        for first in OTHER:
            one, ended = await _assess(first, fault(), _good())
            both, unanswered = await _assess(first, fault(), fault())
            over = max(0.0, one - BUDGET, both - BUDGET)
            analysed, explained = (
                analysed + (ended == "analysis"),
                explained + unanswered.startswith("report, "),
            )
            furthest = max(furthest, over)
            rows.append(
                [name, first, ended, f"{one:.2f}", unanswered, f"{both:.2f}", milliseconds(over)],
            )
    columns = ["fault", "asked first", "other works", "s", "both fail", "s", "over the budget, ms"]
    n = len(rows)
    threads = [
        ["one provider works: an analysis", n, f"{analysed / n:.0%}"],
        ["none works: a report that says why", n, f"{explained / n:.0%}"],
        ["furthest over the budget, ms", 2 * n, milliseconds(furthest)],
    ]
    return [
        Table("Threads that are of use", ["", "n", ""], threads),
        Table(f"Every fault, either provider first, budget {BUDGET:g} s", columns, rows),
    ]


async def _assess(first: str, failing: LlmSandbox, other: LlmSandbox) -> tuple[float, str]:
    async with serving(**{first: failing, OTHER[first]: other}) as addresses:
        asked = analyst(settings(addresses, first, pilot_ai_budget_seconds=BUDGET))
        started = time.perf_counter()
        assessment = await asked.assess(findings())
        seconds = time.perf_counter() - started
    if assessment.analysis:
        return seconds, "analysis"
    return seconds, f"report, “{assessment.reason}”" if assessment.words else "nothing"


async def _overhead() -> Table:
    async with serving(anthropic=_good()) as addresses:
        configured = settings(addresses)
        prompt = analysis_prompt(
            number(findings()), marker=new_marker(), schema=schema(), max_tokens=MAX_TOKENS
        )
        bare, ours = [], []
        for _ in range(CALLS):  # alternating, so that both meet the same load
            bare.append(await _timed(lambda: _bare_call(addresses["anthropic"], prompt)))
            ours.append(await _timed(lambda: analyst(configured).assess(findings())))
    pairs = [our - sdk for our, sdk in zip(ours, bare, strict=True)]
    rows = [
        ["the SDK alone", CALLS, milliseconds(statistics.median(bare))],
        [
            "through the chain: numbered, redacted, asked, checked",
            CALLS,
            milliseconds(statistics.median(ours)),
        ],
        ["difference", CALLS, milliseconds(statistics.median(pairs))],
        ["our part alone, processor time", CALLS, milliseconds(_our_part())],
    ]
    return Table(
        "One good answer, a client made anew with certificates read before", ["", "n", "median, ms"], rows
    )


def _our_part() -> float:
    """Seconds of processor time for one call: what the network and other programs do does not count."""
    found, spent = findings(), []
    for _ in range(CALLS):
        started = time.process_time()
        pieces = number(redact_document(found, Vault(), "all"))
        analysis_prompt(pieces, marker=new_marker(), schema=schema(), max_tokens=MAX_TOKENS)
        ground(read_answer(written()), pieces)
        spent.append(time.process_time() - started)
    return statistics.median(spent)


async def _timed(call: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await call()
    return time.perf_counter() - started


async def _bare_call(address: str, prompt: Prompt) -> None:
    http = anthropic.DefaultAsyncHttpxClient(verify=trusted())  # as ours: reading them anew takes 40 ms
    client = anthropic.AsyncAnthropic(api_key="none", base_url=address, max_retries=0, http_client=http)
    await client.messages.create(
        model="claude-sonnet-5-5",
        max_tokens=prompt.max_tokens,
        system=prompt.system,
        messages=[{"role": "user", "content": prompt.user}],
        output_config={"format": {"type": "json_schema", "schema": schema()}},
    )
    await client.close()
