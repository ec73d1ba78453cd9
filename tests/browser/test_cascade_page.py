"""A cascade on the page: pictures are shown, and the person who knows better names the root."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from investigator.cascading import show_cascade
from investigator.composition import Program
from investigator.investigation import investigate
from tests.fixtures.cascades import open_cascade
from tests.fixtures.chromium import needs_chromium
from tests.fixtures.demo_page import BOT_MILLISECONDS
from tests.fixtures.playing import World, demo, program, without_github, world
from tests.fixtures.talking import listening

__all__ = ["demo", "listening", "program", "world"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400), needs_chromium]


async def test_whoever_knows_better_marks_the_root_in_the_thread(
    listening: World, program: Program, chromium: Browser
) -> None:
    incident = await open_cascade(program, listening.demo.crash)
    await investigate(without_github(program), incident.id, 1)
    await show_cascade(program, incident.id)
    expect.set_options(timeout=BOT_MILLISECONDS)
    page = await chromium.new_page(viewport={"width": 1440, "height": 1000})
    await page.goto(f"{listening.slack.url}/#/C0CHECKOUT")
    await expect(page.get_by_test_id("channel")).to_contain_text("Cascade: 3 alerts in 3 services")
    await page.get_by_test_id("open-thread").click()
    thread = page.get_by_test_id("thread")
    picture = thread.locator("img.picture").first
    await picture.scroll_into_view_if_needed()
    await expect(picture).to_have_js_property("complete", value=True)
    assert await picture.evaluate("picture => picture.naturalWidth") > 100, "an upload is shown as a picture"

    await thread.get_by_test_id("action-pilot_root").select_option(f"root #{incident.id} orders")
    await expect(thread).to_contain_text("began with orders")
