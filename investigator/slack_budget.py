"""What Slack lets all our processes say together: budgets and pauses that they share through the store.

Slack limits `chat.postMessage` for each channel and most other methods for the whole workspace. Whoever is
over is answered with a `Retry-After`, which holds for everybody. So a turn is reserved before a call,
and a pause that one process was told is kept by all. Without the store, each learns of them by itself.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from redis.asyncio import Redis

from investigator import keys
from investigator.errors import StoreUnavailable
from investigator.store import as_unavailable

log = structlog.get_logger()

WITHOUT_STORE_SECONDS = 5.0  # how long the store is not asked after it did not answer
_LONGEST_PAUSE_SECONDS = 600.0

# A turn for each bucket, in order of asking; one that would come too late is not reserved.
# KEYS: the method's pause, then buckets. ARGV: patience in ms, then for each bucket ms between turns, burst.
# A bucket holds the moment at which all reserved turns are over; a pause holds its end.
_RESERVE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local start = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0))
local wait, over = start - now, {}
for i = 2, #KEYS do
  local every, burst = tonumber(ARGV[2 * i - 2]), tonumber(ARGV[2 * i - 1])
  over[i] = math.max(start, tonumber(redis.call('GET', KEYS[i]) or 0)) + every
  wait = math.max(wait, over[i] - burst * every - now)
end
if wait <= tonumber(ARGV[1]) then
  for i = 2, #KEYS do
    redis.call('SET', KEYS[i], string.format('%d', over[i]), 'PX', string.format('%d', over[i] - now + 1000))
  end
end
return math.floor(wait)
"""
# KEYS: the pause. ARGV: its length in ms. The longest one told stands.
_PAUSE = """
local clock = redis.call('TIME')
local till = clock[1] * 1000 + math.floor(clock[2] / 1000) + tonumber(ARGV[1])
if till > tonumber(redis.call('GET', KEYS[1]) or 0) then
  redis.call('SET', KEYS[1], string.format('%d', till), 'PX', ARGV[1])
end
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls a minute, and how many of them may come at once."""

    per_minute: int
    burst: int


@dataclass(frozen=True, slots=True)
class Limits:
    """`posts` is for each channel; `methods` are for the workspace. What is not named is not limited."""

    posts: Rate
    methods: Mapping[str, Rate]

    def buckets(self, method: str, channel: str) -> list[tuple[str, Rate]]:
        """(key, rate) of each budget that a call draws on."""
        if method == "chat.postMessage":
            return [(keys.slack_budget(f"{method}:{channel}"), self.posts)]
        rate = self.methods.get(method)
        return [(keys.slack_budget(method), rate)] if rate else []


def limits(posts_per_minute: int, edits_per_minute: int) -> Limits:
    """Slack's: a message a second and channel with short bursts, and its tiers 2 and 3."""
    third, second = Rate(50, 10), Rate(20, 5)
    return Limits(
        posts=Rate(posts_per_minute, max(3, posts_per_minute // 20)),
        methods={
            "chat.update": Rate(edits_per_minute, max(10, edits_per_minute // 5)),
            "chat.unfurl": third,
            "conversations.history": third,
            "conversations.replies": third,
            "conversations.join": third,
            "conversations.list": second,
            "conversations.create": second,
            "conversations.setTopic": second,
            "conversations.archive": second,
            "conversations.invite": third,
            "bookmarks.add": second,
            "bookmarks.list": third,
            "canvases.create": second,
            "canvases.access.set": third,
            "canvases.delete": third,
            "users.lookupByEmail": third,
        },
    )


class SlackBudget:
    """The budgets of one workspace."""

    def __init__(self, store: Redis, limits: Limits) -> None:
        self._store = store
        self._limits = limits
        self._without_until = 0.0

    async def reserve(self, method: str, channel: str, patience: float) -> float:
        """Seconds until this call's turn. More than `patience`: nothing was reserved, ask again then."""
        buckets = self._limits.buckets(method, channel)
        if not buckets:
            return 0.0
        arguments = [int(patience * 1000)]
        for _, rate in buckets:
            arguments += [max(1, 60_000 // rate.per_minute), rate.burst]
        names = [keys.slack_pause(method), *(key for key, _ in buckets)]
        return (await self._eval(_RESERVE, names, arguments)) / 1000

    async def pause(self, method: str, seconds: float) -> None:
        """Slack wants no call of this method, from anyone, for so long."""
        length = max(1, int(min(seconds, _LONGEST_PAUSE_SECONDS) * 1000))
        await self._eval(_PAUSE, [keys.slack_pause(method)], [length])

    async def _eval(self, script: str, names: list[str], arguments: list[int]) -> int:
        if time.monotonic() < self._without_until:
            return 0
        try:
            with as_unavailable():
                return int(await self._store.eval(script, len(names), *names, *arguments) or 0)
        except StoreUnavailable as error:
            self._without_until = time.monotonic() + WITHOUT_STORE_SECONDS
            log.warning("slack_budget_unavailable", error=str(error))
            return 0
