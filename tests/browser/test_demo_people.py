"""The demo as people on call use it, with nothing but a mouse and a keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.fixtures.chromium import needs_chromium
from tests.fixtures.demo_page import demo, page

__all__ = ["demo", "page"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400), needs_chromium]


def in_channel(page: Page) -> Locator:
    return page.get_by_test_id("channel")


def parent(page: Page) -> Locator:
    """The message of the incident that the demo plays."""
    return in_channel(page).get_by_test_id("message").filter(has=page.get_by_test_id("open-thread")).first


async def thread_of(page: Page) -> Locator:
    await parent(page).get_by_test_id("open-thread").click()
    return page.get_by_test_id("thread")


async def write(page: Page, text: str, where: str = "composer") -> None:
    field = page.get_by_test_id(f"{where}-input")
    await field.fill(text)
    await field.press("Enter")


async def test_an_issue_is_chosen_in_the_dialog_and_gets_a_thread_of_its_own(page: Page) -> None:
    await write(page, "/pilot investigate")
    dialog = page.get_by_test_id("modal")
    await dialog.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("error-typed")).to_contain_text("Choose one above")
    other = dialog.get_by_test_id("action-choice").locator("option", has_text="CHECKOUT-3J")
    await dialog.get_by_test_id("action-choice").select_option(await other.get_attribute("value"))
    await dialog.get_by_test_id("modal-submit").click()
    await expect(dialog).to_be_hidden()
    await expect(in_channel(page)).to_contain_text("No commit")


async def test_a_thumb_down_is_asked_for_its_reason(page: Page) -> None:
    thread = await thread_of(page)
    thumb = thread.get_by_role("button", name="Not helpful").first
    await thumb.click()
    dialog = page.get_by_test_id("modal")
    await dialog.get_by_label("Reason").fill("It was the coupon service")
    await dialog.get_by_test_id("modal-submit").click()
    await expect(dialog).to_be_hidden()
    await expect(thumb).to_have_attribute("aria-pressed", "true")
    answer = page.locator("[data-ephemeral]", has_text="not helpful").first
    await expect(answer).to_contain_text("Only visible to you")


async def test_a_pull_request_is_opened_only_after_it_was_confirmed(page: Page) -> None:
    await parent(page).get_by_test_id("action-pilot_fix").click()
    dialog = page.get_by_test_id("modal")
    await expect(dialog).to_contain_text("diff --git")
    await expect(dialog).to_contain_text("Nothing is written before you confirm")
    await dialog.get_by_test_id("modal-close").click()
    await expect(parent(page).get_by_test_id("action-pilot_fix")).to_be_visible()

    await parent(page).get_by_test_id("action-pilot_fix").click()
    await dialog.get_by_test_id("modal-submit").click()
    await expect(dialog).to_contain_text("in the thread in a moment")
    await dialog.get_by_test_id("modal-close").click()
    await expect(parent(page)).to_contain_text("View PR #")
    thread = await thread_of(page)
    await expect(thread).to_contain_text("confirmed by @Priya Nair")


async def test_a_question_in_the_thread_is_answered_from_its_evidence(page: Page) -> None:
    thread = await thread_of(page)
    await write(page, "@pilot why does take_units fail?", "thread-composer")
    await expect(thread).to_contain_text("asked: “why does take_units fail?”")
    await expect(thread).to_contain_text("take_units cannot count with")


async def test_who_mutes_a_service_finds_it_in_the_status(page: Page) -> None:
    await write(page, "/pilot mute checkout 2h a deploy is running")
    await expect(in_channel(page)).to_contain_text("muted checkout until")
    await write(page, "/pilot status")
    muted = in_channel(page).locator("[data-ephemeral]", has_text=re.compile("open incident.*Muted"))
    await expect(muted.last).to_contain_text("a deploy is running")
    await write(page, "/pilot unmute checkout")
    await expect(in_channel(page)).to_contain_text("ended the mute of checkout")


async def test_a_link_to_the_issue_shows_its_incident_and_can_be_investigated(page: Page) -> None:
    address = await parent(page).get_by_test_id("action-pilot_link_sentry").get_attribute("href")
    await write(page, f"is this the same as {address}")
    message = in_channel(page).get_by_test_id("message").filter(has_text="is this the same as").last
    await expect(message.get_by_test_id("unfurl")).to_contain_text("TypeError")
    await message.hover()
    await message.get_by_test_id("shortcuts").click()
    await page.get_by_role("menuitem", name="Investigate this").click()
    await expect(in_channel(page).locator("[data-ephemeral]").last).to_contain_text("#1")


async def test_the_postmortem_is_a_canvas_that_the_thread_leads_to(page: Page) -> None:
    await parent(page).get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Postmortem").click()
    thread = await thread_of(page)
    async with page.expect_popup() as opening:
        await thread.get_by_role("link", name="Postmortem of").click()
    await expect((await opening.value).get_by_test_id("canvas")).to_contain_text("TypeError")


async def test_the_home_tab_shows_what_is_open_and_how_the_bot_is_doing(page: Page) -> None:
    await page.get_by_test_id("go-IncidentPilot").click()
    home = page.get_by_test_id("home")
    await expect(home).to_contain_text("TypeError")
    await expect(home).to_contain_text("How I am doing")
    await expect(home).to_contain_text("checkout: ")
