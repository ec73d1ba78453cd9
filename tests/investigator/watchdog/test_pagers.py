"""Pagers speak their services' protocols, and survive what those do."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from investigator.errors import OutsideCallFailed
from investigator.rendering import Renderer
from investigator.slack import Slack
from investigator.watchdog import pager
from investigator.watchdog.alarms import Page
from investigator.watchdog.ops_channel import OpsChannel
from investigator.watchdog.pagerduty import PagerDuty
from investigator.watchdog.webhook import PageWebhook
from sandbox.slack import SlackSandbox
from tests.fixtures.pagers import Paging, paging

TRIGGER = Page(
    action="trigger",
    key="incidentpilot:no_worker",
    severity="critical",
    what="No worker is alive.",
    remedy="Start one.",
    anchor="docs/operations.md#no-worker",
    since=datetime(2026, 11, 24, 6, 12, tzinfo=UTC).timestamp(),
)
RESOLVE = TRIGGER.model_copy(update={"action": "resolve"})


def is_open(world: Paging, name: str) -> list[str]:
    if name == "webhook":
        triggered = [page["key"] for page in world.sandbox.told if page["action"] == "trigger"]
        resolved = [page["key"] for page in world.sandbox.told if page["action"] == "resolve"]
        return [] if resolved else list(dict.fromkeys(triggered))
    return list({"pagerduty": world.sandbox.incidents, "opsgenie": world.sandbox.alerts}[name])


@pytest.mark.parametrize("name", ["pagerduty", "opsgenie", "webhook"])
async def test_an_alert_is_opened_once_and_closed(name: str) -> None:
    async with paging() as world:
        await world.pagers[name].tell(TRIGGER)
        await world.pagers[name].tell(TRIGGER)
        assert is_open(world, name) == [TRIGGER.key], "told twice, there is one alert"
        await world.pagers[name].tell(RESOLVE)
        assert is_open(world, name) == []


@pytest.mark.parametrize("name", ["pagerduty", "opsgenie", "webhook"])
async def test_what_may_pass_is_tried_again(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pager, "PAUSES_SECONDS", (0.0, 0.0))
    async with paging() as world:
        world.sandbox.faults.add("/", status=503, times=2)
        await world.pagers[name].tell(TRIGGER)
        assert is_open(world, name) == [TRIGGER.key]


@pytest.mark.parametrize("name", ["pagerduty", "opsgenie", "webhook"])
async def test_what_stays_is_given_up_and_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pager, "PAUSES_SECONDS", (0.0, 0.0))
    async with paging() as world:
        world.sandbox.faults.add("/", status=500)
        with pytest.raises(OutsideCallFailed, match="500"):
            await world.pagers[name].tell(TRIGGER)
        assert len(world.sandbox.requests) == 3


async def test_a_pager_that_hangs_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pager, "PAUSES_SECONDS", ())
    monkeypatch.setattr(pager, "ANSWER_SECONDS", 0.1)
    async with paging() as world:
        world.sandbox.faults.add("/", hang=True)
        with pytest.raises(OutsideCallFailed, match="timeout"):
            await world.pagers["pagerduty"].tell(TRIGGER)


async def test_a_refused_key_is_not_tried_again() -> None:
    async with paging() as world:
        with pytest.raises(OutsideCallFailed, match="400"):
            await PagerDuty(world.session, world.url, "another key", "web-1").tell(TRIGGER)
        assert world.sandbox.requests == ["/v2/enqueue"]


async def test_the_webhook_is_signed_with_the_secret() -> None:
    async with paging() as world:
        with pytest.raises(OutsideCallFailed, match="401"):
            await PageWebhook(world.session, f"{world.url}/page", "another", "web-1").tell(TRIGGER)
        await world.pagers["webhook"].tell(TRIGGER)
    (told,) = world.sandbox.told
    assert (told["key"], told["source"], told["remedy"]) == (TRIGGER.key, "web-1", "Start one.")
    assert told["sent_at"] > 0, "an old page cannot be played again unnoticed"


async def test_very_long_words_still_page() -> None:
    long = TRIGGER.model_copy(update={"what": "x" * 5000})
    async with paging() as world:
        for each in ("pagerduty", "opsgenie"):
            await world.pagers[each].tell(long)
            assert is_open(world, each) == [TRIGGER.key]


async def test_the_ops_channel_reads_what_is_the_matter_and_that_it_is_over(
    slack: Slack, slack_sandbox: SlackSandbox
) -> None:
    channel = ops_channel(slack, "web-1")
    for page in (TRIGGER, TRIGGER.model_copy(update={"again": True}), RESOLVE):
        await channel.tell(page)
    assert texts(slack_sandbox) == [
        "No worker is alive.",
        "Still: No worker is alive.",
        "Over: No worker is alive.",
    ]
    assert "Start one." in str(slack_sandbox.messages("#ops")[0]["blocks"])


def ops_channel(slack: Slack, source: str) -> OpsChannel:
    return OpsChannel(slack, Renderer(), "#ops", source, again_seconds=1800, stagger_seconds=0)


def texts(sandbox: SlackSandbox) -> list[str]:
    return [str(message["text"]) for message in sandbox.messages("#ops")]


async def test_several_that_watch_alone_make_one_message(slack: Slack, slack_sandbox: SlackSandbox) -> None:
    everybody = [ops_channel(slack, f"web-{number}") for number in range(4)]
    alone = TRIGGER.model_copy(update={"alone": True})
    await asyncio.gather(*(each.tell(alone) for each in everybody))
    assert texts(slack_sandbox) == ["No worker is alive."], "told at the same moment, the first stays"
    await ops_channel(slack, "web-late").tell(alone)
    assert texts(slack_sandbox) == ["No worker is alive."], "who comes later sees that it was told"
    over = alone.model_copy(update={"action": "resolve"})
    for page in (over, over, alone, alone):
        await everybody[0].tell(page)
    assert texts(slack_sandbox)[1:] == ["Over: No worker is alive.", "No worker is alive."], (
        "that it is over, and that it came back, are news"
    )


async def test_a_page_that_becomes_critical_is_news(slack: Slack, slack_sandbox: SlackSandbox) -> None:
    warning = TRIGGER.model_copy(update={"alone": True, "severity": "warning"})
    await ops_channel(slack, "web-1").tell(warning)
    await ops_channel(slack, "web-2").tell(warning.model_copy(update={"severity": "critical"}))
    assert len(texts(slack_sandbox)) == 2


async def test_a_channel_that_cannot_be_read_is_told_anyway(
    slack: Slack, slack_sandbox: SlackSandbox
) -> None:
    slack_sandbox.faults.add("/api/conversations.", status=503)
    await ops_channel(slack, "web-1").tell(TRIGGER.model_copy(update={"alone": True}))
    assert texts(slack_sandbox) == ["No worker is alive."]


async def test_the_heartbeat_is_heard_at_most_once_a_minute() -> None:
    async with paging() as world:
        for now in (1000.0, 1010.0, 1059.0, 1060.0):
            await world.heartbeat.beat(now)
        assert world.sandbox.beats == 2


async def test_a_heartbeat_that_fails_is_no_trouble_of_ours() -> None:
    async with paging() as world:
        world.sandbox.faults.add("/heartbeat", status=500)
        await world.heartbeat.beat(1000.0)
        assert world.sandbox.beats == 0
