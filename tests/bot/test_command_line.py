"""The `pilot` commands that people and scripts call: documents, exit codes, one-line errors."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from redis.asyncio import Redis

from bot.cli import main
from investigator import audit
from investigator.composition import compose
from investigator.settings import Settings
from sandbox.sentry import Sender, webhook_event_alert
from tests.fixtures.playing import Demo, open_incident

ROOT = Path(__file__).parents[2]
KEYS = {
    "issue",
    "frames",
    "suspects",
    "no_code_cause",
    "doubts",
    "deploys",
    "owners",
    "analysis",
    "ai_status",
    "requests",
    "timings",
}

Pilot = Callable[..., Result]


@pytest.fixture
def pilot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pilot:
    """Run a command in an empty folder, without anybody's settings."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    # Logging is set up once a process, and here to a stream that ends with the command.
    monkeypatch.setattr("bot.logs.configure_logs", lambda *_, **__: None)

    def run(*arguments: str | Path, **environment: str) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments], env=environment)

    return run


@pytest.fixture
def webhook(demo: Demo, tmp_path: Path) -> Path:
    body = webhook_event_alert(demo.crash.issue, demo.crash.event, sender=Sender("acme", "https://s.example"))
    return written(tmp_path / "webhook.json", body)


def written(path: Path, body: Any) -> Path:
    path.write_text(json.dumps(body))
    return path


def test_a_webhook_body_and_a_clone_give_the_whole_document(pilot: Pilot, webhook: Path, demo: Demo) -> None:
    done = pilot("investigate", webhook, "--repo-path", demo.service.repository, "--json")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document.keys() >= KEYS
    suspects = document["suspects"]
    assert suspects[0]["sha"] == demo.service.culprit_sha, "the culprit comes first"
    assert suspects[0].keys() >= {"sha", "rank", "score", "reasons", "pull_request"}
    assert 0 < sum(suspect["score"] for suspect in suspects) <= 1 + 1e-9, "scores are shares of one"
    assert document["no_code_cause"] is False
    assert document["ai_status"] == "unavailable"
    assert document["requests"]["github"] > 0
    assert document["requests"]["sentry"] == document["requests"]["llm"] == 0


def test_an_answer_of_the_api_is_understood_too(pilot: Pilot, demo: Demo, tmp_path: Path) -> None:
    event = written(tmp_path / "event.json", demo.crash.api_event)
    service = demo.service
    done = pilot(
        *("investigate", event, "--repo-path", service.repository, "--json", "--no-ai"),
        *("--base", service.base_sha, "--head", service.deployed_sha),
    )
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["suspects"][0]["sha"] == service.culprit_sha
    assert document["ai_status"] == "disabled"


def test_an_issue_alone_is_told_without_a_stack(pilot: Pilot, demo: Demo, tmp_path: Path) -> None:
    done = pilot("investigate", written(tmp_path / "issue.json", demo.crash.issue), "--json")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["issue"]["id"] == demo.crash.issue["id"]
    assert (document["frames"], document["suspects"]) == ([], [])
    assert document["gaps"], "what is missing is said"


def test_blocks_are_what_slack_would_get(pilot: Pilot, webhook: Path, demo: Demo) -> None:
    done = pilot("investigate", webhook, "--repo-path", demo.service.repository, "--blocks")
    parent, report = json.loads(done.stdout)
    assert parent["blocks"]
    assert "take_units" in json.dumps(report["blocks"])


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"{", "not JSON"),
        (b"[1]", "a JSON object was expected"),
        (b'{"hello": 1}', "neither event nor issue"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 50_000, "nested"),
        (b"", "not JSON"),
    ],
)
def test_what_is_no_payload_is_refused_in_one_line(
    pilot: Pilot, tmp_path: Path, content: bytes, complaint: str
) -> None:
    event = tmp_path / "event.json"
    event.write_bytes(content)
    refused(pilot("investigate", event, "--json"), complaint)


def refused(done: Result, complaint: str) -> None:
    assert done.exit_code == 2, done.output
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1, "one line"
    assert done.stdout == "", "nothing but the document goes to standard output"


def test_a_file_that_is_not_there_is_named(pilot: Pilot, tmp_path: Path) -> None:
    done = pilot("investigate", tmp_path / "nowhere.json")
    assert done.exit_code == 2
    assert "nowhere.json" in done.stderr


def test_a_folder_without_a_repository_is_refused(pilot: Pilot, webhook: Path, tmp_path: Path) -> None:
    folder = tmp_path / "just a folder"
    folder.mkdir()
    refused(pilot("investigate", webhook, "--repo-path", folder), "not a git repository")


def test_a_repository_without_an_owner_is_refused(pilot: Pilot, webhook: Path) -> None:
    refused(pilot("investigate", webhook, "--repo", "checkout"), "give owner and name")


@pytest.mark.parametrize("option", ["--head", "--base"])
def test_a_name_that_nothing_has_is_refused(pilot: Pilot, webhook: Path, demo: Demo, option: str) -> None:
    clone = demo.service.repository
    done = pilot("investigate", webhook, "--repo-path", clone, option, "no-such-tag", "--json")
    refused(done, f"{option} no-such-tag: {clone} has no such commit")


def test_a_commit_that_is_gone_is_said_and_the_rest_still_there(
    pilot: Pilot, webhook: Path, demo: Demo
) -> None:
    done = pilot(
        *("investigate", webhook, "--repo-path", demo.service.repository, "--head", "f" * 40, "--json")
    )
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert "f" * 40 in json.dumps(document["gaps"]), "what was not found is named"
    assert document["frames"]


@pytest.mark.parametrize("name", ["GITHUB_API_URL", "SENTRY_URL", "SLACK_API_URL"])
@pytest.mark.parametrize("address", ["github.example", "https://", "ftp://github.example"])
def test_an_address_that_is_none_is_refused_by_its_name(
    pilot: Pilot, webhook: Path, name: str, address: str
) -> None:
    refused(pilot("investigate", webhook, **{name: address}), f"{name}: give the whole address")


def test_a_clone_without_commits_is_refused(pilot: Pilot, webhook: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path / "empty")], check=True)
    refused(pilot("investigate", webhook, "--repo-path", tmp_path / "empty", "--json"), "no commits")


def test_a_clone_in_a_folder_with_any_name_will_do(
    pilot: Pilot, webhook: Path, demo: Demo, tmp_path: Path
) -> None:
    link = tmp_path / "größe & co"
    link.symlink_to(demo.service.repository)
    done = pilot("investigate", webhook, "--repo-path", link, "--json")
    assert json.loads(done.stdout)["suspects"][0]["sha"] == demo.service.culprit_sha


def test_of_a_shallow_clone_it_is_said_that_older_commits_are_missing(
    pilot: Pilot, webhook: Path, demo: Demo, tmp_path: Path
) -> None:
    source, shallow = f"file://{demo.service.repository}", tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth", "1", source, str(shallow)], check=True)
    for clone, cut in ((shallow, True), (demo.service.repository, False)):
        gaps = json.loads(pilot("investigate", webhook, "--repo-path", clone, "--json").stdout)["gaps"]
        assert any("--unshallow" in gap["remedy"] for gap in gaps) == cut, gaps


@pytest.mark.processes
def test_standard_output_has_the_document_and_nothing_else(webhook: Path, demo: Demo, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "investigate", "-", "--repo-path", demo.service.repository, "--json"],
        input=webhook.read_bytes(),
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=40,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout).keys() >= KEYS


def test_the_catalogues_schema_is_a_json_schema(pilot: Pilot) -> None:
    schema = json.loads(pilot("config", "schema").stdout)
    assert "services" in schema["properties"]


def test_incidents_are_listed_from_the_store(pilot: Pilot, store_url: str, demo: Demo) -> None:
    assert json.loads(pilot("incidents", "--json", REDIS_URL=store_url).stdout) == []
    assert "No incidents yet" in pilot("incidents", REDIS_URL=store_url).stdout

    async def open_one() -> None:
        values: dict[str, Any] = {
            "slack_bot_token": "x",
            "slack_signing_secret": "x",
            "sentry_client_secret": "x",
        }
        async with compose(Settings(_env_file=None, redis_url=store_url, **values)) as program:
            await open_incident(program, demo.crash)

    asyncio.run(open_one())
    (incident,) = json.loads(pilot("incidents", "--json", REDIS_URL=store_url).stdout)
    assert (incident["id"], incident["status"], incident["verdict"]) == ("1", "open", None)
    assert "#1" in pilot("incidents", REDIS_URL=store_url).stdout


def test_incidents_finds_the_store_that_up_runs_here(pilot: Pilot, store_url: str, tmp_path: Path) -> None:
    refused(pilot("incidents"), "or start `pilot up`")
    (tmp_path / ".pilot").mkdir()
    (tmp_path / ".pilot" / "store.url").write_text(store_url)
    assert pilot("incidents", "--json").stdout.strip() == "[]"


def test_a_store_that_is_away_is_exit_code_1(pilot: Pilot) -> None:
    done = pilot("incidents", REDIS_URL="redis://127.0.0.1:1/0")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)


def test_a_document_of_a_demo_that_stays_is_refused(pilot: Pilot) -> None:
    refused(pilot("demo", "--json"), "--json needs --once")


async def test_the_audit_is_listed_from_the_store(pilot: Pilot, store: Redis, store_url: str) -> None:
    await audit.record(store, who="U1", what="open_pull_request", incident="7", result="done", detail="#9")
    done = await asyncio.to_thread(pilot, "audit", "--json", REDIS_URL=store_url)
    (entry,) = json.loads(done.stdout)
    assert (entry["who"], entry["incident"], entry["result"]) == ("U1", "7", "done")
    assert "open_pull_request" in (await asyncio.to_thread(pilot, "audit", REDIS_URL=store_url)).stdout
