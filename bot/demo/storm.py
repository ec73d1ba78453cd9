"""The demo's second scenario: checkout is down, and who calls it alerts as well; there is one thread."""

from __future__ import annotations

import asyncio
from datetime import datetime

from bot.demo.play import Play, Scenario, until
from bot.demo.stage import CHANNEL, Stage, StepFailed
from sandbox.demo_service.outage import failures, report

_CATALOG = f"""\
# What the demo's pilot.yml says; a real one looks the same.
defaults: {{channel: "{CHANNEL}", environment: production}}
services:
  storefront: {{depends_on: [checkout, cart]}}
  mobile-api: {{depends_on: [checkout]}}
  cart: {{depends_on: [checkout]}}
  subscriptions: {{depends_on: [checkout]}}
  gift-cards: {{depends_on: [checkout]}}
  checkout:
    sentry_projects: [checkout]
    repository: acme/checkout
    stack_root: /srv/app
    pull_requests: {{allowed_groups: [checkout-oncall], labels: [incident]}}
incident_channels: {{when: cascade}}
people: {{acme/pricing: "@checkout-oncall"}}
"""
_INVITATION = """\
Choose another root under the list of alerts (Mark as root), or type in its message box:
  /pilot root #1 cart
  /pilot split #1 subscriptions"""
_VICTIMS = failures()
_ALERTS = len(_VICTIMS) + 1
_SERVICES = len({failure.service for failure in _VICTIMS}) + 1


async def _play(scene: Stage, play: Play, as_a_person: bool) -> None:
    await _alert(scene, play)
    await _watch_thread(scene, play)
    if as_a_person:
        await _mark_another(scene, play)


async def _alert(scene: Stage, play: Play) -> None:
    first = scene.incident
    async with play.step(f"{_ALERTS} alerts of {_SERVICES} services are accepted"):
        await scene.alert(first.issue, first.event)
        began, waited = datetime.fromisoformat(str(first.event["datetime"])), 0.0
        for failure in _VICTIMS:
            await asyncio.sleep(failure.after - waited)
            waited = failure.after
            told = report(failure, began)
            scene.sentry.add_issue(told.issue)
            scene.sentry.add_event(str(told.issue["id"]), told.event)
            await scene.alert(told.issue, told.event)


async def _watch_thread(scene: Stage, play: Play) -> None:
    slack = scene.slack
    async with play.step(f"one message says: {_ALERTS} alerts in {_SERVICES} services, likely root checkout"):
        said = f"Cascade: {_ALERTS} alerts in {_SERVICES} services"
        await until(scene, lambda: said in _parent(scene), f"no parent message with “{said}”")
        await until(
            scene, lambda: "likely root *checkout*" in _parent(scene), "checkout is not named as root"
        )
    play.channel = slack.workspace.channel(CHANNEL).id
    ts = str(slack.messages(CHANNEL)[0]["ts"])
    async with play.step("only checkout is investigated, and the pull request that did it is named"):
        culprit = f"#{scene.service.culprit_pull_request}"
        await until(scene, lambda: culprit in _parent(scene), f"no {culprit} in the parent message")
    async with play.step("the thread lists whom it hit, with two pictures"):
        await until(scene, lambda: "*storefront*" in str(slack.thread(CHANNEL, ts)), "no list of services")
        await until(scene, lambda: "Pictures of" in str(slack.thread(CHANNEL, ts)), "no pictures")
    play.parent, play.thread = slack.messages(CHANNEL)[0], slack.thread(CHANNEL, ts)
    async with play.step("it has a channel of its own, with those on call in it"):
        await until(scene, lambda: "Invited" in _own_channel(scene), "no channel #inc-… with its owners")
    if len(slack.messages(CHANNEL)) != 1:
        raise StepFailed(f"one cascade has {len(slack.messages(CHANNEL))} parent messages")


async def _mark_another(scene: Stage, play: Play) -> None:
    slack, ts = scene.slack, str(play.parent["ts"])
    async with play.step("marking another root looks there at once"):
        await slack.slash("/pilot", f"root #{play.incident} cart", channel=CHANNEL, user="priya")
        await until(scene, lambda: "root *cart* (marked by" in _parent(scene), "the root did not change")
        await until(scene, lambda: "Run 2" in str(slack.thread(CHANNEL, ts)), "it was not run again")
    play.parent, play.thread = slack.messages(CHANNEL)[0], slack.thread(CHANNEL, ts)


def _own_channel(scene: Stage) -> str:
    """What is said in the incident's own channel; nothing while there is none."""
    workspace = scene.slack.workspace
    made = [channel for channel in workspace.channels.values() if channel.name.startswith("inc-")]
    return str([scene.slack.messages(channel.id) for channel in made])


def _parent(scene: Stage) -> str:
    return str(scene.slack.messages(CHANNEL)[:1])


STORM = Scenario("storm", "one service is down, and who calls it", _play, _INVITATION, _CATALOG)
