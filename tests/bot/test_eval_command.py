"""`pilot eval suspects` on small generated histories, by the path that `pilot investigate` takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from benchmarks.suspects.cases import generate
from benchmarks.suspects.write import line
from bot.cli import main
from investigator.gathering import find_out
from investigator.models.incident import Findings
from investigator.settings import Settings

Pilot = Callable[..., Result]


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Two crashes with a culprit, their repositories beside one another."""
    cases = generate(tmp_path_factory.mktemp("repositories"))
    return [{**line(case), "repo": str(case.repository)} for case, _ in zip(cases, range(2), strict=False)]


@pytest.fixture
def pilot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pilot:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr("bot.logs.configure_logs", lambda *_, **__: None)
    return lambda *arguments: CliRunner().invoke(main, ["eval", "suspects", *map(str, arguments)])


def written(path: Path, *cases: dict[str, Any] | str) -> Path:
    texts = (case if isinstance(case, str) else json.dumps(case) for case in cases)
    path.write_text("\n".join(texts) + "\n")
    return path


def test_each_case_gets_a_verdict_and_its_negative_too(
    pilot: Pilot, tmp_path: Path, lines: list[dict[str, Any]]
) -> None:
    done = pilot(written(tmp_path / "cases.jsonl", *lines), "--negatives", "--json")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    cases = document["cases"]
    assert [case["id"] for case in cases] == [
        each for one in lines for each in (one["id"], one["id"] + "~after")
    ]
    assert {case["status"] for case in cases} == {"ok"}, [case["note"] for case in cases]
    for case, one in zip(cases[::2], lines, strict=True):
        listed = [suspect["sha"] for suspect in case["top"]]
        place = case["rank_of_truth"]
        assert (listed[place - 1] if place else None) in (*one["truth"]["commits"], None)
        assert case["requests"] > 0, "evidence comes through the client that reads GitHub"
    assert all(case["rank_of_truth"] is None for case in cases[1::2])
    assert document["figures"]["top_1"]["n"] == 2
    assert document["figures"]["recall"]["n"] == 2
    assert document["figures"]["by_kind"].keys() == {one["kind"] for one in lines}
    assert {share["n"] for share in document["baselines"].values()} == {2}
    assert len(document["baselines"]) == 3


def test_a_case_that_fails_costs_no_other_its_verdict(
    pilot: Pilot, tmp_path: Path, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*arguments: Any, base: str, **options: Any) -> Findings:
        if base == lines[0]["base"]:
            raise KeyError("no such name")
        return await find_out(*arguments, base=base, **options)

    monkeypatch.setattr("bot.eval_suspects.find_out", breaks)
    lost = {**lines[1], "id": "lost", "head": "f" * 40}
    done = pilot(written(tmp_path / "cases.jsonl", lines[0], lost, lines[1]), "--json")
    status = {case["id"]: (case["status"], case["note"]) for case in json.loads(done.stdout)["cases"]}
    assert status[lines[0]["id"]] == ("error", "KeyError: 'no such name'")
    assert status["lost"][0] == "error", "a commit that is not there went unnoticed"
    assert status[lines[1]["id"]][0] == "ok", "cases after one that failed were not judged"


def test_a_case_without_its_clone_is_skipped_and_a_wrong_line_is_named(
    pilot: Pilot, tmp_path: Path, lines: list[dict[str, Any]]
) -> None:
    gone = {**lines[0], "id": "gone", "repo": "nowhere"}
    lost = {**lines[0], "id": "lost", "base": "f" * 40}
    file = written(tmp_path / "cases.jsonl", "{not json", gone, lost, lines[0], lines[0])
    done = pilot(file, "--json")
    assert done.exit_code == 0, "what could be run was run"
    document = json.loads(done.stdout)
    statuses = {case["id"]: case["status"] for case in document["cases"]}
    assert statuses == {"gone": "skipped", "lost": "error", lines[0]["id"]: "ok"}
    assert document["counts"] == {"ok": 1, "skipped": 1, "error": 1, "wrong lines": 2}
    assert f"{file}:1: " in done.stderr
    assert f"{file}:5: " in done.stderr


def test_people_get_tables(pilot: Pilot, tmp_path: Path, lines: list[dict[str, Any]]) -> None:
    done = pilot(written(tmp_path / "cases.jsonl", *lines), "--limit", "1")
    assert done.exit_code == 0, done.output
    assert "top-1" in done.stdout
    assert "1 ok" in done.stdout
    assert lines[0]["id"] in done.stderr, "progress is told where there is no terminal"


@pytest.mark.parametrize("text", [None, "{}\n"])
def test_a_file_without_a_case_is_wrong_usage(pilot: Pilot, tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "cases.jsonl"
    if text is not None:
        file.write_text(text)
    done = pilot(file)
    assert done.exit_code == 2
    assert str(file) in done.stderr
