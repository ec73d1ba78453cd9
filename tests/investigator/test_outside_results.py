"""What all processes know of the outside: how long runs take, since when Slack fails, GitHub's budgets."""

from __future__ import annotations

import json

import prometheus_client
from redis.asyncio import Redis

from investigator import keys
from investigator.counters import StoredCounters
from investigator.github.tally import Tally
from investigator.histograms import INVESTIGATION_SECONDS
from investigator.outside_results import SLACK, Results, results_of
from investigator.slack_tally import SlackTally


async def shown(store: Redis) -> str:
    stored = StoredCounters()
    await stored.refresh(store)
    return prometheus_client.generate_latest(stored).decode()


async def test_durations_of_dead_processes_are_added_up_in_buckets(store: Redis) -> None:
    for seconds in (0.4, 3.0, 3.5, 500.0):
        await INVESTIGATION_SECONDS.observe(store, seconds)
    text = await shown(store)
    assert 'pilot_investigation_seconds_bucket{le="1"} 1.0' in text
    assert 'pilot_investigation_seconds_bucket{le="5"} 3.0' in text
    assert 'pilot_investigation_seconds_bucket{le="+Inf"} 4.0' in text
    assert "pilot_investigation_seconds_sum 506.9" in text


async def told(store: Redis, *notes: tuple[str, float]) -> Results:
    tally = SlackTally()
    for result, now in notes:
        tally.note("chat.postMessage", result, now)
        await tally.add_to(store)
    return results_of(await store.hgetall(keys.outside(SLACK)))


async def test_since_when_slack_fails_outlives_further_failures(store: Redis) -> None:
    results = await told(store, ("ok", 10.0), ("timeout", 20.0), ("unreachable", 30.0))
    assert (results.ok_at, results.failing_since) == (10.0, 20.0)
    assert results.why == "chat.postMessage: unreachable"


async def test_one_good_answer_ends_it(store: Redis) -> None:
    results = await told(store, ("unauthorized", 20.0), ("ok", 30.0))
    assert results == Results(ok_at=30.0)


async def test_an_archived_channel_is_no_trouble_of_slacks(store: Redis) -> None:
    assert await told(store, ("rejected", 20.0)) == Results()
    assert 'pilot_slack_requests_total{method="chat.postMessage",result="rejected"} 1.0' in await shown(store)


async def test_githubs_budgets_are_handed_over_with_the_counts(store: Redis) -> None:
    tally = Tally()
    tally.sent("ab12", "core", "ok", {"left:core": "[4999, 5000, 1]"})
    tally.sent("ab12", "core", "ok", {"left:core": "[4998, 5000, 1]"})
    await tally.add_to(store)
    assert json.loads(await store.hget(keys.GITHUB_BUDGETS, "ab12:core") or b"") == [4998, 5000, 1]
