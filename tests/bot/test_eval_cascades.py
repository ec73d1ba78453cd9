"""`pilot eval cascades` on generated streams, by the path that `pilot replay` takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from benchmarks.cascades.write import write
from bot.cli import main
from investigator.settings import Settings


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("streams"), 2, ["easy", "hard, no catalogue"])


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr("bot.logs.configure_logs", lambda *_, **__: None)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["eval", "cascades", *map(str, arguments)])


def document(*arguments: object) -> dict[str, Any]:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    parsed: dict[str, Any] = json.loads(done.stdout)
    return parsed


def test_each_stream_gets_a_verdict_and_all_together_figures(streams: Path) -> None:
    found = document(streams)
    assert [case["id"] for case in found["cases"]] == [
        "easy #0",
        "easy #1",
        "hard, no catalogue #0",
        "hard, no catalogue #1",
    ]
    assert found["counts"] == {"ok": 4, "skipped": 0, "error": 0, "wrong lines": 0}
    figures = found["figures"]
    assert figures["f1"]["n"] == 4
    assert 0 < figures["top_1"]["low"] <= figures["top_1"]["share"] <= figures["top_1"]["high"]
    assert figures["investigations_per_incident"] > 0


def test_people_get_a_table(streams: Path) -> None:
    done = run(streams, "--limit", 1)
    assert "pairwise F1" in done.stdout
    assert "1 ok" in done.stdout


def test_a_stream_that_is_not_there_is_skipped_and_a_broken_line_is_named(streams: Path) -> None:
    case = json.loads(streams.read_text().splitlines()[0])
    gone = {**case, "id": "gone", "deliveries": "nowhere.jsonl"}
    stranger = {**case, "id": "stranger", "truth": {**case["truth"], "roots": {"other": "web"}}}
    cases = streams.parent / "more.jsonl"
    cases.write_text("\n".join(json.dumps(each) for each in (case, gone, stranger, case)) + "\n")
    found = document(cases)
    assert [(each["id"], each["status"]) for each in found["cases"]] == [
        ("easy #0", "ok"),
        ("gone", "skipped"),
    ]
    assert "no issue is of that incident" in found["wrong_lines"][0]
    assert "was given on an earlier line" in found["wrong_lines"][1]


@pytest.mark.parametrize("text", [None, "", "no json\n"])
def test_a_file_without_cases_is_wrong_usage(tmp_path: Path, text: str | None) -> None:
    cases = tmp_path / "cases.jsonl"
    if text is not None:
        cases.write_text(text)
    done = run(cases)
    assert done.exit_code == 2
    assert "cases.jsonl" in done.stderr
