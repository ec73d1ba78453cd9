"""Deploys that webhooks told of save a request, and never change what is found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis

from investigator.evidence.foresight import ends_of
from investigator.github.cache import Cache
from investigator.github.client import GitHub
from investigator.github.credentials import Credentials, PersonalToken
from investigator.github.shared import Shared
from investigator.github.webhooks import record, understood
from investigator.models.evidence import CodeEvidence, Deploy
from investigator.store import connect_sync
from tests.fixtures.code_history import FILES, event, frame, gather, history
from tests.fixtures.github_repository import START, TOKEN, Served, deployment, served, write_repository

LAST = 6
CRASH = event(*(frame(path, line=3) for path in FILES))
FIRST_AT, SECOND_AT = START + timedelta(minutes=30), START + timedelta(hours=LAST + 1)


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Served]:
    shas = write_repository(tmp_path / "shop", history(LAST))
    deploys = [deployment(1, shas[0], FIRST_AT), deployment(2, shas[LAST], SECOND_AT)]
    async with served(tmp_path / "shop", deployments=deploys) as running:
        running.shas = shas
        yield running


async def tell(store: Redis, sha: str, at: object, delivery: str) -> None:
    payload = {
        "repository": {"full_name": "acme/shop"},
        "deployment": {"sha": sha, "environment": "production"},
        "deployment_status": {"state": "success", "created_at": str(at), "environment": "production"},
    }
    told = understood("deployment_status", payload)
    assert told
    assert await record(store, told, delivery)


async def investigate(host: Served, store_url: str) -> CodeEvidence:
    shared = Shared(connect_sync(store_url, timeout=1.0))
    github = GitHub(host.url, Credentials([PersonalToken(TOKEN)]), cache=Cache(shared))
    evidence = await gather(Served(host.sandbox, github, host.url), CRASH)
    github.close()
    return evidence


async def test_deploys_told_of_save_a_request(host: Served, store: Redis, store_url: str) -> None:
    untold = await gather(host, CRASH)
    assert untold.requests == 4
    await tell(store, host.shas[0], FIRST_AT, "1")
    await tell(store, host.shas[LAST], SECOND_AT, "2")
    told = await investigate(host, store_url)
    assert told.requests == 3, "head and range are one question when both ends are known"
    assert told.model_copy(update={"requests": 4}) == untold


async def test_it_is_three_requests_and_two_when_no_file_was_changed_twice(
    tmp_path: Path, store: Redis, store_url: str
) -> None:
    shas = write_repository(tmp_path / "calm", history(4))
    deploys = [deployment(1, shas[0], FIRST_AT), deployment(2, shas[4], SECOND_AT)]
    async with served(tmp_path / "calm", deployments=deploys) as host:
        assert (await gather(host, CRASH)).requests == 3
        await tell(store, shas[0], FIRST_AT, "1")
        await tell(store, shas[4], SECOND_AT, "2")
        told = await investigate(host, store_url)
    assert told.requests == 2
    assert [bool(change.patch) for commit in told.commits for change in commit.files or ()] == [True] * 8


async def test_a_wrong_guess_changes_nothing(host: Served, store: Redis, store_url: str) -> None:
    untold = await gather(host, CRASH)
    await tell(store, host.shas[1], FIRST_AT, "1")
    await tell(store, host.shas[2], SECOND_AT, "2")
    told = await investigate(host, store_url)
    assert told.model_copy(update={"requests": 0}) == untold.model_copy(update={"requests": 0})


async def test_a_deploy_of_a_commit_that_is_gone_is_passed_over(
    host: Served, store: Redis, store_url: str
) -> None:
    untold = await gather(host, CRASH)
    await tell(store, "0" * 40, FIRST_AT, "1")
    await tell(store, "1" * 40, SECOND_AT, "2")
    told = await investigate(host, store_url)
    assert told.head_sha == untold.head_sha
    assert told.gaps == ()


def deploy(sha: str, hours: int, environment: str = "production") -> Deploy:
    at = START + timedelta(hours=hours)
    return Deploy(source="github_deployment", name=environment, sha=sha, environment=environment, at=at)


def test_ends_are_what_ran_then_and_before() -> None:
    told = (deploy("c" * 40, 9), deploy("b" * 40, 5), deploy("s" * 40, 4, "staging"), deploy("a" * 40, 1))
    ends = ends_of(told, ("production",), None, START + timedelta(hours=6))
    assert ends
    assert (ends.head.sha, ends.base.sha) == ("b" * 40, "a" * 40)
    assert ends_of(told, ("production",), "c" * 40, START + timedelta(hours=6)) is None, "another release ran"
    assert ends_of(told[:1], ("production",), None, START + timedelta(hours=10)) is None, "nothing before it"
