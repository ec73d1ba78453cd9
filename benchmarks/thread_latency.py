"""From an accepted webhook to the parent message and to the report, and what that costs GitHub.

The whole program runs as it would in production (separate processes, durable store, RQ) on the sandbox. The
baseline does the same work in one process without inbox, queue or worker: what remains of the difference is
the price of surviving.
"""

from __future__ import annotations

import statistics
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from benchmarks.scene import bot_at_work
from benchmarks.tables import Table, milliseconds
from bot.demo.play import settings_for
from bot.demo.stage import CHANNEL, Stage
from investigator import store
from investigator.composition import outside_of
from investigator.deadline import Deadline
from investigator.embedded_store import STORE_ADDRESS
from investigator.gathering import find_out
from investigator.models.service import Service
from investigator.sentry.parse import parse_event, parse_issue
from sandbox.sentry import webhook_event_alert

ALERTS = 30
GITHUB_LATENCY_SECONDS = 0.15
PATIENCE_SECONDS = 30


@dataclass
class Timed:
    """Seconds from the webhook's answer to each message; GitHub requests per investigation."""

    parent: list[float] = field(default_factory=list)
    report: list[float] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)


async def measure() -> list[Table]:
    async with bot_at_work() as scene:
        await _alert(scene)  # warms caches of code and pages; not counted
        fast = await _run(scene, latency=0.0)
        fast_inline = await _inline(scene, latency=0.0)
        slow = await _run(scene, latency=GITHUB_LATENCY_SECONDS)
        slow_inline = await _inline(scene, latency=GITHUB_LATENCY_SECONDS)
    return [
        _table("0 ms added to GitHub", fast, fast_inline),
        _table("150 ms added to each GitHub call", slow, slow_inline),
    ]


async def _run(scene: Stage, *, latency: float) -> Timed:
    scene.github.faults.latency = latency
    timed = Timed()
    for _ in range(ALERTS):
        await _forget(scene)
        asked = len(scene.github.requests)
        answered, calls = await _alert(scene)
        posts = [at for method, at in calls if method == "chat.postMessage"]
        timed.parent.append(posts[0] - answered)
        timed.report.append(posts[1] - answered)
        timed.requests.append(len(scene.github.requests) - asked)
    return timed


async def _forget(scene: Stage) -> None:
    """Empty the cache of GitHub's answers: every alert is measured as the first of its kind."""
    address = (Path(scene.environment["PILOT_DATA_DIR"]) / STORE_ADDRESS).read_text()
    async with store.connect(address) as connection:
        async for key in connection.scan_iter(match="cache:github:*", count=1000):
            await connection.delete(key)


async def _alert(scene: Stage) -> tuple[float, Sequence[tuple[str, float]]]:
    """One new issue; returns when the webhook was answered, and the Slack calls until its verdict."""
    known = len(scene.slack.calls)
    issue = scene.sentry.add_issue(
        {**scene.incident.issue, "id": str(uuid.uuid4().int % 10**12), "shortId": f"CHECKOUT-{known}"}
    )
    event = scene.sentry.add_event(issue["id"], {**scene.incident.event, "event_id": uuid.uuid4().hex})
    body = webhook_event_alert(issue, event, sender=scene.sentry.sender)
    url = f"http://127.0.0.1:{scene.environment['PILOT_PORT']}/sentry/webhook"
    async with aiohttp.ClientSession() as session:
        status = await scene.sentry.deliver(url, "event_alert", body, session=session)
    answered = time.monotonic()
    if status != 200:
        raise RuntimeError(f"the webhook was answered {status}")
    await scene.slack.until(lambda: _has_verdict(scene.slack.calls[known:]), timeout=PATIENCE_SECONDS)
    return answered, scene.slack.calls[known:]


def _has_verdict(calls: Sequence[tuple[str, float]]) -> bool:
    """Parent and report were posted, and the parent was edited after that."""
    methods = [method for method, _ in calls]
    posts = [index for index, method in enumerate(methods) if method == "chat.postMessage"]
    return len(posts) >= 2 and "chat.update" in methods[posts[1] :]


async def _inline(scene: Stage, *, latency: float) -> Timed:
    """The same work in this process: gather, then two posts, one after the other."""
    scene.github.faults.latency = latency
    timed = Timed()
    event, issue = parse_event(scene.incident.event), parse_issue(scene.incident.issue)
    service = Service(name="checkout", repository="acme/checkout", stack_root="/srv/app", channel=CHANNEL)
    async with aiohttp.ClientSession() as session:
        for _ in range(ALERTS):
            asked, started = len(scene.github.requests), time.monotonic()
            await _post(scene, session)
            timed.parent.append(time.monotonic() - started)
            await find_out(
                outside_of(settings_for(scene), session),
                service,
                event=event,
                issue=issue,
                issue_id=issue.id,
                at=datetime.now(UTC),
                deadline=Deadline.after(PATIENCE_SECONDS),
            )
            await _post(scene, session)
            timed.report.append(time.monotonic() - started)
            timed.requests.append(len(scene.github.requests) - asked)
    return timed


async def _post(scene: Stage, session: aiohttp.ClientSession) -> None:
    headers = {"Authorization": f"Bearer {scene.environment['SLACK_BOT_TOKEN']}"}
    url = f"{scene.page}/api/chat.postMessage"
    async with session.post(url, json={"channel": CHANNEL, "text": "inline"}, headers=headers) as response:
        await response.read()


def _table(title: str, program: Timed, inline: Timed) -> Table:
    return Table(
        title=f"Webhook accepted → message in Slack, {title} (n = {ALERTS})",
        columns=("", "p50 ms", "p95 ms", "inline p50 ms", "ratio of p50"),
        rows=[
            _row("parent posted", program.parent, inline.parent),
            _row("report posted", program.report, inline.report),
            (
                "GitHub requests",
                statistics.median(program.requests),
                max(program.requests),
                statistics.median(inline.requests),
                "",
            ),
        ],
    )


def _row(name: str, program: list[float], inline: list[float]) -> tuple[object, ...]:
    p50, base = statistics.median(program), statistics.median(inline)
    p95 = statistics.quantiles(program, n=20)[-1]
    return name, milliseconds(p50), milliseconds(p95), milliseconds(base), f"{p50 / base:.2f}"
