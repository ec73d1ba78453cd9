"""All processes together stay within what Slack allows, and keep the pauses it asks for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
import redis.asyncio

from investigator.errors import OutsideCallFailed
from investigator.models.message import Message
from investigator.slack import Slack
from investigator.slack_budget import Limits, Rate, SlackBudget
from investigator.store import connect
from investigator.thread import Thread
from sandbox.slack import SlackSandbox
from tests.fixtures.slack import BOT_TOKEN

HELLO = Message(text="hello", blocks=({"type": "section", "text": {"type": "mrkdwn", "text": "hello"}},))


def budget(store: redis.asyncio.Redis, posts: Rate, edits: Rate | None = None) -> SlackBudget:
    return SlackBudget(store, Limits(posts, {"chat.update": edits or Rate(6_000, 1_000)}))


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def test_slack_itself_allows_a_message_a_second() -> None:
    from investigator.slack_budget import limits

    slacks = limits(60, 50)
    assert (slacks.posts.per_minute, slacks.methods["chat.update"].per_minute) == (60, 50)
    assert slacks.buckets("views.open", "") == [], "what must be quick never waits"


async def test_turns_are_handed_out_a_burst_at_once_and_then_one_by_one(store: redis.asyncio.Redis) -> None:
    one, other = budget(store, Rate(60, 3)), budget(store, Rate(60, 3))
    waits = [
        await each.reserve("chat.postMessage", "#a", patience=30) for each in (one, other, one, other, one)
    ]
    assert waits[:3] == [0, 0, 0], "a short burst does not wait"
    assert 0.5 < waits[3] <= 1 < waits[4] <= 2, "after it both processes together wait a second a message"
    assert await one.reserve("chat.postMessage", "#b", patience=30) == 0, "another channel has its own"


async def test_a_turn_too_far_away_is_not_taken_from_others(store: redis.asyncio.Redis) -> None:
    shared = budget(store, Rate(6, 1))
    assert await shared.reserve("chat.postMessage", "#a", patience=1) == 0
    for _ in range(5):
        assert 5 < await shared.reserve("chat.postMessage", "#a", patience=1) <= 10


async def test_a_pause_told_to_one_process_holds_for_all_and_ends_without_a_flood(
    store: redis.asyncio.Redis,
) -> None:
    one, other = budget(store, Rate(60, 2)), budget(store, Rate(60, 2))
    await one.pause("chat.postMessage", 30)
    await one.pause("chat.postMessage", 1)
    waits = [await other.reserve("chat.postMessage", "#a", patience=60) for _ in range(4)]
    assert 25 < waits[0] <= 30
    assert waits[0] == pytest.approx(waits[1], abs=0.9)
    assert waits[3] == pytest.approx(waits[0] + 2, abs=0.9), "whoever waited is spaced out again afterwards"
    assert await other.reserve("chat.update", "#a", patience=60) == 0, "other methods go on"


async def test_a_pause_is_kept_by_a_process_that_slack_told_nothing(
    store: redis.asyncio.Redis, slack_sandbox: SlackSandbox, session: aiohttp.ClientSession
) -> None:
    api = f"{slack_sandbox.url}/api/"
    slack_sandbox.faults.add("/api/chat.", status=429, headers={"Retry-After": "600"}, body=b"{}", times=1)
    for process in range(3):
        slack = Slack(BOT_TOKEN, api, session, budget(store, Rate(6_000, 100)))
        with pytest.raises(OutsideCallFailed, match="rate limited") as caught:
            await slack.call("chat.postMessage", channel="#incidents", text="x")
        assert caught.value.retry_after == pytest.approx(600, abs=30), f"process {process}"
    assert slack_sandbox.call_counts["chat.postMessage"] == 0, "nobody asked again"


@pytest.mark.processes
async def test_a_strict_slack_never_has_to_refuse(
    store: redis.asyncio.Redis, session: aiohttp.ClientSession
) -> None:
    sandbox = SlackSandbox(signing_secret="s", bot_token=BOT_TOKEN, bot_url=None, strict_rate=True)
    async with sandbox.serving() as url:
        slacks = [Slack(BOT_TOKEN, f"{url}/api/", session, budget(store, Rate(60, 2))) for _ in range(2)]
        await asyncio.gather(
            *(slacks[n % 2].call("chat.postMessage", channel="#incidents", text=str(n)) for n in range(4))
        )
    assert sandbox.call_counts["chat.postMessage"] == 4, "no call was refused and repeated"
    assert len(sandbox.messages("#incidents")) == 4


async def test_without_the_store_messages_go_out_unbudgeted(
    slack_sandbox: SlackSandbox, session: aiohttp.ClientSession
) -> None:
    away = connect("redis://127.0.0.1:1/0")
    slack = Slack(BOT_TOKEN, f"{slack_sandbox.url}/api/", session, budget(away, Rate(1, 1)))
    started = time.monotonic()
    for _ in range(3):
        await slack.call("chat.postMessage", channel="#incidents", text="x")
    assert len(slack_sandbox.messages("#incidents")) == 3
    assert time.monotonic() - started < 10
    await away.aclose()


async def test_an_edit_that_waits_gives_way_to_a_newer_one(
    store: redis.asyncio.Redis, slack_sandbox: SlackSandbox, session: aiohttp.ClientSession
) -> None:
    slow = budget(store, Rate(6_000, 100), Rate(120, 1))
    thread = Thread(Slack(BOT_TOKEN, f"{slack_sandbox.url}/api/", session, slow), store)
    at = await thread.say("42:parent", HELLO, incident="42", channel="#incidents")

    def edit(text: str) -> asyncio.Task[None]:
        message = HELLO.model_copy(update={"text": text})
        return asyncio.create_task(thread.edit("42:parent", message, incident="42", at=at))

    await edit("first")
    waiting = [edit("second")]
    await asyncio.sleep(0.1)
    waiting.append(edit("third"))
    await asyncio.gather(*waiting)
    assert slack_sandbox.messages("#incidents")[0]["text"] == "third"
    assert slack_sandbox.call_counts["chat.update"] == 2, "the second was never sent"


async def test_what_a_message_shows_already_is_not_sent_again(
    store: redis.asyncio.Redis, slack_sandbox: SlackSandbox, slack: Slack
) -> None:
    thread = Thread(slack, store)
    at = await thread.say("42:parent", HELLO, incident="42", channel="#incidents")
    for _ in range(3):
        await thread.edit("42:parent", HELLO, incident="42", at=at)
    assert slack_sandbox.call_counts["chat.update"] == 1
    slack_sandbox.faults.add("/api/chat.update", status=503, times=1)
    other = HELLO.model_copy(update={"text": "other"})
    with pytest.raises(OutsideCallFailed):
        await thread.edit("42:parent", other, incident="42", at=at)
    await thread.edit("42:parent", other, incident="42", at=at)
    assert slack_sandbox.messages("#incidents")[0]["text"] == "other", "a failed edit was not remembered"
