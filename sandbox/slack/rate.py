"""Slack's strict budgets: posting by channel, other methods by the tier that Slack documents for them."""

from __future__ import annotations

import math

from sandbox.slack.clock import MessageClock

POST_BURST = 3.0
POSTS_PER_SECOND = 1.0
_TIERS = {
    20: (
        "bookmarks.add",
        "canvases.create",
        "conversations.archive",
        "conversations.create",
        "conversations.list",
        "conversations.setTopic",
        "usergroups.list",
        "usergroups.users.list",
    ),
    50: (
        "bookmarks.list",
        "canvases.access.set",
        "canvases.delete",
        "chat.delete",
        "chat.unfurl",
        "chat.update",
        "conversations.history",
        "conversations.info",
        "conversations.invite",
        "conversations.join",
        "conversations.replies",
        "reactions.add",
        "users.lookupByEmail",
    ),
    100: ("chat.postEphemeral", "users.info", "views.open", "views.publish", "views.push", "views.update"),
}
PER_MINUTE = {method: calls for calls, methods in _TIERS.items() for method in methods}


class RateBudget:
    """A bucket for each channel posted to, and one for each other method with a minute's calls."""

    def __init__(self, clock: MessageClock) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait(self, method: str, channel: str) -> int:
        """Take one call; 0, or the whole seconds for `Retry-After` if there is none left."""
        if method == "chat.postMessage":
            return self._take(f"{method} {channel}", POST_BURST, POSTS_PER_SECOND)
        calls = PER_MINUTE.get(method)
        return self._take(method, calls, calls / 60) if calls is not None else 0

    def _take(self, key: str, burst: float, per_second: float) -> int:
        now = self._clock.now()
        level, since = self._buckets.get(key, (burst, now))
        level = min(burst, level + (now - since) * per_second)
        taken = level >= 1.0
        self._buckets[key] = (level - 1.0 if taken else level, now)
        return 0 if taken else max(1, math.ceil((1.0 - level) / per_second))
