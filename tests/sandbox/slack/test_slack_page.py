"""What the page gets from the server."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import ClientSession
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackSandbox

Json = dict[str, Any]


async def get_state(sandbox: SlackSandbox, **query: str) -> Json:
    async with ClientSession() as session, session.get(f"{sandbox.url}/state", params=query) as answer:
        return dict(await answer.json())


async def test_state_tells_only_what_changed_since(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    first = await client.chat_postMessage(channel="C0INCIDENTS", text="first")
    version = (await get_state(sandbox, channel="incidents"))["version"]
    await client.chat_postMessage(channel="C0INCIDENTS", text="second")
    assert [each["text"] for each in (await _since(sandbox, version))["messages"]] == ["second"]
    version = (await _since(sandbox, version))["version"]
    await client.chat_delete(channel="C0INCIDENTS", ts=first["ts"])
    gone = (await _since(sandbox, version))["messages"]
    assert [(each["ts"], each["deleted"]) for each in gone] == [(first["ts"], True)]


async def test_ephemeral_messages_and_private_channels_are_for_their_people(
    sandbox: SlackSandbox, client: AsyncWebClient
) -> None:
    await client.chat_postEphemeral(channel="C0INCIDENTS", user="U0PRIYA", text="secret")
    hers = await get_state(sandbox, channel="incidents", user="priya")
    his = await get_state(sandbox, channel="incidents", user="sam")
    assert [each["ephemeral"] for each in hers["messages"]] == [True]
    assert his["messages"] == []
    assert "security" in {each["name"] for each in hers["channels"]}
    assert "security" not in {each["name"] for each in his["channels"]}


async def test_metadata_never_reaches_the_page(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    metadata = {"event_type": "e", "event_payload": {"key": "k"}}
    await client.chat_postMessage(channel="C0INCIDENTS", text="x", metadata=metadata)
    assert "metadata" not in (await get_state(sandbox, channel="incidents"))["messages"][0]


async def test_the_stream_tells_of_every_change_at_once(
    sandbox: SlackSandbox, client: AsyncWebClient
) -> None:
    async with ClientSession() as session, session.get(f"{sandbox.url}/stream") as stream:
        first = await _next_version(stream.content)
        await client.chat_postMessage(channel="C0INCIDENTS", text="x")
        async with asyncio.timeout(2):
            assert await _next_version(stream.content) > first


@pytest.mark.parametrize("query", [{"channel": "nowhere"}, {"user": "nobody"}, {"since": "x"}])
async def test_unknown_places_and_people_are_404(sandbox: SlackSandbox, query: dict[str, str]) -> None:
    async with ClientSession() as session, session.get(f"{sandbox.url}/state", params=query) as answer:
        assert answer.status == 404


async def test_the_page_runs_only_its_own_scripts(sandbox: SlackSandbox) -> None:
    async with ClientSession() as session, session.get(sandbox.url) as answer:
        page = await answer.text()
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "https://" not in page, "nothing is loaded from elsewhere"


async def test_what_a_person_does_wrong_is_told_in_slacks_envelope(sandbox: SlackSandbox) -> None:
    async with ClientSession() as session:
        body = {"user": "priya", "channel": "incidents", "ts": "1.000100", "action_id": "rerun"}
        async with session.post(f"{sandbox.url}/ui/click", json=body) as answer:
            assert (await answer.json())["error"] == "message_not_found"
        async with session.post(f"{sandbox.url}/ui/message", json={"user": "priya"}) as answer:
            assert (await answer.json())["error"] == "invalid_arguments"
        async with session.post(f"{sandbox.url}/ui/message", data=b"{") as answer:
            assert answer.status == 400


async def _since(sandbox: SlackSandbox, version: int) -> Json:
    return await get_state(sandbox, channel="incidents", since=str(version))


async def _next_version(stream: asyncio.StreamReader | Any) -> int:
    while True:
        line = (await stream.readline()).decode()
        if line.startswith("data: "):
            return int(json.loads(line.removeprefix("data: "))["version"])
