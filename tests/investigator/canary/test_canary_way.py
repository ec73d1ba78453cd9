"""A trial webhook goes the whole way: the real route, triage, a job, a channel; and is nobody's incident."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from bot.web import application
from investigator import keys
from investigator.canary.job import arrive
from investigator.canary.ledger import Ledger
from investigator.canary.sender import CanarySender
from investigator.canary.trial import RESOURCE, sent_at_of, trial
from investigator.catalog import Catalog
from investigator.composition import Program, canary_of, compose
from investigator.delivery import Delivery
from investigator.inbox_reader import InboxReader
from investigator.queue import queue
from investigator.settings import Settings
from investigator.store import connect_sync
from investigator.triage_reader import TriageReader
from sandbox.serving import serve
from sandbox.slack import SlackSandbox
from tests.fixtures.slack import BOT_TOKEN, SIGNING_SECRET
from tests.fixtures.webhook import NOON


@dataclass
class Way:
    """A running web process, a triage reader, and the sender that aims at it."""

    program: Program
    sender: CanarySender
    reader: TriageReader
    store_url: str

    async def send(self, now: float) -> None:
        assert await self.sender.tick(now)

    async def triage(self) -> None:
        await self.reader.take_over()
        await self.reader.read_once(block_ms=0)

    async def work(self) -> list[float]:
        """Carry out what waits in the queue, which is nothing but trials."""
        with connect_sync(self.store_url) as blocking:
            jobs = queue(blocking).get_jobs()
        assert {job.func_name for job in jobs} <= {"investigator.jobs.canary"}
        for job in jobs:
            await arrive(self.program, *job.args)
        return [job.args[0] for job in jobs]


@asynccontextmanager
async def way(store_url: str, data: Path, slack_url: str, **more: Any) -> AsyncIterator[Way]:
    settings = Settings(
        _env_file=None,
        slack_bot_token=BOT_TOKEN,
        slack_signing_secret=SIGNING_SECRET,
        slack_api_url=f"{slack_url}/api/",
        sentry_client_secret="client-secret",
        redis_url=store_url,
        pilot_data_dir=data,
        **more,
    )
    async with compose(settings) as program, application(program) as app, serve(app) as url:
        sender = CanarySender(
            program.store,
            program.session,
            url=f"{url}/sentry/webhook",
            secret="client-secret",
            every=300,
        )
        inbox = InboxReader(program.store, "test")
        reader = TriageReader(program.store, inbox, Catalog(), program.incidents, program.jobs)
        yield Way(program, sender, reader, store_url)


async def test_it_comes_through_and_is_measured(
    store: Redis, store_url: str, tmp_path: Path, slack_sandbox: SlackSandbox
) -> None:
    now = time.time()
    async with way(store_url, tmp_path, slack_sandbox.url) as going:
        await going.send(now)
        await going.triage()
        assert await going.work() == [now]
        canary = await Ledger(store).read(time.time())
    assert (canary.sent, canary.passed, canary.share) == (1, 1, 1.0)
    assert canary.seconds > 0
    assert slack_sandbox.messages("#incidents") == [], "without a channel of its own it posts nothing"


async def test_it_is_nobodys_incident(
    store: Redis, store_url: str, tmp_path: Path, slack_sandbox: SlackSandbox
) -> None:
    async with way(store_url, tmp_path, slack_sandbox.url) as going:
        await going.send(time.time())
        await going.triage()
        assert len(await going.work()) == 1
        assert await going.program.incidents.recent() == []
        assert not await store.exists(keys.INBOX_DEAD)
        assert not [key async for key in store.scan_iter("issue:*")]


async def test_in_its_channel_there_is_one_message_that_is_kept_up_to_date(
    store_url: str, tmp_path: Path, slack_sandbox: SlackSandbox
) -> None:
    async with way(store_url, tmp_path, slack_sandbox.url, pilot_canary_channel="#ops") as going:
        for back in (600, 300, 0):
            await arrive(going.program, time.time() - back)
        (message,) = slack_sandbox.messages("#ops")
        assert "trial webhook" in message["text"]
        for each in slack_sandbox.workspace.channels["C0OPS"].messages.values():
            slack_sandbox.workspace.delete(slack_sandbox.workspace.channels["C0OPS"], each)
        await arrive(going.program, time.time())
        assert len(slack_sandbox.messages("#ops")) == 1, "one that somebody deleted is posted anew"


async def test_what_slack_does_not_take_has_not_come_through(
    store: Redis, store_url: str, tmp_path: Path, slack_sandbox: SlackSandbox
) -> None:
    async with way(store_url, tmp_path, slack_sandbox.url, pilot_canary_channel="#ops") as going:
        slack_sandbox.faults.add("/api/", status=500)
        await arrive(going.program, time.time())
        assert (await Ledger(store).read(time.time())).passed == 0


async def test_two_clocks_send_each_moments_trial_once(
    store: Redis, store_url: str, tmp_path: Path, slack_sandbox: SlackSandbox
) -> None:
    async with (
        way(store_url, tmp_path, slack_sandbox.url) as one,
        way(store_url, tmp_path, slack_sandbox.url) as two,
    ):
        sent = [
            await sender.tick(now) for now in (3000.0, 3001.0, 3300.0) for sender in (one.sender, two.sender)
        ]
        assert sum(sent) == 2


async def test_while_the_store_is_away_it_is_sent_and_counted_later(
    store: Redis, store_url: str, tmp_path: Path, slack_sandbox: SlackSandbox
) -> None:
    now = time.time()
    async with way("redis://127.0.0.1:1/0", tmp_path, slack_sandbox.url) as going:
        await going.send(now)
    async with way(store_url, tmp_path, slack_sandbox.url) as going:  # the same disk
        while not await store.exists(keys.INBOX):
            await going.reader.take_over()
            await going.program.store.ping()
        await going.triage()
        assert await going.work() == [now], "the disk kept it"


async def test_a_trial_that_is_told_twice_counts_once(store: Redis) -> None:
    ledger, now = Ledger(store), time.time()
    await ledger.sent(now - 10)
    await ledger.passed(now - 10, now)
    await ledger.passed(now - 10, now + 1)
    assert (await ledger.read(now)).passed == 1


async def test_one_that_comes_late_has_not_come_through(store: Redis) -> None:
    ledger, now = Ledger(store), time.time()
    await ledger.sent(now - 100)
    await ledger.passed(now - 100, now)
    canary = await ledger.read(now)
    assert (canary.sent, canary.passed) == (1, 0)
    assert canary.passed_at == now, "but the way is open"


def test_an_unsigned_header_makes_no_trial_of_a_real_webhook() -> None:
    headers = {"sentry-hook-resource": RESOURCE}
    assert sent_at_of(Delivery(trial(5.0), headers, NOON)) == 5.0
    assert sent_at_of(Delivery(trial(5.0), {}, NOON)) is None
    for body in (
        trial(-1.0),
        trial(1e300),
        b'{"action":"created","data":{"issue":{"id":"1"}}}',
        b"rubbish",
        b'{"data":[]}',
        b"[]",
    ):
        assert sent_at_of(Delivery(body, headers, NOON)) is None


async def test_settings_say_whether_and_where(store_url: str, tmp_path: Path) -> None:
    async with way(store_url, tmp_path, "http://127.0.0.1:1", pilot_canary_seconds=0) as going:
        assert canary_of(going.program) is None
