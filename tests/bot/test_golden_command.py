"""Incidents are frozen without conclusions and secrets, and judged again by today's code and any model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.golden_command import frozen, golden
from investigator.composition import Program
from investigator.errors import ConfigurationError, PilotError
from investigator.evaluation.golden import NO_CODE_CAUSE, GoldenCase
from investigator.investigation import investigate
from investigator.settings import Settings
from sandbox.llm import LlmSandbox
from tests.fixtures.models import serving
from tests.fixtures.models import settings as asking
from tests.fixtures.playing import World, open_incident

SHIPPED = Path(__file__).parents[1] / "golden"


def culprit_of(world: World) -> str:
    return world.demo.service.culprit_sha


async def test_an_incident_is_frozen_with_its_truth_and_judged_again(
    program: Program, world: World, tmp_path: Path
) -> None:
    incident = await open_incident(program, world.demo.crash)
    await investigate(program, incident.id, 1)
    truth = culprit_of(world)
    case = tmp_path / "case.json"
    case.write_text(await frozen(world.settings, f"#{incident.id}", truth=truth, note="bisected"))
    assert GoldenCase.model_validate_json(case.read_bytes()).findings.ranking.suspects == ()
    document = json.loads(await golden(world.settings, (case,), no_ai=True, as_json=True))
    assert document["cases"][0]["ranked"] == truth
    assert document["all"]["ranking_right"]["hits"] == 1


async def test_what_was_never_investigated_cannot_be_frozen(program: Program, world: World) -> None:
    incident = await open_incident(program, world.demo.crash)
    with pytest.raises(PilotError, match="rerun"):
        await frozen(world.settings, incident.id, truth=NO_CODE_CAUSE, note="")


async def test_a_truth_that_is_no_commit_is_refused(world: World) -> None:
    with pytest.raises(ConfigurationError, match="--truth"):
        await frozen(world.settings, "1", truth="main", note="")


@pytest.mark.parametrize("text", ["", "{}", "[1]"])
async def test_a_file_that_is_no_case_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "odd.json"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=r"odd\.json"):
        await golden(Settings(_env_file=None), (file,), no_ai=True, as_json=False)


async def test_the_shipped_set_is_ranked_right() -> None:
    """What this version must not lose: every change of the ranking is held against these."""
    document = json.loads(await golden(Settings(_env_file=None), (SHIPPED,), no_ai=True, as_json=True))
    assert document["all"]["cases"] >= 2
    wrong = [case["id"] for case in document["cases"] if not case["ranked_right"]]
    assert not wrong


async def test_the_shipped_set_is_analysed_by_a_scripted_model_and_compared_with_the_truth() -> None:
    def blames_first(prompt: str) -> str:
        commit = "C1" if "[C1] " in prompt else None
        cited = ["E1", *filter(None, (commit,))]
        claim: dict[str, Any] = {"text": "It fails since that change.", "evidence": cited}
        return json.dumps(
            {
                "hypothesis": claim,
                "mechanism": [claim],
                "suspect": commit,
                "confidence": 0.8,
                "blast_radius": claim,
                "checks": [],
                "disproof": [],
            }
        )

    async with serving(anthropic=LlmSandbox(answer=blames_first)) as addresses:
        text = await golden(asking(addresses), (SHIPPED,), no_ai=False, as_json=True)
    document = json.loads(text)
    assert document["all"]["answered"]["hits"] == document["all"]["cases"]
    assert 0 < document["all"]["right"]["hits"] < document["all"]["cases"], "it blames a commit in every case"
    assert document["all"]["brier"] is not None
    assert next(iter(document["by_model"])).startswith("anthropic/")
