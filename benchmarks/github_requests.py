"""What the code evidence of an investigation costs GitHub, and how long it takes at 150 ms an answer.

The case is the typical one: twenty commits between two deployments, five frames in five files, three pull
requests. The baseline reads the same with PyGithub's objects over REST, as one would write it first; it has
no blame, which REST does not serve.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import github
import redis
from github.Commit import Commit
from github.Repository import Repository

from benchmarks.tables import Table
from investigator.embedded_store import EmbeddedStore
from investigator.github.cache import Cache
from investigator.github.client import GitHub
from investigator.github.credentials import Credentials, PersonalToken
from investigator.github.shared import Shared
from investigator.github.standings import Standings
from investigator.github.webhooks import record, understood
from investigator.models.sentry import SentryEvent
from investigator.store import connect, connect_sync
from sandbox.github import PullRequest
from tests.fixtures.code_history import FILES, event, frame, gather, history
from tests.fixtures.github_repository import START, TOKEN, Served, deployment, served, write_repository

LATENCY_SECONDS = 0.15
COMMITS = 20
ALERTS = 100
HOURLY_BUDGET = 5000  # REST requests, and as many GraphQL points
SIDE_BY_SIDE = 2  # as PILOT_WORKERS has it
# A busy machine makes the sandbox slow. Who gives up on it asks a smaller question in its place, and that is
# not what is counted here.
PATIENCE_SECONDS = 120.0
CRASH = event(*(frame(path) for path in FILES))
CRASHES = [event(frame(path, line=line)) for path in FILES for line in (3, 15)]
BEFORE, AFTER = START + timedelta(minutes=30), START + timedelta(hours=COMMITS + 1)


@dataclass
class Workers:
    """Each investigation has a client of its own, as RQ's jobs do; they share the store and this clock."""

    host: Served
    store: redis.Redis
    url: str
    now: float = field(default_factory=time.time)

    async def investigate(self, crash: SentryEvent = CRASH) -> None:
        with self._client() as client:
            seen = Served(self.host.sandbox, client, self.host.url)
            await gather(seen, crash, seconds=PATIENCE_SECONDS)

    async def alerts(self, crashes: list[SentryEvent]) -> None:
        turns = asyncio.Semaphore(SIDE_BY_SIDE)

        async def one(crash: SentryEvent) -> None:
            async with turns:
                await self.investigate(crash)

        await asyncio.gather(*(one(crash) for crash in crashes))

    async def tell_of_deploys(self) -> None:
        store = connect(self.url)
        for number, (sha, at) in enumerate([(self.host.shas[0], BEFORE), (self.host.shas[COMMITS], AFTER)]):
            status = {"state": "success", "created_at": at.isoformat(), "environment": "production"}
            payload = {
                "repository": {"full_name": "acme/shop"},
                "deployment": {"sha": sha},
                "deployment_status": status,
            }
            if told := understood("deployment_status", payload):
                await record(store, told, str(number))
        await store.aclose()

    @contextmanager
    def _client(self) -> Iterator[GitHub]:
        shared = Shared(self.store)
        credentials = Credentials([PersonalToken(TOKEN)], standings=Standings(shared))
        cache = Cache(shared, clock=lambda: self.now)
        client = GitHub(self.host.url, credentials, cache=cache, patience=PATIENCE_SECONDS)
        try:
            yield client
        finally:
            client.close()


async def measure() -> list[Table]:
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        EmbeddedStore(Path(folder) / "data") as store,
    ):
        async with _host(Path(folder) / "shop") as host:
            workers = Workers(host, connect_sync(store.url, timeout=1.0), store.url)
            return [await _measured(workers)]


async def _measured(workers: Workers) -> Table:
    workers.host.sandbox.faults.latency = LATENCY_SECONDS
    naive = await _cost(workers.host, asyncio.to_thread(_naively, workers.host.url))
    rows = [_row("baseline: PyGithub's objects over REST", naive, naive)]
    rows.append(_row("cold", await _cost(workers.host, workers.investigate()), naive))
    rows.append(_row("the same again", await _cost(workers.host, workers.investigate()), naive))
    workers.now += 60
    rows.append(_row("the same a minute later", await _cost(workers.host, workers.investigate()), naive))
    workers.store.flushall()
    await workers.tell_of_deploys()
    told = await _cost(workers.host, workers.investigate())
    rows.append(_row("cold, deploys told by webhook", told, naive))
    for crashes in ([CRASH], CRASHES):
        workers.store.flushall()
        cost = await _cost(workers.host, workers.alerts(crashes * (ALERTS // len(crashes))))
        name = f"{ALERTS} alerts of {len(crashes)} crash(es), {SIDE_BY_SIDE} workers"
        rows.append(_row(name, cost, naive, times=ALERTS))
    return Table(
        title=f"{LATENCY_SECONDS * 1000:.0f} ms added to each answer; ratios are to as many baselines",
        columns=(
            "",
            "requests",
            "GraphQL points",
            "seconds",
            "requests ÷ baseline",
            "seconds ÷ baseline",
            "investigations an hour on one credential",
        ),
        rows=rows,
    )


@dataclass(frozen=True)
class Cost:
    """`points` by GitHub's formula, which the sandbox applies; `core` are REST requests."""

    requests: int
    core: int
    points: int
    seconds: float


async def _cost(host: Served, work: Awaitable[None]) -> Cost:
    state, started = host.sandbox.host, time.monotonic()
    before = len(host.sandbox.requests), state.rest_budget.used, state.graphql_budget.used
    await work
    seconds = time.monotonic() - started
    after = len(host.sandbox.requests), state.rest_budget.used, state.graphql_budget.used
    requests, core, points = (late - early for late, early in zip(after, before, strict=True))
    return Cost(requests, core, points, seconds)


def _row(name: str, cost: Cost, naive: Cost, *, times: int = 1) -> tuple[object, ...]:
    dearest = max(cost.core, cost.points)
    return (
        name,
        cost.requests,
        cost.points,
        f"{cost.seconds:.2f}",
        f"{cost.requests / (naive.requests * times):.4f}",
        f"{cost.seconds / (naive.seconds * times):.4f}",
        f"{HOURLY_BUDGET * times // dearest:,}" if dearest else "no limit",
    )


@asynccontextmanager
async def _host(folder: Path) -> AsyncIterator[Served]:
    shas = await asyncio.to_thread(write_repository, folder, history(COMMITS))
    pulls = [
        PullRequest(100 + n, f"Change {n}", author="ada", merge_commit=shas[n], commits=(shas[n],))
        for n in (COMMITS - 2, COMMITS - 1, COMMITS)
    ]
    deploys = [deployment(1, shas[0], BEFORE), deployment(2, shas[COMMITS], AFTER)]
    async with served(folder, deployments=deploys, pull_requests=pulls) as host:
        host.shas = shas
        yield host


def _naively(url: str) -> None:
    """Deployments, commits with patches and pull requests, source of the frames, owners; one by one."""
    client = github.Github(
        base_url=url,
        auth=github.Auth.Token(TOKEN),
        retry=None,
        seconds_between_requests=0,
        seconds_between_writes=0,
    )
    repository = client.get_repo("acme/shop")
    newest, previous = _deployed(repository)
    for commit in repository.compare(previous, newest).commits:
        _read(repository.get_commit(commit.sha))
    for path in FILES:
        _ = repository.get_contents(path, ref=newest)
    for path in (".github/CODEOWNERS", "CODEOWNERS"):
        try:
            _ = repository.get_contents(path)
        except github.UnknownObjectException:
            continue
    client.close()


def _deployed(repository: Repository) -> tuple[str, str]:
    found = []
    for each in repository.get_deployments(environment="production"):
        if any(status.state == "success" for status in each.get_statuses()):
            found.append(each.sha)
    return found[0], found[1]


def _read(commit: Commit) -> None:
    _ = [file.patch for file in commit.files]
    for pull in commit.get_pulls():
        _ = [file.filename for file in pull.get_files()]
