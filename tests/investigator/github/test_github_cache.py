"""What one worker read of GitHub, no worker reads again; and nobody is shown what is not theirs, or old."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis

from investigator import keys
from investigator.deadline import Deadline
from investigator.errors import OutsideCallFailed
from investigator.github.cache import Cache
from investigator.github.cache_policy import FOR_GOOD
from investigator.github.client import GitHub
from investigator.github.credentials import Credentials, PersonalToken
from investigator.github.repository import Repository
from investigator.github.shared import Shared
from investigator.github.standings import Standings
from investigator.store import connect_sync
from sandbox.github import PullRequest
from tests.fixtures.code_history import FILES, event, frame, gather, history, words
from tests.fixtures.github_repository import (
    START,
    TOKEN,
    Served,
    deployment,
    served,
    write_repository,
)

LAST = 6
CRASH = event(*(frame(path, line=3) for path in FILES))


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    path = tmp_path_factory.mktemp("cache") / "shop"
    return path, write_repository(path, history(LAST))


@pytest.fixture
async def host(clone: tuple[Path, list[str]]) -> AsyncIterator[Served]:
    path, shas = clone
    deploys = [
        deployment(1, shas[0], START + timedelta(minutes=30)),
        deployment(2, shas[LAST], START + timedelta(hours=LAST + 1)),
    ]
    pull = PullRequest(7, "Change 6", author="ada", merge_commit=shas[LAST], commits=(shas[LAST],))
    async with served(path, deployments=deploys, pull_requests=[pull]) as running:
        running.shas = shas
        yield running


@pytest.fixture
def shared(store_url: str) -> Shared:
    return Shared(connect_sync(store_url, timeout=1.0))


class Workers:
    """Each with a client of its own, as if in another process; `now` is the clock they share."""

    def __init__(self, host: Served, shared: Shared) -> None:
        self.host = host
        self._shared = shared
        self.now = time.time()
        self.made: list[GitHub] = []

    def worker(self, token: str = TOKEN) -> GitHub:
        credentials = Credentials([PersonalToken(token)], standings=Standings(self._shared))
        cache = Cache(self._shared, clock=lambda: self.now)
        self.made.append(GitHub(self.host.url, credentials, cache=cache))
        return self.made[-1]

    def repository(self, token: str = TOKEN) -> Repository:
        return self.worker(token).repository("acme/shop", Deadline.after(10))

    def seen_by(self, worker: GitHub) -> Served:
        return Served(self.host.sandbox, worker, self.host.url)


@pytest.fixture
def workers(host: Served, shared: Shared) -> Iterator[Workers]:
    made = Workers(host, shared)
    yield made
    for worker in made.made:
        worker.close()


async def test_the_same_investigation_again_asks_nothing(workers: Workers) -> None:
    first = await gather(workers.seen_by(workers.worker()), CRASH)
    again = await gather(workers.seen_by(workers.worker()), CRASH)
    assert first.gaps == (), words(first)
    assert first.requests == 4
    assert again.requests == 0, "another worker has read all of this"
    assert again.model_copy(update={"requests": 4}) == first, "what is remembered differs from what was read"


async def test_later_only_what_may_have_changed_is_asked(workers: Workers) -> None:
    first = await gather(workers.seen_by(workers.worker()), CRASH)
    workers.now += 60
    again = await gather(workers.seen_by(workers.worker()), CRASH)
    assert again.requests == 1, "only deployments and branch may have changed since"
    assert again.model_copy(update={"requests": 4}) == first


async def test_another_crash_in_the_same_cascade_asks_only_for_its_own_files(workers: Workers) -> None:
    await gather(workers.seen_by(workers.worker()), event(frame(FILES[0], line=3)))
    before = len(workers.host.sandbox.requests)
    other = await gather(
        workers.seen_by(workers.worker()),
        event(frame(FILES[1], line=3)),
        at=START + timedelta(days=2, seconds=-20),
    )
    asked = [path for _, path in workers.host.sandbox.requests[before:]]
    assert "/graphql" in asked
    assert not [path for path in asked if "/compare/" in path], "the comparison is known"
    assert other.requests <= 2, f"one question where the file is, one what is in it: {asked}"


async def test_workers_that_ask_at_once_share_one_answer(workers: Workers) -> None:
    workers.host.sandbox.faults.latency = 0.15
    found = await asyncio.gather(
        *(gather(workers.seen_by(workers.worker()), CRASH) for _ in range(4)),
    )
    asked = sum(evidence.requests for evidence in found)
    assert asked == 4, f"four investigations of the same asked {asked} times"
    assert len({evidence.model_dump_json(exclude={"requests"}) for evidence in found}) == 1


async def test_a_push_ends_what_was_known_of_branches_at_once(workers: Workers, shared: Shared) -> None:
    repository = workers.repository()
    await repository.head_facts(environments=("production",), until=START + timedelta(days=2))
    Cache(shared).forget("acme/shop", ["head"], "delivery-1")
    later = workers.repository()
    await later.head_facts(environments=("production",), until=START + timedelta(days=2))
    assert later.requests == 1, "a push must not wait for the time to run out"
    again = workers.repository()
    await again.head_facts(environments=("production",), until=START + timedelta(days=2))
    assert again.requests == 0


async def test_an_answer_asked_for_before_a_push_is_not_kept_after_it(
    workers: Workers, shared: Shared
) -> None:
    workers.host.sandbox.faults.latency = 0.3
    asking = asyncio.create_task(workers.repository().revision("main"))
    await asyncio.sleep(0.15)
    Cache(shared).forget("acme/shop", ["head"], "delivery-2")
    await asking
    later = workers.repository()
    await later.revision("main")
    assert later.requests == 1, "what was on its way when the push came may be older than the push"


async def test_another_credential_reads_for_itself(workers: Workers) -> None:
    sha = workers.host.shas[LAST]
    await workers.repository().commit(sha)
    stranger = workers.repository("ghp_may_not_read_this")
    with pytest.raises(OutsideCallFailed, match="unauthorized"):
        await stranger.commit(sha)
    assert stranger.requests == 1, "a private repository must not be shown to who cannot read it"


async def test_an_etag_is_only_sent_by_the_token_that_got_it(workers: Workers) -> None:
    body = b'{"sha": "abc", "commit": {"message": "as before"}}'
    faults = workers.host.sandbox.faults
    faults.add("/repos/acme/shop/commits/main", status=200, body=body, headers={"etag": '"v1"'}, times=1)
    faults.add("/repos/acme/shop/commits/main", status=304, times=1)
    assert (await workers.repository().commit("main")).message == "as before"
    workers.now += 60
    again = workers.repository()
    assert (await again.commit("main")).message == "as before", "304 means: what you have is right"
    assert workers.made[-1].tally.cache_results() == {"miss": 1, "confirmed": 1}
    workers.now += 60
    assert (await workers.repository().commit("main")).message == f"Change {LAST}", "200 replaces it"


async def test_a_worker_that_died_while_asking_holds_nobody_up(
    workers: Workers, shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("investigator.github.memory.WAIT_SECONDS", 0.2)
    monkeypatch.setattr("investigator.github.cache.Cache.give_back", lambda self, lock: None)
    await workers.repository().revision("main")
    workers.now += 60
    started = time.monotonic()
    assert await workers.repository().revision("main")
    assert time.monotonic() - started < 2, "the dead worker's lock held up the living"


async def test_without_the_store_everything_is_asked_and_nothing_fails(
    host: Served, unused_tcp_port: int
) -> None:
    away = Shared(connect_sync(f"redis://127.0.0.1:{unused_tcp_port}", timeout=0.2))
    workers = Workers(host, away)
    for _ in range(2):
        evidence = await gather(workers.seen_by(workers.worker()), CRASH)
        assert evidence.requests == 4
        assert evidence.gaps == (), words(evidence)
    workers.made[0].close()


async def test_what_was_asked_without_permission_is_not_kept(workers: Workers) -> None:
    sha = workers.host.shas[LAST]
    refused = {"type": "FORBIDDEN", "message": "no", "path": ["repository", "s0"]}
    body = json.dumps({"data": {"repository": {"s0": None}}, "errors": [refused]}).encode()
    workers.host.sandbox.faults.add("/graphql", status=200, body=body, times=1)
    name = f"{sha}:{FILES[0]}"
    assert (await workers.repository().texts((name,)))[name].text is None
    assert (await workers.repository().texts((name,)))[name].text, "a refusal was taken for an answer"


async def test_rubbish_in_the_store_is_asked_for_again(workers: Workers, shared: Shared) -> None:
    sha = workers.host.shas[LAST]
    await workers.repository().commit(sha)
    for key in shared.store.keys("cache:github:acme/shop:*"):
        shared.store.set(key, b"\x00 not ours")
    repository = workers.repository()
    assert (await repository.commit(sha)).sha == sha
    assert repository.requests == 1


def test_huge_answers_are_not_kept(shared: Shared) -> None:
    noise = random.Random(7).randbytes(1_200_000).hex()
    values = {"huge": ([noise], FOR_GOOD), "small": (["x"], FOR_GOOD)}
    cache = Cache(shared)
    cache.write("acme/shop", "scope", values, {})
    found, _ = cache.read("acme/shop", ["scope"], ["huge", "small"])
    assert set(found) == {"small"}


def test_every_key_expires(store_url: str) -> None:
    client: redis.Redis = connect_sync(store_url)
    cache = Cache(Shared(client))
    cache.forget("acme/shop", ["head", "pulls"], "x")
    assert client.ttl(keys.github_turn("acme/shop", "head")) > 0
