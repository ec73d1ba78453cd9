"""An incident's own channel on a phone, and its postmortem as a canvas that names people."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from investigator.audit import record
from investigator.catalog import parse_catalog
from investigator.composition import Program
from investigator.investigation import investigate
from investigator.models.incident import Incident
from investigator.postmortem_job import post_postmortem
from tests.fixtures.chromium import needs_chromium
from tests.fixtures.demo_page import BOT_MILLISECONDS
from tests.fixtures.playing import World, demo, open_incident, program, without_github, world
from tests.fixtures.talking import incident, listening

__all__ = ["demo", "incident", "listening", "program", "world"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400), needs_chromium]

PHONE: ViewportSize = {"width": 390, "height": 844}
WITH_CHANNELS = """
incident_channels: {when: always}
services:
  checkout: {repository: acme/checkout, stack_root: /srv/app, channel: "#checkout", owners: [U0PRIYA]}
"""


async def test_an_incident_channel_is_in_the_list_and_its_name_leaves_its_links_alone(
    listening: World, program: Program, chromium: Browser
) -> None:
    wanting = replace(without_github(program), catalog=parse_catalog(WITH_CHANNELS))
    opened = await open_incident(program, listening.demo.crash)
    await investigate(wanting, opened.id, 1)
    own = (await program.incidents.get(opened.id)).own_channel
    assert own
    expect.set_options(timeout=BOT_MILLISECONDS)
    page = await chromium.new_page(viewport=PHONE)
    await page.goto(f"{listening.slack.url}/#/C0CHECKOUT")
    await page.get_by_role("button", name="Show channels").click()
    await page.get_by_test_id(f"go-{own.name}").click()
    await expect(page.get_by_test_id("channel")).to_contain_text("Here is room to talk")
    await expect(page.get_by_test_id("channel")).to_contain_text("@Priya Nair")
    name = await page.get_by_test_id("channel-name").bounding_box()
    link = await page.get_by_role("link", name="Thread").first.bounding_box()
    assert name
    assert link
    assert link["y"] >= name["y"] + name["height"], "the links are below the name, not under it"


async def test_the_postmortem_mentions_who_did_what(
    listening: World, program: Program, incident: Incident, chromium: Browser
) -> None:
    await record(program.store, who="U0PRIYA", what="resolve", incident=incident.id, result="done")
    await post_postmortem(program, incident.id, f"{incident.id}:document:page")
    expect.set_options(timeout=BOT_MILLISECONDS)
    page = await chromium.new_page(viewport=PHONE)
    await page.goto(f"{listening.slack.url}/#/C0CHECKOUT")
    await page.get_by_test_id("open-thread").click()
    async with page.expect_popup() as opening:
        await page.get_by_test_id("thread").get_by_role("link", name="Postmortem of").click()
    canvas = (await opening.value).get_by_test_id("canvas")
    await expect(canvas).to_contain_text("@Priya Nair resolved it")
