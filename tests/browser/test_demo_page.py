"""`pilot demo` as a person uses it: the page shows the incident, buttons and commands reach the bot."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.fixtures.chromium import needs_chromium
from tests.fixtures.demo_page import demo, page

__all__ = ["demo", "page"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400), needs_chromium]

START_SECONDS = 180


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
    await expect(thread).to_contain_text("Commits under suspicion")

    await parent.get_by_test_id("action-pilot_rerun").click()
    changes = thread.get_by_test_id("message").filter(has_text="Run 2, asked by @Priya Nair")
    await expect(changes).to_contain_text("nothing changed since run 1")

    await _type(page, "/pilot status")
    await expect(page.get_by_test_id("channel")).to_contain_text("1 open incident")


async def test_an_error_that_is_no_commits_fault_is_said_to_be_none(page: Page) -> None:
    await _type(page, "/pilot investigate CHECKOUT-3J")
    await expect(page.get_by_test_id("channel")).to_contain_text("No commit")


async def test_a_wrong_command_is_answered_with_the_nearest_right_one(page: Page) -> None:
    await _type(page, "/pilot expnad")
    await expect(page.get_by_test_id("channel")).to_contain_text("expand")


async def _type(page: Page, text: str) -> None:
    composer = page.get_by_test_id("composer-input")
    await composer.fill(text)
    await composer.press("Enter")


async def _played_once(folder: Path, *options: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "demo", "--once", "--json", *options),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PILOT_DATA_DIR": str(folder)},
    )
    said, _ = await asyncio.wait_for(process.communicate(), START_SECONDS)
    document: dict[str, Any] = json.loads(said)
    assert process.returncode == 0, document["steps"]
    return document


async def test_a_storm_is_one_thread_that_names_its_root_and_takes_a_persons_word(tmp_path: Path) -> None:
    document = await _played_once(tmp_path, "--scenario", "storm")
    assert "Cascade: 13 alerts in 5 services" in document["parent"]["text"]
    assert "root *cart* (marked by" in document["parent"]["text"]
    said = "\n".join(message["text"] for message in document["thread"])
    assert "likely root *checkout*" in said
    assert "Pictures of" in said
    assert "run 2" in said


async def test_playing_it_once_prints_the_document_that_scripts_rely_on(tmp_path: Path) -> None:
    document = await _played_once(tmp_path)
    assert (document["incident"], document["channel"]) == ("1", "C0CHECKOUT")
    assert all(step["ok"] for step in document["steps"])
    assert document["parent"].keys() == {"ts", "text", "blocks"}
    assert document["thread"][0].keys() == {"ts", "text", "blocks"}
    assert document["page"].startswith("http://127.0.0.1:")
