"""As jobs have it: each its own process and program, what they share is in the store."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from investigator import keys
from investigator.composition import compose
from investigator.github.cache_policy import fingerprint
from investigator.github.client import connect
from investigator.settings import Settings
from tests.fixtures.code_history import event, frame, gather
from tests.fixtures.github_repository import TOKEN, Change, Served, served, write_repository


def settings(**values: Any) -> Settings:
    needed = dict.fromkeys(("slack_bot_token", "slack_signing_secret", "sentry_client_secret"), "x")
    return Settings(_env_file=None, **{**needed, **values})


async def test_jobs_share_answers_and_counts(tmp_path: Path, store: Redis, store_url: str) -> None:
    write_repository(
        tmp_path / "clone", [Change("First", {"a.py": "1\n"}), Change("Second", {"a.py": "2\n"})]
    )
    requests = []
    async with served(tmp_path / "clone") as host:
        for _ in range(2):
            named = {"redis_url": store_url, "github_api_url": host.url, "github_token": TOKEN}
            async with compose(settings(**named, pilot_data_dir=tmp_path)) as program:
                assert program.outside.github
                seen = Served(host.sandbox, program.outside.github, host.url)
                requests.append((await gather(seen, event(frame("a.py", 1)))).requests)
    assert requests[0] > 0
    assert requests[1] == 0, "the second job is another process, and must not ask again"
    raw: Any = await store.hgetall(keys.COUNTERS)
    counts = {tuple(json.loads(name)): int(count) for name, count in raw.items()}
    sent = {labels: n for labels, n in counts.items() if labels[0] == "pilot_github_requests"}
    assert sum(sent.values()) == requests[0]
    assert {labels[1] for labels in sent} == {fingerprint(TOKEN)}, "a token is named by its fingerprint only"
    assert counts["pilot_github_cache", "hit"] > 0
    assert counts["pilot_github_cache", "miss"] > 0


async def test_no_secret_is_ever_in_the_store(tmp_path: Path, store: Redis, store_url: str) -> None:
    write_repository(tmp_path / "clone", [Change("First", {"a.py": "1\n"})])
    async with served(tmp_path / "clone") as host:
        named = {"redis_url": store_url, "github_api_url": host.url, "github_token": f"wrong, {TOKEN}"}
        async with compose(settings(**named, pilot_data_dir=tmp_path, pilot_github_rotation=True)) as program:
            assert program.outside.github
            await gather(Served(host.sandbox, program.outside.github, host.url), event(frame("a.py", 1)))
    names: Any = await store.keys("*")
    kept = [await _everything(store, key) for key in names]
    assert any(b"nameWithOwner" in each or b"acme/shop" in each for each in kept), "nothing was looked into"
    assert not [each for each in kept if TOKEN.encode() in each or b"wrong" in each]


async def _everything(store: Redis, key: bytes) -> bytes:
    if await store.type(key) != b"string":
        return key + repr(await store.hgetall(key)).encode()
    value: Any = await store.get(key) or b""
    content: bytes = zlib.decompress(value) if key.startswith(b"cache:github:") else value
    return key + content


def test_several_tokens_are_separated_by_commas() -> None:
    github = connect(settings(github_token=" one,two ,, one"))
    assert github
    labels = [each.label for each in github._credentials.candidates("acme/shop", "read")]
    assert labels == ["GITHUB_TOKEN number 1", "GITHUB_TOKEN number 2"]
    github.close()
    assert connect(settings(github_token=" , ")) is None
