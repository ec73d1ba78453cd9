"""`pilot demo` as a person uses it: the page shows the incident, buttons and commands reach the bot."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.fixtures.chromium import needs_chromium

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180), needs_chromium]

_ADDRESS = re.compile(rb"http://127\.0\.0\.1:\d+")
START_SECONDS = 90
BOT_SECONDS = 20_000  # milliseconds to wait for the bot's answer


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[str]:
    """Address of the page of a running demo."""
    environment = os.environ | {"PILOT_DATA_DIR": str(tmp_path)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "demo",
        "--page-port",
        "0",
        stdout=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        yield await asyncio.wait_for(_address(process), START_SECONDS)
    finally:
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 60) == 0, "Ctrl-C ends the demo cleanly"


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout
    said = b""
    async for line in process.stdout:
        said += line
        if b"works like Slack" in line and (found := _ADDRESS.search(line)):
            return found.group().decode()
    raise AssertionError(f"the demo ended without a page:\n{said.decode()}")


@pytest.fixture
async def page(demo: str, chromium: Browser) -> Page:
    page = await chromium.new_page(viewport={"width": 1440, "height": 1000})
    await page.goto(f"{demo}/#/checkout")
    return page


async def test_the_incident_can_be_read_expanded_run_again_and_asked_about(page: Page) -> None:
    parent = page.get_by_test_id("channel").get_by_test_id("message").first
    await expect(parent).to_contain_text("TypeError")
    await expect(parent).to_contain_text("PR #34")

    await parent.get_by_test_id("open-thread").click()
    thread = page.get_by_test_id("thread")
    await expect(thread).to_contain_text("checkout/pricing/units.py")
    await expect(thread).to_contain_text("@acme/pricing")
    await expect(thread).to_contain_text("By scripted-model, from the evidence in this thread only")
    await expect(thread).to_contain_text("lines = eligible if left is None else take_units(eligible, left)")

    await parent.get_by_test_id("action-pilot_expand").click()
    await expect(thread.get_by_test_id("message")).to_have_count(5, timeout=BOT_SECONDS)

    await parent.get_by_test_id("action-pilot_rerun").click()  # a report, an analysis and a fix once more
    await expect(thread.get_by_test_id("message")).to_have_count(8, timeout=BOT_SECONDS)

    await _type(page, "/pilot status")
    await expect(page.get_by_test_id("channel")).to_contain_text("1 open incident", timeout=BOT_SECONDS)


async def test_an_error_that_is_no_commits_fault_is_said_to_be_none(page: Page) -> None:
    await _type(page, "/pilot investigate CHECKOUT-3J")
    await expect(page.get_by_test_id("channel")).to_contain_text("No commit", timeout=BOT_SECONDS)


async def test_a_wrong_command_is_answered_with_the_nearest_right_one(page: Page) -> None:
    await _type(page, "/pilot expnad")
    await expect(page.get_by_test_id("channel")).to_contain_text("expand", timeout=BOT_SECONDS)


async def _type(page: Page, text: str) -> None:
    composer = page.get_by_test_id("composer-input")
    await composer.fill(text)
    await composer.press("Enter")


async def test_playing_it_once_prints_the_document_that_scripts_rely_on(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "demo", "--once", "--json"),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PILOT_DATA_DIR": str(tmp_path)},
    )
    said, _ = await asyncio.wait_for(process.communicate(), START_SECONDS)
    document = json.loads(said)
    assert process.returncode == 0
    assert (document["incident"], document["channel"]) == ("1", "C0CHECKOUT")
    assert all(step["ok"] for step in document["steps"])
    assert document["parent"].keys() == {"ts", "text", "blocks"}
    assert document["thread"][0].keys() == {"ts", "text", "blocks"}
    assert document["page"].startswith("http://127.0.0.1:")
