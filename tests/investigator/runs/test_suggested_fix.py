"""A change of code in the thread: checked at the incident's SHA, told once; what fails is never offered."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from investigator.analysis.fix_question import why_not
from investigator.composition import Program
from investigator.investigation import investigate
from investigator.models.analysis import Analysis, Assessment, Claim
from investigator.models.evidence import CodeEvidence
from investigator.models.incident import Incident
from investigator.models.suggestion import SuggestedFix
from investigator.queue import queue
from investigator.store import connect_sync
from investigator.suggesting import suggest_fix
from sandbox.demo_service.scripted_model import scripted
from sandbox.llm import LlmSandbox
from tests.fixtures.findings import SHA_BUG, code, findings
from tests.fixtures.playing import World, open_incident, said
from tests.investigator.runs.test_analysis_in_thread import living_with, texts

PATH = "checkout/pricing/discounts.py"
BEFORE = "    lines = take_units(eligible, left)"


def saying(world: World, fix: str | None = None) -> LlmSandbox:
    """The demo's scripted model, or one that answers with this change of code instead of its own."""
    script = scripted(world.demo.service.culprit_sha)
    return LlmSandbox(answer=lambda prompt: fix if fix and "SEARCH" in prompt else script(prompt))


def assessed(**changed: Any) -> Assessment:
    known: dict[str, Any] = {
        "hypothesis": Claim(text="It divides by zero.", evidence=("F1",)),
        "suspect": SHA_BUG,
        "suspect_id": "C1",
        "confidence": 0.9,
        "band": "most likely",
        "provider": "openai",
        "model": "some-model",
        "prompt": "analysis-1",
    }
    return Assessment(analysis=Analysis(**known | changed))


def block(path: str = PATH, search: str = BEFORE, replace: str = "    lines = eligible") -> str:
    return f"WHY: It mends it.\nFILE: {path}\n<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n"


async def suggested(world: World, llm: LlmSandbox, **more: Any) -> tuple[Incident, SuggestedFix]:
    async with living_with(world, llm, **{"pilot_ai_budget_seconds": 20.0, **more}) as program:
        incident = await open_incident(program, world.demo.crash)
        await investigate(program, incident.id, 1)
        return incident, await again(program, incident)


async def again(program: Program, incident: Incident) -> SuggestedFix:
    await suggest_fix(program, incident.id, 1)
    fix = await program.incidents.suggestion(incident.id, 1)
    assert fix is not None
    return fix


async def test_a_valid_one_is_kept_with_its_edits_and_shown_with_its_diff(world: World) -> None:
    llm = saying(world)
    incident, fix = await suggested(world, llm)
    assert (fix.status, fix.paths, fix.base_sha) == ("valid", (PATH,), world.demo.service.deployed_sha)
    assert (fix.model, fix.prompt) == ("gpt-6.1-terra", "fix-1")
    assert fix.attempts[0].tokens_in > 0, "its cost is counted"
    git_takes(fix.diff, world.demo.service.repository, fix.base_sha or "")
    shown = texts(world, incident.id)[f"{incident.id}:fix:1"]
    assert "+    lines = eligible if left is None else take_units(eligible, left)" in shown
    assert "It was not run" in shown


def git_takes(diff: str, repository: Path, sha: str) -> None:
    environment = {"GIT_INDEX_FILE": f"{repository}/test-index"}
    for command in (["read-tree", sha], ["apply", "--check", "--cached"]):
        done = subprocess.run(
            ["git", *command],
            cwd=repository,
            env=environment,
            input=diff.encode(),
            capture_output=True,
            check=False,
            timeout=20,
        )
        assert done.returncode == 0, done.stderr.decode()


async def test_it_is_asked_for_by_one_job_and_told_once(world: World) -> None:
    llm = saying(world)
    async with living_with(world, llm, pilot_ai_budget_seconds=20.0) as program:
        incident = await open_incident(program, world.demo.crash)
        await investigate(program, incident.id, 1)
        with connect_sync(str(world.settings.redis_url)) as connection:
            assert f"suggest-fix-{incident.id}-1" in queue(connection).job_ids
        first = await again(program, incident)
        assert await again(program, incident) == first
    assert len(llm.requests) == 2, "one analysis, one suggestion"
    assert said(world.slack, incident.id)[1][-2:] == [f"{incident.id}:analysis:1", f"{incident.id}:fix:1"]


async def test_a_run_that_suggests_the_same_does_not_say_it_again(world: World) -> None:
    llm = saying(world)
    async with living_with(world, llm, pilot_ai_budget_seconds=20.0) as program:
        incident = await open_incident(program, world.demo.crash)
        await investigate(program, incident.id, 1)
        first = await again(program, incident)
        found = await program.incidents.findings(incident.id, 1)
        assert found is not None
        await program.incidents.save_findings(incident.id, 2, found)
        await suggest_fix(program, incident.id, 2)
        second = await program.incidents.suggestion(incident.id, 2)
    assert second is not None
    assert second.edits == first.edits, "it is kept, for the pull request"
    assert f"{incident.id}:fix:2" not in said(world.slack, incident.id)[1]


async def test_of_one_that_must_not_be_read_only_the_reason_is_shown(world: World) -> None:
    incident, kept = await suggested(world, saying(world, block(path=".github/workflows/ci.yml")))
    assert (kept.status, kept.edits, kept.diff) == ("invalid", (), "")
    shown = texts(world, incident.id)[f"{incident.id}:fix:1"]
    assert "a file it would change steers continuous integration" in shown
    assert "workflows" not in shown


async def test_a_model_that_declines_is_not_quoted_in_the_thread(world: World) -> None:
    incident, kept = await suggested(world, saying(world, "NO FIX: it is the database."))
    assert (kept.status, kept.reason) == ("none", "it is the database.")
    assert f"{incident.id}:fix:1" not in texts(world, incident.id)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"assessment": None}, "no analysis"),
        ({"assessment": assessed(suspect=None, suspect_id=None)}, "blames no code"),
        ({"assessment": assessed(confidence=0.5)}, "not sure enough"),
        ({"code": CodeEvidence()}, "which code was running"),
        ({"code": code(frames=())}, "no file that may be changed"),
    ],
)
def test_no_model_is_asked_when_it_is_not_worth_it(changed: dict[str, Any], reason: str) -> None:
    found = findings(**{"assessment": assessed(), **changed})
    assert reason in (why_not(found) or "")
    assert why_not(findings(assessment=assessed())) is None
