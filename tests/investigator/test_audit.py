"""The audit: entries are kept in order and hold no secret."""

from __future__ import annotations

from redis.asyncio import Redis

from investigator import audit


async def test_entries_come_back_newest_first(store: Redis) -> None:
    await audit.record(store, who="U1", what="open_pull_request", incident="1", result="refused")
    await audit.record(store, who="U2", what="open_pull_request", incident="2", result="done", detail="#9")
    first, second = await audit.entries(store)
    assert (first.who, first.result, first.detail) == ("U2", "done", "#9")
    assert (second.who, second.incident, second.detail) == ("U1", "1", "")
    assert first.when >= second.when


async def test_no_secret_is_kept(store: Redis) -> None:
    token = "ghp_" + "a1B2c3D4e5" * 3 + "F6g7H8"
    await audit.record(
        store, who="U1", what="open_pull_request", incident="1", result="failed", detail=f"sent {token}"
    )
    assert token.encode() not in str(await store.xrange("audit")).encode(), "a token is in the audit"
