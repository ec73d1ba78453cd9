"""`pilot erase` forgets, and says what it cannot forget."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from bot.cli import main
from investigator import keys
from investigator.models.incident import ParentMessage
from investigator.models.incident_channel import OwnChannel
from investigator.store import connect_sync
from tests.fixtures import findings


@pytest.fixture
def without_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: str) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("without_settings")
def test_erasing_says_what_is_left_in_slack(store_url: str) -> None:
    with connect_sync(store_url) as client:
        client.set(keys.incident("42"), findings.incident().model_dump_json())
    result = CliRunner().invoke(main, ["erase", "#42"], env={"REDIS_URL": store_url})
    assert result.exit_code == 0, result.output
    assert "#42" in result.output
    assert "Slack" in result.output
    with connect_sync(store_url) as client:
        document = client.get(keys.incident("42"))
    assert b"ZeroDivisionError" not in document


@pytest.mark.usefixtures("without_settings")
def test_what_slack_keeps_is_said_with_exit_code_1_and_is_in_the_audit(store_url: str) -> None:
    environment = {
        "REDIS_URL": store_url,
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": "s",
        "SLACK_API_URL": "http://127.0.0.1:1/api/",
    }
    parent, own = ParentMessage(channel="C1", ts="1.0"), OwnChannel(id="C2", name="inc-42")
    with connect_sync(store_url) as client:
        incident = findings.incident(parent=parent, own_channel=own)
        client.set(keys.incident("42"), incident.model_dump_json())
    for _ in range(2):
        result = CliRunner().invoke(main, ["erase", "--slack", "#42"], env=environment)
        assert result.exit_code == 1
        assert "Thread: Still in Slack" in result.stderr
        assert "Channel #inc-42: Still in Slack" in result.stderr, "also at the next try"
    with connect_sync(store_url) as client:
        document, (entry, _) = client.get(keys.incident("42")), client.xrange(keys.AUDIT)
    assert b"ZeroDivisionError" not in document, "the store keeps it because Slack is away"
    assert (entry[1][b"what"], entry[1][b"result"]) == (b"erase", b"failed")


@pytest.mark.usefixtures("without_settings")
def test_erasing_what_is_not_there_fails_in_words(store_url: str) -> None:
    result = CliRunner().invoke(main, ["erase", "#43"], env={"REDIS_URL": store_url})
    assert result.exit_code == 1
    assert "#43" in result.stderr
