"""External selects: the bot is asked while one types, and only what it offers can be chosen."""

from __future__ import annotations

from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackSandbox
from sandbox.slack.refusal import Refused

SELECT = {"type": "external_select", "action_id": "issue", "min_query_length": 1}
BLOCKS = [{"type": "actions", "block_id": "row", "elements": [SELECT]}]


async def test_only_what_the_bot_offered_can_be_chosen(
    sandbox: SlackSandbox, client: AsyncWebClient, bot: AsyncApp
) -> None:
    chosen: list[str] = []

    @bot.options("issue")
    async def offer(ack: Any, payload: dict[str, Any]) -> None:
        text = {"type": "plain_text", "text": f"about {payload['value']}"}
        await ack(options=[{"text": text, "value": "7"}])

    @bot.action("issue")
    async def took(ack: Any, action: dict[str, Any]) -> None:
        await ack()
        chosen.append(action["selected_option"]["text"]["text"])

    ts = str((await client.chat_postMessage(channel="C0INCIDENTS", text="x", blocks=BLOCKS))["ts"])
    with pytest.raises(Refused, match="option_not_found"):
        await sandbox.click("#incidents", ts, "issue", value="7")
    offered = await sandbox.acts.suggest("coupons", "issue", user="priya", message=("#incidents", ts))
    assert [option["value"] for option in offered] == ["7"]
    await sandbox.click("#incidents", ts, "issue", value="7")
    assert chosen == ["about coupons"]


async def test_options_that_slack_would_not_show_are_refused(
    sandbox: SlackSandbox, client: AsyncWebClient, bot: AsyncApp
) -> None:
    @bot.options("issue")
    async def offer(ack: Any) -> None:
        await ack(options=[{"text": {"type": "plain_text", "text": "x" * 76}, "value": "7"}])

    ts = str((await client.chat_postMessage(channel="C0INCIDENTS", text="x", blocks=BLOCKS))["ts"])
    with pytest.raises(Refused, match="less than 76 characters"):
        await sandbox.acts.suggest("c", "issue", user="priya", message=("#incidents", ts))
