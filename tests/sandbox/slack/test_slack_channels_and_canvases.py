"""Channels that a bot makes and canvases that it writes, refused as Slack refuses them."""

from __future__ import annotations

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackSandbox
from sandbox.slack.web_api import EVERY_SCOPE
from tests.fixtures.slack_sandbox import SECRET, TOKEN


async def refused(call: object) -> str:
    """The error code of a call that must be refused."""
    with pytest.raises(SlackApiError) as caught:
        await call  # type: ignore[misc]
    return str(caught.value.response["error"])


async def test_a_channel_is_made_named_and_filled(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    made = (await client.conversations_create(name="inc-42"))["channel"]
    await client.conversations_setTopic(channel=made["id"], topic="Checkout fails")
    await client.conversations_invite(channel=made["id"], users="U0PRIYA,U0NOBODY", force=True)
    await client.bookmarks_add(channel_id=made["id"], title="Sentry", type="link", link="https://sentry.io")
    channel = sandbox.workspace.channel("inc-42")
    assert made["creator"] == "U0PILOT"
    assert made["is_member"]
    assert channel.topic == "Checkout fails"
    assert channel.members == {"U0PILOT", "U0PRIYA"}, "with force the known are let in"
    marks = (await client.bookmarks_list(channel_id=made["id"]))["bookmarks"]
    assert [mark["title"] for mark in marks] == ["Sentry"]


async def test_an_archived_channel_keeps_its_name(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    made = (await client.conversations_create(name="inc-42"))["channel"]["id"]
    await client.conversations_archive(channel=made)
    assert await refused(client.conversations_archive(channel=made)) == "already_archived"
    assert await refused(client.conversations_create(name="inc-42")) == "name_taken"
    assert await refused(client.conversations_setTopic(channel=made, topic="x")) == "is_archived"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("Inc 42", "invalid_name_specials"),
        ("x" * 81, "invalid_name_maxlength"),
        ("---", "invalid_name_punctuation"),
        ("incidents", "name_taken"),
    ],
)
async def test_names_that_slack_does_not_take(client: AsyncWebClient, name: str, error: str) -> None:
    assert await refused(client.conversations_create(name=name)) == error


async def test_what_people_cannot_be_invited_to(client: AsyncWebClient) -> None:
    invite = client.conversations_invite
    assert await refused(invite(channel="C0INCIDENTS", users="U0PRIYA")) == "already_in_channel"
    assert await refused(invite(channel="C0INCIDENTS", users="U0NOBODY")) == "user_not_found"
    assert await refused(invite(channel="C0INCIDENTS", users="U0PILOT")) == "cant_invite_self"
    assert await refused(invite(channel="C0RANDOM", users="U0PRIYA")) == "not_in_channel"
    assert await refused(client.users_lookupByEmail(email="nobody@acme.example")) == "users_not_found"
    assert (await client.users_lookupByEmail(email="priya@acme.example"))["user"]["id"] == "U0PRIYA"


async def test_a_workspace_may_forbid_bots_to_make_channels(
    sandbox: SlackSandbox, client: AsyncWebClient
) -> None:
    sandbox.workspace.bots_make_channels = False
    assert await refused(client.conversations_create(name="inc-42")) == "restricted_action"


async def test_scopes_are_asked_for_by_what_is_wanted() -> None:
    scopes = EVERY_SCOPE - {"channels:manage", "groups:read", "users:read.email"}
    slack = SlackSandbox(signing_secret=SECRET, bot_token=TOKEN, bot_url=None, scopes=scopes)
    async with slack.serving() as url:
        client = AsyncWebClient(TOKEN, base_url=f"{url}/api/")
        assert await refused(client.conversations_create(name="inc-42")) == "missing_scope"
        assert await refused(client.conversations_list(types="public_channel,private_channel")) == (
            "missing_scope"
        )
        assert (await client.conversations_list(types="public_channel"))["channels"]
        assert "email" not in (await client.users_info(user="U0PRIYA"))["user"]["profile"]


async def test_a_canvas_opens_for_a_channel_in_which_it_was_shared(
    sandbox: SlackSandbox, client: AsyncWebClient
) -> None:
    content = {"type": "markdown", "markdown": "# What happened"}
    canvas = (await client.canvases_create(title="Postmortem", document_content=content))["canvas_id"]
    address = f"{sandbox.url}/docs/T0ACME/{canvas}"

    async def let_in() -> object:
        return await client.canvases_access_set(
            canvas_id=canvas, access_level="write", channel_ids=["C0INCIDENTS"]
        )

    assert await refused(let_in()) == "failed_to_update_permissions", "it was not shared there yet"
    async with aiohttp.ClientSession() as session:
        async with session.get(address) as answer:
            assert answer.status == 403
        await client.chat_postMessage(channel="C0INCIDENTS", text=f"<{address}|Postmortem>")
        await let_in()
        async with session.get(address) as answer:
            assert answer.status == 200
        async with session.get(f"{sandbox.url}/files/{canvas}") as answer:
            assert await answer.text() == "# What happened"


async def test_not_every_plan_has_canvases(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    sandbox.workspace.has_canvases = False
    assert await refused(client.canvases_create(title="x")) == "canvas_disabled_user_team"
