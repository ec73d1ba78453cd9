"""No secret reaches a provider; what colleagues may see comes back; no model is taken for certain."""

from __future__ import annotations

import pytest

from investigator.models.evidence import FileChange, Suspect
from sandbox.llm import LlmSandbox
from tests.fixtures.findings import code, commit, event, findings, ranking
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
