"""A storm through the whole program: 10,000 webhooks of 300 issues in 40 services within a minute.

Cascades and strangers, with errors as real drivers word them, are sent to the processes that `pilot
up` starts, on the sandbox. What it costs is counted where it arrives: at Slack, GitHub and the model.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import aiohttp
import yaml

from benchmarks.cascades.deliveries import event_alert
from benchmarks.cascades.generate import START, catalog_text
from benchmarks.cascades.simulation import Error, Stream, play, strangers
from benchmarks.cascades.storm import STORES, STORM
from benchmarks.cascades.topologies import layered
from benchmarks.processes import descendants
from benchmarks.scene import bot_at_work
from benchmarks.tables import Table
from bot.demo.play import settings_for
from bot.demo.stage import Stage
from investigator.embedded_store import STORE_ADDRESS
from investigator.incidents import Incidents
from investigator.models.incident import Incident
from investigator.store import connect

WEBHOOKS, ISSUES, SERVICES, SECONDS = 10_000, 300, 40, 60.0
HIT = 28  # services that the cascades hit at the least; the others have a fault of their own each
SENDERS = 32
SETTLE_SECONDS = 20.0  # nothing more is said for that long
PATIENCE_SECONDS = 900.0
SEED = 1


@dataclass(slots=True)
class Storm:
    """What was sent, and how it was taken."""

    catalog: str
    errors: list[Error]
    answers: Counter[int] = field(default_factory=Counter)
    began: float = 0.0
    sent: float = 0.0


async def measure() -> list[Table]:
    storm = _storm()
    async with bot_at_work(storm.catalog) as scene:
        await _send(scene, storm)
        memory = await _settled(scene)
        incidents = await _incidents(scene)
        llm = await _llm_requests(scene)
        return [_table(scene, storm, incidents, memory=memory, llm=llm)]


def _storm() -> Storm:
    """Issues of cascades and of faults of a service's own; all services have some, and one repository."""
    rng = random.Random(SEED)
    topology = layered(rng, domains=2, services=SERVICES - 1, stores=STORES, crossing=10)  # and a gateway
    setting = replace(STORM, repeated=ISSUES // 15, concurrent=4)
    stream = Stream(topology)
    while len(stream.errors) < ISSUES or len({error.service for error in stream.errors}) < HIT:
        stream = play(rng, setting, topology, START)
    errors = [*stream.errors, *strangers(rng, setting, stream)]
    needed = {error.service: error for error in reversed(errors)} | {
        error.incident: error for error in errors
    }
    kept = list({error.issue_id: error for error in needed.values()}.values())
    others = [error for error in errors if error not in kept]
    kept += rng.sample(others, ISSUES - len(kept))
    catalog = yaml.safe_load(catalog_text(rng, setting, topology))
    for name in catalog["services"]:
        catalog["services"][name] |= {"repository": "acme/checkout"}
    return Storm(yaml.safe_dump(catalog), kept)


def _from_now(errors: Sequence[Error]) -> list[Error]:
    """The same within a minute that begins soon."""
    first, last = min(e.seen for e in errors), max(e.seen for e in errors)
    pace, begin = SECONDS / (last - first).total_seconds(), datetime.now(UTC) + timedelta(seconds=30)
    moved = [
        replace(
            e, seen=(seen := begin + (e.seen - first) * pace), at=min(seen, seen + (e.at - e.seen) * pace)
        )
        for e in errors
    ]
    return sorted(moved, key=lambda error: error.seen)


async def _send(scene: Stage, storm: Storm) -> None:
    rng = random.Random(SEED)
    storm.errors = _from_now(storm.errors)
    begin = storm.errors[0].seen
    end = begin + timedelta(seconds=SECONDS)
    plan = [(error.seen, error) for error in storm.errors]
    while len(plan) < WEBHOOKS:
        error = rng.choice(storm.errors)
        plan.append((error.seen + rng.random() * (end - error.seen), error))
    plan.sort(key=lambda each: each[0])
    waiting = iter([(at, event_alert(rng, error, at)) for at, error in plan])
    await asyncio.sleep(max(0.0, (begin - datetime.now(UTC)).total_seconds()))
    storm.began = time.time()
    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(_sender(scene, storm, waiting, session) for _ in range(SENDERS)))
    storm.sent = time.time() - storm.began


async def _sender(scene: Stage, storm: Storm, waiting: Any, session: aiohttp.ClientSession) -> None:
    url = f"http://127.0.0.1:{scene.environment['PILOT_PORT']}/sentry/webhook"
    for at, body in waiting:
        await asyncio.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds()))
        try:
            storm.answers[await scene.sentry.deliver(url, "event_alert", body, session=session)] += 1
        except (TimeoutError, aiohttp.ClientError):
            storm.answers[0] += 1


async def _settled(scene: Stage) -> float:
    """Wait until nothing more is said; returns the most memory all processes had at once, in MB."""
    most, known, since = 0.0, -1, time.monotonic()
    give_up = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() - since < SETTLE_SECONDS and time.monotonic() < give_up:
        most = max(most, sum(held.memory for held in descendants()))
        if len(scene.slack.calls) != known:
            known, since = len(scene.slack.calls), time.monotonic()
        await asyncio.sleep(1)
    return most


async def _incidents(scene: Stage) -> list[Incident]:
    url = (settings_for(scene).pilot_data_dir / STORE_ADDRESS).read_text().strip()
    async with connect(url, timeout=10) as client:
        return await Incidents(client).recent(10_000)


async def _llm_requests(scene: Stage) -> float:
    url = f"http://127.0.0.1:{scene.environment['PILOT_PORT']}/metrics"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        lines = (await response.text()).splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("pilot_llm_requests_total{"))


def _strangers(storm: Storm, largest: Incident) -> str:
    """How many alerts are of others than the true incident that most are of, and how many of those are of
    services that this one hit as well, where only a name in the error can tell.
    """
    of = {error.issue_id: error for error in storm.errors}
    inside = [of[issue] for issue in largest.issue_ids]
    main = Counter(error.incident for error in inside).most_common(1)[0][0]
    hit = {error.service for error in storm.errors if error.incident == main}
    others = [error for error in inside if error.incident != main]
    return f"{len(others)}, {sum(error.service in hit for error in others)} of them in services both hit"


def _table(scene: Stage, storm: Storm, incidents: Sequence[Incident], *, memory: float, llm: float) -> Table:
    alive = [incident for incident in incidents if incident.merged_into is None]
    true = Counter(error.incident for error in storm.errors)
    seen = {error.issue_id: error.seen.timestamp() for error in storm.errors}
    waited = sorted(
        float(incident.parent.ts) - min(seen[issue] for issue in incident.issue_ids)
        for incident in alive
        if incident.parent
    )
    late = f"{median(waited):.1f} s; {waited[-1]:.1f} s" if waited else "none"
    parents = [float(incident.parent.ts) - storm.began for incident in incidents if incident.parent]
    calls = Counter(method for method, _ in scene.slack.calls)
    largest = max(alive, key=lambda incident: len(incident.members))
    largest_at = f"{float(largest.parent.ts) - storm.began:.1f} s" if largest.parent else "none"
    rows: list[tuple[object, ...]] = [
        ("webhooks sent, within", f"{WEBHOOKS}, {storm.sent:.0f} s"),
        ("answered 200; otherwise", f"{storm.answers[200]}; {storm.answers.total() - storm.answers[200]}"),
        ("issues, services", f"{ISSUES}, {len({error.service for error in storm.errors})}"),
        ("true incidents, of them cascades", f"{len(true)}, {sum(number > 1 for number in true.values())}"),
        ("incidents", len(alive)),
        ("threads (merged ones included)", len(parents)),
        ("alerts in the largest, in the largest true one", f"{len(largest.members)}, {max(true.values())}"),
        ("alerts of other true incidents in it", _strangers(storm, largest)),
        ("first parent after the first webhook", f"{min(parents, default=0.0):.1f} s"),
        ("parent of the largest after the first webhook", largest_at),
        ("parents after their first alert: median; slowest", late),
        ("investigations carried out", sum(r.state != "requested" for i in incidents for r in i.runs)),
        ("Slack calls", f"{calls.total()} ({', '.join(f'{m} {n}' for m, n in calls.most_common(6))})"),
        ("GitHub calls", len(scene.github.requests)),
        ("LLM calls", f"{llm:.0f}"),
        ("memory of all processes, most", f"{memory:.0f} MB"),
        ("load of the machine, 5 minutes", f"{os.getloadavg()[1]:.1f} on {os.cpu_count()} cores"),
    ]
    return Table(f"{WEBHOOKS} webhooks in {SECONDS:.0f} s, seed {SEED}", ("", ""), rows)
