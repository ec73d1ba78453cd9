"""What people do reaches the bot as Slack would send it: signed, complete, or refused as Slack does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import ClientSession, web
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from sandbox.slack import SlackSandbox
from sandbox.slack.refusal import Refused
from tests.fixtures.slack_sandbox import SECRET, TOKEN, Now

INCIDENTS = "C0INCIDENTS"
Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


BUTTONS = {
    "type": "actions",
    "block_id": "row",
    "elements": [
        {"type": "button", "action_id": "rerun", "text": plain("Re-run"), "value": "42"},
        {
            "type": "overflow",
            "action_id": "more",
            "options": [
                {"text": plain("Split"), "value": "split"},
                {"text": plain("Merge"), "value": "merge"},
            ],
        },
    ],
}
MODAL = {
    "type": "modal",
    "callback_id": "pick",
    "title": plain("Investigate"),
    "submit": plain("Go"),
    "blocks": [
        {
            "type": "input",
            "block_id": "issue",
            "label": plain("Issue"),
            "element": {
                "type": "static_select",
                "action_id": "choice",
                "options": [{"text": plain("KeyError"), "value": "7"}],
            },
        },
        {
            "type": "input",
            "block_id": "note",
            "optional": True,
            "label": plain("Note"),
            "element": {"type": "plain_text_input", "action_id": "text", "initial_value": "none"},
        },
    ],
}


async def test_a_slash_command_is_answered_to_the_person_alone(sandbox: SlackSandbox, bot: AsyncApp) -> None:
    heard: list[Json] = []

    @bot.command("/pilot")
    async def pilot(ack: Any, body: Json) -> None:
        heard.append(body)
        await ack("All quiet.")

    reply = await sandbox.slash("/pilot", "status now", channel="#incidents", user="marco")
    assert reply.ok
    assert heard[0]["text"] == "status now"
    assert (heard[0]["user_id"], heard[0]["channel_name"]) == ("U0MARCO", "incidents")
    assert [each["text"] for each in sandbox.ephemerals("marco")] == ["All quiet."]
    assert sandbox.ephemerals("priya") == []
    assert sandbox.messages("#incidents") == []


async def test_slash_commands_do_not_exist_in_threads(
    sandbox: SlackSandbox, client: AsyncWebClient, bot: AsyncApp
) -> None:
    parent = await client.chat_postMessage(channel=INCIDENTS, text="parent")
    calls = len(sandbox.calls)
    reply = await sandbox.slash("/pilot", "rerun", channel="#incidents", thread_ts=str(parent["ts"]))
    assert not reply.ok
    assert len(sandbox.calls) == calls, "the bot must not hear of it"
    assert sandbox.ephemerals("priya")[0]["text"] == "/pilot is not supported in threads. Sorry!"


async def test_unknown_commands_never_reach_the_bot(sandbox: SlackSandbox, bot: AsyncApp) -> None:
    reply = await sandbox.slash("/pilto", "status", channel="#incidents")
    assert reply.error == "unknown_command"
    assert sandbox.ephemerals("priya")[0]["text"] == "/pilto is not a valid command."


async def test_a_bot_that_is_gone_or_slow_fails_as_slack_shows_it(
    sandbox: SlackSandbox, bot: AsyncApp
) -> None:
    @bot.command("/pilot")
    async def never(_body: Json) -> None:
        await asyncio.sleep(5)

    slow = await sandbox.slash("/pilot", "status", channel="#incidents")
    sandbox.bot_url = "http://127.0.0.1:9/slack/events"
    gone = await sandbox.slash("/pilot", "status", channel="#incidents")
    assert (slow.error, gone.error) == ("operation_timeout", "dispatch_failed")
    assert [each["text"] for each in sandbox.ephemerals("priya")] == [
        "/pilot failed with the error 'operation_timeout'",
        "/pilot failed with the error 'dispatch_failed'",
    ]


async def test_an_acknowledgement_that_slack_cannot_show_is_a_failure(
    sandbox: SlackSandbox, bot: AsyncApp
) -> None:
    @bot.command("/pilot")
    async def pilot(ack: Any) -> None:
        await ack({"blocks": [{"type": "header", "text": plain("x" * 151)}]})

    reply = await sandbox.slash("/pilot", "status", channel="#incidents")
    assert reply.error == "invalid_blocks"
    assert sandbox.ephemerals("priya")[0]["text"] == "/pilot failed with the error 'invalid_blocks'"


async def test_a_bot_with_another_secret_refuses_what_we_sign(sandbox: SlackSandbox, bot: AsyncApp) -> None:
    other = SlackSandbox(signing_secret="another", bot_token=TOKEN, bot_url=sandbox.bot_url)
    async with other.serving():
        reply = await other.slash("/pilot", "status", channel="#incidents")
    assert (reply.status, reply.error) == (401, "dispatch_failed")


async def test_a_click_carries_the_message_and_can_replace_it(
    sandbox: SlackSandbox, client: AsyncWebClient, bot: AsyncApp
) -> None:
    heard: list[Json] = []

    @bot.action("rerun")
    async def rerun(ack: Any, body: Json, respond: Any) -> None:
        heard.append(body)
        await ack()
        await respond(text="running", replace_original=True)

    parent = await client.chat_postMessage(channel=INCIDENTS, text="parent")
    posted = await client.chat_postMessage(
        channel=INCIDENTS, text="x", blocks=[BUTTONS], thread_ts=parent["ts"]
    )
    assert (await sandbox.click("#incidents", str(posted["ts"]), "rerun", user="aiko")).ok
    body = heard[0]
    assert body["actions"][0]["value"] == "42"
    assert body["actions"][0]["block_id"] == "row"
    assert body["user"]["id"] == "U0AIKO"
    assert body["container"]["thread_ts"] == parent["ts"]
    assert body["message"]["ts"] == posted["ts"]
    await sandbox.until(lambda: sandbox.thread("#incidents", str(parent["ts"]))[0]["text"] == "running")


async def test_a_menu_sends_the_chosen_option(
    sandbox: SlackSandbox, client: AsyncWebClient, bot: AsyncApp
) -> None:
    heard: list[Json] = []

    @bot.action("more")
    async def more(ack: Any, action: Json) -> None:
        heard.append(action)
        await ack()

    posted = await client.chat_postMessage(channel=INCIDENTS, text="x", blocks=[BUTTONS])
    await sandbox.click("#incidents", str(posted["ts"]), "more", value="merge")
    assert heard[0]["selected_option"]["value"] == "merge"
    with pytest.raises(Refused, match="option_not_found"):
        await sandbox.click("#incidents", str(posted["ts"]), "more", value="explode")
    with pytest.raises(Refused, match="action_not_found"):
        await sandbox.click("#incidents", str(posted["ts"]), "nothing")


async def test_ephemeral_buttons_work_for_their_reader_only(
    sandbox: SlackSandbox, client: AsyncWebClient, bot: AsyncApp
) -> None:
    heard: list[Json] = []

    @bot.action("rerun")
    async def rerun(ack: Any, body: Json, respond: Any) -> None:
        heard.append(body)
        await ack()
        await respond(delete_original=True)

    shown = await client.chat_postEphemeral(channel=INCIDENTS, user="U0PRIYA", text="x", blocks=[BUTTONS])
    with pytest.raises(Refused, match="message_not_found"):
        await sandbox.click("#incidents", str(shown["message_ts"]), "rerun", user="sam")
    await sandbox.click("#incidents", str(shown["message_ts"]), "rerun", user="priya")
    assert heard[0]["container"]["is_ephemeral"] is True
    assert "message" not in heard[0]
    await sandbox.until(lambda: sandbox.ephemerals("priya") == [])
    with pytest.raises(SlackApiError, match="message_not_found"):
        await client.chat_update(channel=INCIDENTS, ts=shown["message_ts"], text="y")


async def test_a_mention_in_a_thread_names_the_thread(
    sandbox: SlackSandbox, client: AsyncWebClient, bot: AsyncApp
) -> None:
    heard: list[Json] = []

    @bot.event("app_mention")
    async def mentioned(event: Json, say: Any) -> None:
        heard.append(event)
        await say("on it", thread_ts=event.get("thread_ts", event["ts"]))

    parent = await client.chat_postMessage(channel=INCIDENTS, text="parent")
    first = await sandbox.mention("root <payments> & co", channel="#incidents", thread_ts=str(parent["ts"]))
    second = await sandbox.mention("hello @checkout-oncall in #ops", channel="#incidents")
    assert heard[0]["text"] == "<@U0PILOT> root &lt;payments&gt; &amp; co"
    assert heard[0]["thread_ts"] == parent["ts"]
    assert heard[1]["text"] == "<@U0PILOT> hello <!subteam^S0CHECKOUT> in <#C0OPS|ops>"
    assert "thread_ts" not in heard[1]
    await sandbox.until(lambda: len(sandbox.thread("#incidents", second)) == 1)
    assert sandbox.thread("#incidents", str(parent["ts"]))[0]["ts"] == first


async def test_an_event_comes_again_with_the_same_id_until_it_is_taken(sandbox: SlackSandbox) -> None:
    seen: list[tuple[str | None, str | None, str]] = []

    async def flaky(request: web.Request) -> web.Response:
        body = await request.json()
        headers = request.headers
        retry = headers.get("X-Slack-Retry-Num"), headers.get("X-Slack-Retry-Reason")
        seen.append((*retry, body["event_id"]))
        return web.Response(status=500 if len(seen) < 3 else 200)

    app = web.Application()
    app.router.add_post("/slack/events", flaky)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sandbox.bot_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    await sandbox.mention("rerun", channel="#incidents")
    await sandbox.settle()
    await runner.cleanup()
    assert [each[:2] for each in seen] == [(None, None), ("1", "http_error"), ("2", "http_error")]
    assert len({each[2] for each in seen}) == 1, "a redelivery keeps its event_id"


async def test_a_modal_is_opened_filled_corrected_and_sent(sandbox: SlackSandbox, bot: AsyncApp) -> None:
    heard: list[Json] = []

    @bot.command("/pilot")
    async def pilot(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @bot.view("pick")
    async def picked(ack: Any, view: Json) -> None:
        heard.append(view["state"]["values"])
        if len(heard) == 1:
            await ack(response_action="errors", errors={"note": "Say more."})
        else:
            await ack()

    await sandbox.slash("/pilot", "investigate", channel="#incidents", user="priya")
    await sandbox.until(lambda: sandbox.workspace.top_view("U0PRIYA") is not None)
    opened = sandbox.workspace.top_view("U0PRIYA")
    assert opened is not None
    with pytest.raises(Refused, match="required_field"):
        await sandbox.acts.submit(opened.id, {}, user="priya")
    reply = await sandbox.acts.submit(opened.id, {"issue": {"choice": "7"}}, user="priya")
    assert reply.json()["errors"] == {"note": "Say more."}
    assert sandbox.workspace.top_view("U0PRIYA") is opened, "errors keep the modal open"
    await sandbox.acts.submit(opened.id, {"issue": {"choice": "7"}, "note": {"text": "more"}}, user="priya")
    assert heard[0]["issue"]["choice"]["selected_option"]["value"] == "7"
    assert heard[0]["note"]["text"]["value"] == "none", "an untouched input sends its initial value"
    assert heard[1]["note"]["text"]["value"] == "more"
    assert sandbox.workspace.top_view("U0PRIYA") is None


async def test_a_trigger_lives_three_seconds_and_works_once() -> None:
    now = Now()
    sandbox = SlackSandbox(signing_secret=SECRET, bot_token=TOKEN, bot_url=None, now=now)
    seen: list[str] = []

    async def listen(request: web.Request) -> web.Response:
        seen.append(str((await request.post())["trigger_id"]))
        return web.Response()

    app = web.Application()
    app.router.add_post("/slack/events", listen)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sandbox.bot_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    async with sandbox.serving() as url:
        client = AsyncWebClient(TOKEN, base_url=f"{url}/api/")
        for _ in range(2):
            await sandbox.slash("/pilot", "", channel="#incidents")
        await client.views_open(trigger_id=seen[0], view=MODAL)
        with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
            await client.views_open(trigger_id=seen[0], view=MODAL)
        now.seconds += 3.1
        with pytest.raises(SlackApiError, match="expired_trigger_id"):
            await client.views_open(trigger_id=seen[1], view=MODAL)
        with pytest.raises(SlackApiError, match="invalid_trigger_id"):
            await client.views_open(trigger_id="1.2", view=MODAL)
    await runner.cleanup()


async def test_a_response_url_works_five_times(sandbox: SlackSandbox, bot: AsyncApp) -> None:
    addresses: list[str] = []

    @bot.command("/pilot")
    async def pilot(ack: Any, body: Json) -> None:
        addresses.append(body["response_url"])
        await ack()

    await sandbox.slash("/pilot", "status", channel="#incidents")
    webhook = AsyncWebhookClient(addresses[0])
    statuses = [(await webhook.send(text=str(n), response_type="in_channel")).status_code for n in range(6)]
    assert statuses == [200] * 5 + [404]
    assert [each["text"] for each in sandbox.messages("#incidents")] == list("01234")


async def test_response_urls_refuse_what_slack_refuses(sandbox: SlackSandbox, bot: AsyncApp) -> None:
    addresses: list[str] = []

    @bot.command("/pilot")
    async def pilot(ack: Any, body: Json) -> None:
        addresses.append(body["response_url"])
        await ack()

    await sandbox.slash("/pilot", "status", channel="#incidents")
    async with ClientSession() as session:
        for body, error in (
            (b"{", "invalid_payload"),
            (b"{}", "no_text"),
            (b'{"blocks":[{}]}', "invalid_blocks"),
        ):
            async with session.post(addresses[0], data=body) as answer:
                assert answer.status == 400
                assert (await answer.json())["error"] == error


async def test_a_shortcut_and_the_home_tab_reach_the_bot(
    sandbox: SlackSandbox, client: AsyncWebClient, bot: AsyncApp
) -> None:
    heard: list[Json] = []

    @bot.shortcut("investigate_message")
    async def investigate(ack: Any, body: Json) -> None:
        heard.append(body)
        await ack()

    @bot.event("app_home_opened")
    async def opened(event: Json, client: AsyncWebClient) -> None:
        blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "2 open"}}]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    said = await sandbox.acts.say("KeyError: 'total'", channel="checkout", user="marco")
    reply = await sandbox.acts.shortcut("investigate_message", "checkout", said.ts, user="priya")
    await sandbox.acts.open_home(user="priya")
    await sandbox.until(lambda: "U0PRIYA" in sandbox.workspace.homes)
    assert reply.ok
    assert heard[0]["message"]["text"] == "KeyError: 'total'"
    assert heard[0]["channel"]["name"] == "checkout"
