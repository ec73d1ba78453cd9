"""Promise 5: each thing is said once, whatever crashes between posting and remembering it."""

from __future__ import annotations

import aiohttp
import pytest
import redis.asyncio

from investigator import keys
from investigator.errors import OutsideCallFailed
from investigator.models.message import Message
from investigator.slack import Slack, SlackRefused
from investigator.thread import Thread
from sandbox.slack import SlackSandbox
from sandbox.slack.web_api import EVERY_SCOPE
from tests.fixtures.slack import BOT_TOKEN, SIGNING_SECRET

MESSAGE = Message(text="hello", blocks=({"type": "section", "text": {"type": "mrkdwn", "text": "hello"}},))


@pytest.fixture
def thread(slack: Slack, store: redis.asyncio.Redis) -> Thread:
    return Thread(slack, store)


async def test_the_same_thing_said_twice_is_one_message(thread: Thread, slack_sandbox: SlackSandbox) -> None:
    first = await thread.say("42:parent", MESSAGE, incident="42", channel="#incidents")
    second = await thread.say("42:parent", MESSAGE, incident="42", channel="#incidents")
    assert first == second
    assert len(slack_sandbox.messages("#incidents")) == 1


async def test_a_message_carries_its_key_and_incident(thread: Thread, slack_sandbox: SlackSandbox) -> None:
    await thread.say("42:parent", MESSAGE, incident="42", channel="#incidents")
    assert slack_sandbox.messages("#incidents")[0]["metadata"] == {
        "event_type": "incident_pilot",
        "event_payload": {"key": "42:parent", "incident": "42"},
    }


@pytest.mark.parametrize("in_thread", [False, True])
async def test_a_message_posted_just_before_a_crash_is_adopted(
    thread: Thread, slack_sandbox: SlackSandbox, store: redis.asyncio.Redis, in_thread: bool
) -> None:
    parent = await thread.say("42:parent", MESSAGE, incident="42", channel="#incidents")
    place = {"channel": parent.channel, "thread_ts": parent.ts} if in_thread else {"channel": "#incidents"}
    posted = await thread.say("42:x", MESSAGE, incident="42", **place)
    await store.set(keys.said("42:x"), '{"at": 0}')  # claimed, posted, and died before remembering
    assert await thread.say("42:x", MESSAGE, incident="42", **place) == posted
    replies = slack_sandbox.thread("#incidents", parent.ts)
    assert len(slack_sandbox.messages("#incidents")) + len(replies) == 2


async def test_a_crash_before_posting_does_not_lose_the_message(
    thread: Thread, slack_sandbox: SlackSandbox, store: redis.asyncio.Redis
) -> None:
    await store.set(keys.said("42:parent"), '{"at": 0}')
    await thread.say("42:parent", MESSAGE, incident="42", channel="#incidents")
    assert len(slack_sandbox.messages("#incidents")) == 1


async def test_blocks_that_slack_refuses_are_said_as_text(
    thread: Thread, slack_sandbox: SlackSandbox
) -> None:
    bad = Message(text="still readable", blocks=({"type": "no_such_block"},))
    at = await thread.say("42:parent", bad, incident="42", channel="#incidents")
    assert slack_sandbox.messages("#incidents")[0]["text"] == "still readable"
    await thread.edit("42:parent", bad.model_copy(update={"text": "edited"}), incident="42", at=at)
    assert slack_sandbox.messages("#incidents")[0]["text"] == "edited"


async def test_a_workspace_that_refuses_new_blocks_is_asked_once(
    thread: Thread, slack_sandbox: SlackSandbox
) -> None:
    task = {"type": "task_card", "task_id": "a", "title": "Look", "status": "in_progress"}
    plan = {"type": "plan", "title": "Investigation", "tasks": [task]}
    new = MESSAGE.model_copy(update={"blocks": (*MESSAGE.blocks, plan)})
    refusal = b'{"ok": false, "error": "invalid_blocks"}'
    slack_sandbox.faults.add("/api/chat.postMessage", status=200, body=refusal, times=1)
    await thread.say("42:parent", new, incident="42", channel="#incidents")
    await thread.say("43:parent", new, incident="43", channel="#incidents")
    for message in slack_sandbox.messages("#incidents"):
        assert [block["type"] for block in message["blocks"]] == ["section", "context"]
        assert "Look: in progress" in str(message["blocks"]), "the words stay"
    assert slack_sandbox.call_counts["chat.postMessage"] == 2, "the second was classic at once"


async def test_a_rate_limit_is_waited_for(thread: Thread, slack_sandbox: SlackSandbox) -> None:
    slack_sandbox.faults.add(
        "/api/chat.postMessage", status=429, headers={"Retry-After": "0"}, body=b"{}", times=2
    )
    await thread.say("42:parent", MESSAGE, incident="42", channel="#incidents")
    assert len(slack_sandbox.messages("#incidents")) == 1


async def test_a_long_rate_limit_hands_the_job_back(thread: Thread, slack_sandbox: SlackSandbox) -> None:
    slack_sandbox.faults.add("/api/chat.postMessage", status=429, headers={"Retry-After": "600"}, body=b"{}")
    with pytest.raises(OutsideCallFailed) as caught:
        await thread.say("42:parent", MESSAGE, incident="42", channel="#incidents")
    assert (caught.value.kind, caught.value.retry_after) == ("rate_limited", 600)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [(503, b"{}", "server_error"), (200, b"<html>", "bad_answer"), (500, b"<html>", "server_error")],
)
async def test_rubbish_from_slack_is_a_failure_to_try_again(
    thread: Thread, slack_sandbox: SlackSandbox, status: int, body: bytes, kind: str
) -> None:
    slack_sandbox.faults.add("/api/chat.postMessage", status=status, body=body, times=1)
    with pytest.raises(OutsideCallFailed) as caught:
        await thread.say("42:parent", MESSAGE, incident="42", channel="#incidents")
    assert caught.value.kind == kind
    await thread.say("42:parent", MESSAGE, incident="42", channel="#incidents")
    assert len(slack_sandbox.messages("#incidents")) == 1


async def test_a_channel_that_does_not_exist_names_the_remedy(thread: Thread) -> None:
    with pytest.raises(SlackRefused, match=r"channel_not_found.*pilot\.yml"):
        await thread.say("42:parent", MESSAGE, incident="42", channel="#nowhere")


async def test_a_message_deleted_by_a_person_stays_deleted(
    thread: Thread, slack: Slack, slack_sandbox: SlackSandbox
) -> None:
    at = await thread.say("42:parent", MESSAGE, incident="42", channel="#incidents")
    await slack.call("chat.delete", channel=at.channel, ts=at.ts)
    await thread.edit("42:parent", MESSAGE, incident="42", at=at)
    assert slack_sandbox.messages("#incidents") == []


@pytest.mark.parametrize("missing", [{"chat:write.public"}, {"chat:write.public", "groups:read"}])
async def test_a_public_channel_is_joined_when_that_is_needed(
    store: redis.asyncio.Redis, missing: set[str]
) -> None:
    sandbox = SlackSandbox(
        signing_secret=SIGNING_SECRET, bot_token=BOT_TOKEN, bot_url=None, scopes=EVERY_SCOPE - missing
    )
    async with sandbox.serving() as url, aiohttp.ClientSession() as session:
        thread = Thread(Slack(BOT_TOKEN, f"{url}/api/", session), store)
        await thread.say("42:parent", MESSAGE, incident="42", channel="#random")
    assert [each["text"] for each in sandbox.messages("#random")] == ["hello"]
