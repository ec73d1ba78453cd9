"""The page in a browser: a person uses the bot as they would in Slack."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright, expect
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackSandbox
from tests.fixtures.chromium import CHROMIUM, QUIET, needs_chromium

pytestmark = [
    pytest.mark.browser,
    needs_chromium,
]


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


CONFIRM = {"title": plain("Sure?"), "text": plain("It opens."), "confirm": plain("Open"), "deny": plain("No")}
BLOCKS: list[dict[str, Any]] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*#42* `KeyError` <https://e.example|commit>"}},
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "fix", "text": plain("Open fix PR"), "confirm": CONFIRM},
            {"type": "button", "action_id": "rerun", "text": plain("Re-run")},
        ],
    },
]
MODAL: dict[str, Any] = {
    "type": "modal",
    "callback_id": "pick",
    "title": plain("Investigate"),
    "submit": plain("Go"),
    "blocks": [
        {
            "type": "input",
            "block_id": "issue",
            "label": plain("Issue"),
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}


@pytest.fixture
async def page(sandbox: SlackSandbox) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        opened = await browser.new_page()
        broken: list[str] = []
        opened.on("pageerror", lambda error: broken.append(str(error)))
        await opened.goto(sandbox.url)
        yield opened
        await browser.close()
    assert broken == [], "the page's own script must not fail"


async def test_a_message_appears_and_its_thread_opens_beside_it(
    sandbox: SlackSandbox, client: AsyncWebClient, bot: AsyncApp, page: Page
) -> None:
    @bot.event("app_mention")
    async def mentioned(event: dict[str, Any], say: Any) -> None:
        await say("on it", thread_ts=event["thread_ts"])

    posted = await client.chat_postMessage(channel="C0INCIDENTS", text="x", blocks=BLOCKS)
    await client.chat_postMessage(channel="C0INCIDENTS", text="report", thread_ts=posted["ts"])
    parent = page.locator(f'[data-testid=channel] [data-ts="{posted["ts"]}"]')
    await expect(parent.locator("strong").nth(1)).to_have_text("#42")
    await expect(parent.get_by_role("link", name="commit")).to_have_attribute("href", "https://e.example")
    await parent.get_by_test_id("open-thread").click()
    thread = page.get_by_test_id("thread-panel")
    await thread.get_by_test_id("thread-composer-input").fill("/pilot rerun")
    await page.keyboard.press("Enter")
    await expect(thread).to_contain_text("/pilot is not supported in threads. Sorry!")
    await thread.get_by_test_id("thread-composer-input").fill("@pilot rerun")
    await page.keyboard.press("Enter")
    await expect(thread).to_contain_text("on it")
    await page.keyboard.press("Escape")
    await expect(thread).to_be_hidden()


async def test_a_button_asks_first_and_only_then_acts(
    client: AsyncWebClient, bot: AsyncApp, page: Page
) -> None:
    clicks: list[str] = []

    @bot.action("fix")
    async def fix(ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        clicks.append(body["user"]["id"])
        await respond(text="PR opened", replace_original=True)

    await client.chat_postMessage(channel="C0INCIDENTS", text="x", blocks=BLOCKS)
    await page.get_by_test_id("action-fix").click()
    await page.get_by_test_id("confirm-deny").click()
    await page.get_by_test_id("action-fix").click()
    await page.get_by_test_id("confirm-accept").click()
    await expect(page.get_by_test_id("message")).to_contain_text("PR opened")
    assert clicks == ["U0PRIYA"], "refusing the question must not click"


async def test_a_command_opens_a_modal_that_complains_and_closes(bot: AsyncApp, page: Page) -> None:
    sent: list[str] = []

    @bot.command("/pilot")
    async def pilot(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @bot.view("pick")
    async def picked(ack: Any, view: dict[str, Any]) -> None:
        sent.append(view["state"]["values"]["issue"]["text"]["value"])
        if sent[-1] == "bad":
            await ack(response_action="errors", errors={"issue": "No such issue."})
        else:
            await ack()

    await page.get_by_test_id("composer-input").fill("/pilot investigate")
    await page.keyboard.press("Enter")
    modal = page.get_by_test_id("modal")
    await modal.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("error-issue")).to_have_text("Please complete this required field.")
    for text in ("bad", "SHOP-7"):
        await modal.get_by_label("Issue").fill(text)
        await modal.get_by_test_id("modal-submit").click()
        if text == "bad":
            await expect(page.get_by_test_id("error-issue")).to_have_text("No such issue.")
    await expect(modal).to_be_hidden()
    assert sent == ["bad", "SHOP-7"]


async def test_a_pushed_view_leaves_what_was_entered_below_it(bot: AsyncApp, page: Page) -> None:
    sent: list[Any] = []
    select = {"type": "external_select", "action_id": "issue", "min_query_length": 1}
    block = {"type": "input", "block_id": "pick", "label": plain("Which"), "element": select}
    more = {"type": "button", "action_id": "more", "text": plain("More")}
    below = MODAL | {"blocks": [*MODAL["blocks"], {"type": "actions", "elements": [more]}]}

    @bot.command("/pilot")
    async def pilot(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=below)

    @bot.action("more")
    async def push(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        view = MODAL | {"callback_id": "above", "blocks": [block]}
        await client.views_push(trigger_id=body["trigger_id"], view=view)

    @bot.options("issue")
    async def offer(ack: Any, payload: dict[str, Any]) -> None:
        await ack(options=[{"text": plain(f"about {payload['value']}"), "value": "7"}])

    @bot.view("above")
    async def above(ack: Any, view: dict[str, Any]) -> None:
        sent.append(view["state"]["values"]["pick"]["issue"]["selected_option"]["value"])
        await ack()

    await page.get_by_test_id("composer-input").fill("/pilot investigate")
    await page.keyboard.press("Enter")
    modal = page.get_by_test_id("modal")
    await modal.get_by_label("Issue").fill("SHOP-7")
    await modal.get_by_test_id("action-more").click()
    await modal.get_by_label("Which").fill("coupons")
    await modal.get_by_role("option", name="about coupons").click()
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal.get_by_label("Issue")).to_have_value("SHOP-7")
    assert sent == ["7"]


async def test_a_bot_that_is_away_is_said_as_slack_says_it(client: AsyncWebClient, page: Page) -> None:
    await client.chat_postMessage(channel="C0INCIDENTS", text="x", blocks=BLOCKS)
    await page.get_by_test_id("composer-input").fill("/pilot status")
    await page.keyboard.press("Enter")
    told = page.locator("[data-testid=message][data-ephemeral]")
    await expect(told).to_contain_text("Only visible to you")
    await expect(told).to_contain_text("/pilot failed with the error 'dispatch_failed'")
    await page.get_by_test_id("action-rerun").click()
    await expect(page.get_by_role("alert").first).to_contain_text("not responding")


async def test_text_never_becomes_markup(sandbox: SlackSandbox, client: AsyncWebClient, page: Page) -> None:
    hostile = "<img src=x onerror=alert(1)> <javascript:alert(1)|click> `</code><b>` <https://e.example|<b>x>"
    await client.chat_postMessage(channel="C0INCIDENTS", text=hostile)
    block = {"type": "markdown", "text": "[x](javascript:alert(1)) <script>alert(1)</script> **bold**"}
    await client.chat_postMessage(channel="C0INCIDENTS", text="x", blocks=[block])
    content = page.get_by_test_id("content")
    await expect(content.nth(1).locator("strong")).to_have_text("bold")
    assert await content.locator("img, script, b").count() == 0
    links = await content.locator("a").evaluate_all("nodes => nodes.map((node) => node.protocol)")
    assert set(links) <= {"https:", "http:"}


async def test_the_home_tab_and_another_person(bot: AsyncApp, page: Page) -> None:
    @bot.event("app_home_opened")
    async def opened(event: dict[str, Any], client: AsyncWebClient) -> None:
        text = {"type": "mrkdwn", "text": f"open incidents of <@{event['user']}>"}
        view = {"type": "home", "blocks": [{"type": "section", "text": text}]}
        await client.views_publish(user_id=event["user"], view=view)

    await page.get_by_test_id("viewer").select_option("marco")
    await expect(page).to_have_url(re.compile("as=marco"))
    await page.get_by_test_id("go-IncidentPilot").click()
    await expect(page.get_by_test_id("home")).to_contain_text("open incidents of @Marco Silva")
