"""`pilot inbox`: what was set aside is listed with its reason and comes back, once, on request."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from investigator import keys
from investigator.dead_letters import DeadLetters
from investigator.delivery import Delivery
from investigator.delivery_codec import encode
from investigator.embedded_store import free_port
from investigator.embedded_store import store_url as url_of
from investigator.inbox_reader import InboxReader
from investigator.store import connect, connect_sync
from tests.fixtures.webhook import put

NOW = datetime.now(UTC)


@pytest.fixture
def inbox(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Two deliveries set aside, one that waits."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REDIS_URL", store_url)
    with connect_sync(store_url) as client:
        for number in (1, 2, 3):
            delivery = Delivery(b'{"n":%d}' % number, {}, NOW - timedelta(seconds=90))
            client.xadd(keys.INBOX, encode(delivery), id=f"{number}-0")
    asyncio.run(set_aside_two(store_url))
    return store_url


async def set_aside_two(url: str) -> None:
    async with connect(url) as client:
        reader = InboxReader(client, "one")
        await reader.ensure_group()
        for entry in await reader.read(2, 0):
            await reader.set_aside(entry, f"reason [{entry.id}]")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["inbox", *arguments])


def document(*arguments: str) -> dict[str, Any]:
    result = run("--json", *arguments)
    assert result.exit_code == 0, result.output
    read: dict[str, Any] = json.loads(result.stdout)
    return read


def test_depth_age_and_number_of_the_dead(inbox: str) -> None:
    found = document()
    assert (found["depth"], found["dead_count"]) == (1, 2)
    assert found["oldest_seconds"] >= 90
    assert "waiting for triage: 1" in run().stdout


def test_the_dead_are_listed_with_their_reasons(inbox: str) -> None:
    dead = {letter["entry"]: letter["reason"] for letter in document("--dead")["dead"]}
    assert dead == {"1-0": "reason [1-0]", "2-0": "reason [2-0]"}
    assert "reason [2-0]" in run("--dead").stdout


def test_one_is_put_back_and_asking_again_does_nothing(inbox: str) -> None:
    assert document("--replay", "2-0")["put_back"] == ["2-0"]
    assert document("--replay", "2-0")["put_back"] == []
    after = document("--dead")
    assert (after["depth"], [letter["entry"] for letter in after["dead"]]) == (2, ["1-0"])
    assert "not set aside, so left alone: 9-9" in run("--replay", "9-9").stdout


def test_all_are_put_back_as_they_came(inbox: str) -> None:
    assert sorted(document("--replay")["put_back"]) == ["1-0", "2-0"]
    with connect_sync(inbox) as client:
        entries: Any = client.xrange(keys.INBOX)
    assert [fields[b"body"] for _, fields in entries[-2:]] == [b'{"n":1}', b'{"n":2}']
    assert set(entries[-1][1]) == set(entries[0][1]), "nothing of the dead stream goes back with them"


async def test_two_people_who_put_back_at_once_put_back_once(store_url: str) -> None:
    async with connect(store_url) as one, connect(store_url) as other:
        await put(one, b"{}")
        await put(one, b"{}")
        await set_aside_two(store_url)
        before = await one.xlen(keys.INBOX)
        back = await asyncio.gather(DeadLetters(one).put_back(), DeadLetters(other).put_back())
        assert sum(map(len, back)) == 2
        assert await one.xlen(keys.INBOX) == before + 2


def test_entries_are_for_replay_only(inbox: str) -> None:
    assert run("1-0").exit_code == 2


def test_a_store_that_is_away_is_said_with_what_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", url_of(free_port()))
    result = run("--dead")
    assert result.exit_code == 1
    assert "Connect call failed" in result.stderr
    assert "REDIS_URL or REDIS_SENTINELS" in result.stderr
