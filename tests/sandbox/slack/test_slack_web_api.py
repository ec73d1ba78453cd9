"""The Web API, through the real SDK."""

from __future__ import annotations

import pytest
from aiohttp import ClientSession
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackSandbox
from tests.fixtures.slack_sandbox import SECRET, TOKEN, Now

INCIDENTS = "C0INCIDENTS"


async def refused(call: object) -> str:
    """The error code of a call that must be refused."""
    with pytest.raises(SlackApiError) as caught:
        await call  # type: ignore[misc]
    return str(caught.value.response["error"])


async def test_a_posted_message_is_found_again_by_its_metadata(client: AsyncWebClient) -> None:
    metadata = {"event_type": "incident_pilot", "event_payload": {"key": "parent:42"}}
    posted = await client.chat_postMessage(channel="#incidents", text="hello", metadata=metadata)
    plain = await client.conversations_history(channel=posted["channel"])
    full = await client.conversations_history(channel=posted["channel"], include_all_metadata=True)
    assert "metadata" not in plain["messages"][0], "metadata is shown only to those who ask"
    assert full["messages"][0]["metadata"] == metadata
    assert full["messages"][0]["ts"] == posted["ts"]


async def test_times_are_unique_and_ordered_even_within_one_second(client: AsyncWebClient) -> None:
    times = [(await client.chat_postMessage(channel=INCIDENTS, text=str(n)))["ts"] for n in range(20)]
    assert times == sorted(set(times))
    assert all(len(ts.partition(".")[2]) == 6 for ts in times)


async def test_replies_count_on_the_parent_and_stay_out_of_the_channel(client: AsyncWebClient) -> None:
    parent = await client.chat_postMessage(channel=INCIDENTS, text="parent")
    reply = await client.chat_postMessage(channel=INCIDENTS, text="reply", thread_ts=parent["ts"])
    history = (await client.conversations_history(channel=INCIDENTS))["messages"]
    thread = (await client.conversations_replies(channel=INCIDENTS, ts=parent["ts"]))["messages"]
    assert [message["text"] for message in history] == ["parent"]
    assert history[0]["reply_count"] == 1
    assert history[0]["latest_reply"] == reply["ts"]
    assert [message["text"] for message in thread] == ["parent", "reply"]


async def test_history_goes_page_by_page_newest_first(client: AsyncWebClient) -> None:
    for number in range(5):
        await client.chat_postMessage(channel=INCIDENTS, text=str(number))
    seen, cursor = [], None
    while cursor != "":
        page = await client.conversations_history(channel=INCIDENTS, limit=2, cursor=cursor)
        seen += [message["text"] for message in page["messages"]]
        cursor = page["response_metadata"]["next_cursor"]
    assert seen == ["4", "3", "2", "1", "0"]


async def test_history_since_a_message_is_exclusive_unless_asked(client: AsyncWebClient) -> None:
    first = await client.chat_postMessage(channel=INCIDENTS, text="first")
    await client.chat_postMessage(channel=INCIDENTS, text="second")
    after = await client.conversations_history(channel=INCIDENTS, oldest=first["ts"])
    since = await client.conversations_history(channel=INCIDENTS, oldest=first["ts"], inclusive=True)
    assert [message["text"] for message in after["messages"]] == ["second"]
    assert [message["text"] for message in since["messages"]] == ["second", "first"]


async def test_an_update_replaces_the_content_and_marks_it_edited(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(
        channel=INCIDENTS, text="old", metadata={"event_type": "e", "event_payload": {}}
    )
    await client.chat_update(channel=INCIDENTS, ts=posted["ts"], text="new")
    page = await client.conversations_history(channel=INCIDENTS, include_all_metadata=True)
    message = page["messages"][0]
    assert message["text"] == "new"
    assert message["edited"]["user"] == "U0PILOT"
    assert message["metadata"]["event_type"] == "e", "metadata survives an update that does not name it"


async def test_an_update_with_text_alone_keeps_the_blocks_as_slack_does(
    sandbox: SlackSandbox, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel=INCIDENTS, text="old", blocks=[{"type": "divider"}])
    await client.chat_update(channel=INCIDENTS, ts=posted["ts"], text="new")
    assert sandbox.messages("incidents")[0]["blocks"], "blocks that are not sent stay"
    await client.chat_update(channel=INCIDENTS, ts=posted["ts"], text="new", blocks=[])
    assert "blocks" not in sandbox.messages("incidents")[0]


async def test_rubbish_arguments_are_refused_not_crashed_on(client: AsyncWebClient) -> None:
    async def history(**arguments: str) -> str:
        return await refused(
            client.api_call("conversations.history", params={"channel": INCIDENTS, **arguments})
        )

    await client.chat_postMessage(channel=INCIDENTS, text="x")
    assert await history(limit="many") == "invalid_limit"
    assert await history(limit="1001") == "invalid_limit"
    assert await history(oldest="yesterday") == "invalid_ts_oldest"
    assert await history(cursor="???") == "invalid_cursor"
    odd = client.api_call("chat.postMessage", data={"channel": INCIDENTS, "text": "x", "blocks": "[{"})
    assert await refused(odd) == "invalid_blocks_format"
    assert await refused(client.api_call("chat.postMessage", json={"text": "x"})) == "invalid_arguments"


async def test_what_slack_refuses_by_place(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=INCIDENTS, text="x")
    human = await sandbox.acts.say("mine", channel="incidents", user="priya")
    assert await refused(client.chat_postMessage(channel="#nowhere", text="x")) == "channel_not_found"
    assert await refused(client.chat_postMessage(channel="security", text="x")) == "channel_not_found"
    assert await refused(client.conversations_history(channel="C0RANDOM")) == "not_in_channel"
    assert await refused(client.conversations_info(channel="#incidents")) == "channel_not_found"
    assert (
        await refused(client.chat_update(channel=INCIDENTS, ts="1.000100", text="x")) == "message_not_found"
    )
    assert (
        await refused(client.chat_update(channel=INCIDENTS, ts=human.ts, text="x")) == "cant_update_message"
    )
    assert await refused(client.chat_delete(channel=INCIDENTS, ts=human.ts)) == "cant_delete_message"
    orphan = client.chat_postMessage(channel=INCIDENTS, text="x", thread_ts="1.000100")
    assert await refused(orphan) == "message_not_found"
    sandbox.workspace.channels[INCIDENTS].is_archived = True
    assert await refused(client.chat_postMessage(channel=INCIDENTS, text="x")) == "is_archived"
    assert await refused(client.chat_update(channel=INCIDENTS, ts=posted["ts"], text="y")) == "is_archived"


async def test_without_the_public_scope_the_bot_must_join_before_it_posts() -> None:
    scopes = frozenset({"chat:write", "channels:join"})
    sandbox = SlackSandbox(signing_secret=SECRET, bot_token=TOKEN, bot_url=None, scopes=scopes)
    async with sandbox.serving() as url:
        client = AsyncWebClient(TOKEN, base_url=f"{url}/api/")
        assert await refused(client.chat_postMessage(channel="C0RANDOM", text="x")) == "not_in_channel"
        await client.conversations_join(channel="C0RANDOM")
        assert (await client.chat_postMessage(channel="C0RANDOM", text="x"))["ok"]
        with pytest.raises(SlackApiError) as caught:
            await client.users_list()
        assert caught.value.response["needed"] == "users:read"
        assert caught.value.response["provided"] == "channels:join,chat:write"


async def test_tokens_and_methods_are_checked(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    stranger = AsyncWebClient("xoxb-other", base_url=f"{sandbox.url}/api/")
    assert await refused(stranger.auth_test()) == "invalid_auth"
    assert await refused(client.api_call("chat.shout")) == "unknown_method"
    async with ClientSession() as session, session.post(f"{sandbox.url}/api/auth.test") as answer:
        assert (await answer.json())["error"] == "not_authed"
    identity = await client.auth_test()
    assert identity["user_id"] == "U0PILOT"
    assert "chat:write" in identity.headers["x-oauth-scopes"]


async def test_form_bodies_are_taken_like_json_ones(sandbox: SlackSandbox) -> None:
    form = {"channel": "#incidents", "text": "x", "blocks": '[{"type": "divider"}]'}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        ClientSession(headers=headers) as session,
        session.post(f"{sandbox.url}/api/chat.postMessage", data=form) as answer,
    ):
        body = await answer.json()
    assert body["message"]["blocks"][0]["type"] == "divider"


async def test_the_strict_budget_answers_429_with_retry_after() -> None:
    now = Now()
    sandbox = SlackSandbox(signing_secret=SECRET, bot_token=TOKEN, bot_url=None, strict_rate=True, now=now)
    async with sandbox.serving() as url:
        client = AsyncWebClient(TOKEN, base_url=f"{url}/api/")
        for _ in range(3):
            await client.chat_postMessage(channel=INCIDENTS, text="burst")
        with pytest.raises(SlackApiError) as caught:
            await client.chat_postMessage(channel=INCIDENTS, text="too much")
        assert caught.value.response.status_code == 429
        assert caught.value.response.headers["Retry-After"] == "1"
        assert (await client.chat_postMessage(channel="C0OPS", text="elsewhere"))["ok"]
        now.seconds += 1
        assert (await client.chat_postMessage(channel=INCIDENTS, text="later"))["ok"]


async def test_the_strict_budget_knows_the_tier_of_each_method() -> None:
    now = Now()
    sandbox = SlackSandbox(signing_secret=SECRET, bot_token=TOKEN, bot_url=None, strict_rate=True, now=now)
    async with sandbox.serving() as url:
        client = AsyncWebClient(TOKEN, base_url=f"{url}/api/")
        ts = str((await client.chat_postMessage(channel=INCIDENTS, text="parent"))["ts"])
        for number in range(50):
            await client.chat_update(channel=INCIDENTS, ts=ts, text=f"edit {number}")
        assert await refused(client.chat_update(channel=INCIDENTS, ts=ts, text="too much")) == "ratelimited"
        assert (await client.users_info(user="U0PRIYA"))["ok"], "other methods have budgets of their own"
        now.seconds += 2
        assert (await client.chat_update(channel=INCIDENTS, ts=ts, text="later"))["ok"]


async def test_a_picture_that_was_not_uploaded_is_refused(client: AsyncWebClient) -> None:
    picture = {"type": "image", "slack_file": {"id": "F0NOWHERE"}, "alt_text": "when it broke"}
    call = client.chat_postMessage(channel=INCIDENTS, text="x", blocks=[picture])
    assert await refused(call) == "invalid_blocks"


async def test_a_home_that_changed_meanwhile_is_not_overwritten(client: AsyncWebClient) -> None:
    view = {"type": "home", "blocks": [{"type": "divider"}]}
    first = await client.views_publish(user_id="U0PRIYA", view=view)
    await client.views_publish(user_id="U0PRIYA", view=view, hash=first["view"]["hash"])
    stale = client.views_publish(user_id="U0PRIYA", view=view, hash=first["view"]["hash"])
    assert await refused(stale) == "hash_conflict"


async def test_people_and_groups_can_be_looked_up(client: AsyncWebClient) -> None:
    groups = (await client.usergroups_list())["usergroups"]
    members = (await client.usergroups_users_list(usergroup=groups[0]["id"]))["users"]
    names = [(await client.users_info(user=user))["user"]["real_name"] for user in members]
    assert groups[0]["handle"] == "checkout-oncall"
    assert names == ["Priya Nair", "Marco Silva"]
    assert await refused(client.users_info(user="U0NOBODY")) == "user_not_found"
    channels = (await client.conversations_list(types="public_channel,private_channel"))["channels"]
    assert "security" not in {channel["name"] for channel in channels}, "it is private and without the bot"
    assert "U0PRIYA" in (await client.conversations_members(channel=INCIDENTS))["members"]


async def test_a_file_goes_up_in_three_steps_into_the_thread(
    sandbox: SlackSandbox, client: AsyncWebClient
) -> None:
    parent = await client.chat_postMessage(channel=INCIDENTS, text="parent")
    await client.files_upload_v2(
        filename="timeline.png", content=b"\x89PNG", channel=INCIDENTS, thread_ts=parent["ts"], alt_txt="when"
    )
    reply = sandbox.thread("#incidents", str(parent["ts"]))[0]
    shared = reply["files"][0]
    assert shared["name"] == "timeline.png"
    assert shared["alt_txt"] == "when"
    async with ClientSession() as session, session.get(sandbox.url + shared["url_private"]) as answer:
        assert await answer.read() == b"\x89PNG"
        assert answer.content_type == "image/png"


async def test_a_message_can_be_linked_deleted_pinned_and_reacted_to(
    sandbox: SlackSandbox, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel=INCIDENTS, text="x")
    link = await client.chat_getPermalink(channel=INCIDENTS, message_ts=posted["ts"])
    assert link["permalink"] == f"{sandbox.url}/archives/{INCIDENTS}/p{posted['ts'].replace('.', '')}"
    await client.reactions_add(channel=INCIDENTS, timestamp=posted["ts"], name="eyes")
    again = client.reactions_add(channel=INCIDENTS, timestamp=posted["ts"], name="eyes")
    assert await refused(again) == "already_reacted"
    await client.pins_add(channel=INCIDENTS, timestamp=posted["ts"])
    await client.bookmarks_add(channel_id=INCIDENTS, title="Runbook", type="link", link="https://e.example")
    assert (await client.bookmarks_list(channel_id=INCIDENTS))["bookmarks"][0]["title"] == "Runbook"
    await client.chat_delete(channel=INCIDENTS, ts=posted["ts"])
    assert sandbox.messages("#incidents") == []


async def test_calls_are_counted_and_faults_can_be_had(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    await client.auth_test()
    sandbox.faults.add("/api/chat.postMessage", status=503, body=b"<html>down</html>", times=1)
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel=INCIDENTS, text="x")
    await client.chat_postMessage(channel=INCIDENTS, text="x")
    assert [method for method, _ in sandbox.calls] == ["auth.test", "chat.postMessage"]
    assert sandbox.call_counts["chat.postMessage"] == 1


async def test_a_channel_forgets_its_oldest_messages(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    for number in range(2010):
        await sandbox.acts.say(str(number), channel="ops", user="sam")
    kept = sandbox.messages("ops")
    assert len(kept) == 2000
    assert kept[0]["text"] == "10"
