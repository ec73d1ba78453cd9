"""No secret reaches a provider; what colleagues may see comes back; no model is taken for certain."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from investigator import keys
from investigator.models.evidence import FileChange, Suspect
from investigator.quality.calibration import Calibration, Curve
from investigator.rendering import Renderer
from investigator.report import build_report
from sandbox.llm import LlmSandbox
from tests.fixtures.findings import CHECKOUT, OPENED, code, commit, event, findings, incident, ranking
from tests.fixtures.models import analyst, claim, serving, settings, written

TOKEN = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"


async def test_a_provider_gets_no_secret_and_no_address_of_a_person() -> None:
    leaky = commit(files=(FileChange(path="a.py", patch=f"@@ -1 +1 @@\n+KEY = '{TOKEN}'"),))
    found = findings(
        event=event(title=f"login of eve.smith@acmeshop.io failed with {TOKEN}", exceptions=(), message=""),
        code=code(commits=(leaky,)),
        ranking=ranking(suspects=(Suspect(commit=leaky, rank=1, score=0.8, reasons=()),)),
    )
    llm = LlmSandbox(
        answer=lambda _: written(hypothesis=claim("The login of [secret:email:1] fails.", "E1"), mechanism=[])
    )
    async with serving(anthropic=llm) as addresses:
        assessment = await analyst(settings(addresses)).assess(found)
    sent = str(llm.requests)
    assert TOKEN not in sent
    assert "eve.smith@acmeshop.io" not in sent
    assert "[secret:email:1]" in sent
    assert assessment.analysis is not None, assessment.words
    assert assessment.analysis.hypothesis.text == "The login of eve.smith@acmeshop.io fails."


@pytest.mark.parametrize(("small", "expected"), [((), 0.95), (("claude-sonnet-5-5",), 0.5)])
async def test_no_model_is_believed_to_be_certain(small: tuple[str, ...], expected: float) -> None:
    llm = LlmSandbox(answer=lambda _: written(confidence=99))
    async with serving(anthropic=llm) as addresses:
        asked = analyst(settings(addresses, pilot_ai_small_models=small))
        assessment = await asked.assess(findings())
    assert assessment.analysis is not None
    assert assessment.analysis.confidence == expected
    assert assessment.analysis.model == "claude-sonnet-5-5"


@pytest.mark.parametrize(("small", "expected"), [((), 0.731), (("claude-sonnet-5-5",), 0.5)])
async def test_what_was_graded_makes_it_less_sure_and_what_the_model_said_is_kept(
    store: Redis, small: tuple[str, ...], expected: float
) -> None:
    learnt = Calibration(version=1, curves={"": Curve(shift=1.0, slope=0.0, n=41)})
    await store.set(keys.CALIBRATION, learnt.model_dump_json())
    async with serving(anthropic=LlmSandbox(answer=lambda _: written(confidence=0.9))) as addresses:
        asked = analyst(settings(addresses, pilot_ai_small_models=small), store)
        found = findings(assessment=await asked.assess(findings()))
    assert found.assessment is not None
    analysis = found.assessment.analysis
    assert analysis is not None
    assert (analysis.said, analysis.confidence, analysis.calibrated_on) == (0.9, expected, 41)
    report = build_report(found, service=CHECKOUT, opened_at=OPENED)
    shown = str(Renderer().render("analysis", incident=incident(), report=report).blocks)
    assert f"({expected:.0%} sure, calibrated on 41 graded incidents)" in shown
