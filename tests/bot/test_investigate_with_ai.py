"""`pilot investigate` with a model: its document carries the analysis, its text the message."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.investigate_command import Question, ask, document, printed
from sandbox.llm import LlmSandbox
from tests.fixtures.models import serving, settings
from tests.fixtures.playing import Demo


@pytest.fixture
def question(demo: Demo) -> Question:
    payload = json.dumps(demo.crash.api_event).encode()
    return Question(payload, "event.json", repo_path=Path(demo.service.repository))


async def test_the_document_carries_the_analysis_and_its_evidence(question: Question, demo: Demo) -> None:
    async with serving(anthropic=LlmSandbox()) as addresses:
        answer = await ask(settings(addresses), question)
    told = document(answer)
    assert told["ai_status"] == "ok"
    assert told["requests"]["llm"] == 1
    assert told["analysis"]["suspect"] == demo.service.culprit_sha
    assert told["analysis"]["model"] == "claude-sonnet-5-5"
    assert set(told["analysis"]["hypothesis"]["evidence"]) <= set(told["analysis"]["evidence"])
    text = printed(answer, as_json=False, blocks=False)
    assert "By claude-sonnet-5-5, from the evidence in this thread only" in text
    assert len(json.loads(printed(answer, as_json=False, blocks=True))) == 3, "parent, report, analysis"


async def test_a_provider_that_fails_leaves_the_report(question: Question) -> None:
    broken = LlmSandbox()
    broken.faults.add("/", status=401)
    async with serving(anthropic=broken) as addresses:
        answer = await ask(settings(addresses), question)
    told = document(answer)
    assert (told["ai_status"], told["analysis"], told["requests"]["llm"]) == ("unavailable", None, 1)
    why = "claude-sonnet-5-5 refuses our key; pilot doctor says what to mend"
    assert told["ai_note"] == f"AI analysis unavailable: {why}"
    assert told["suspects"]
