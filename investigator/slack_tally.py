"""What became of this process's calls to Slack, to be added to what all processes know."""

from __future__ import annotations

from collections import Counter

import structlog
from redis.asyncio import Redis

from investigator.counters import SLACK_REQUESTS
from investigator.errors import StoreUnavailable
from investigator.outside_results import SLACK, queue_result
from investigator.store import as_unavailable

log = structlog.get_logger(__name__)

# What says that Slack, or our way into it, does not work; a channel that is archived says neither.
_OF_SLACK = frozenset({"unauthorized", "timeout", "unreachable", "server_error", "bad_answer"})


class SlackTally:
    """Counts of one process. Its methods do not wait."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._last: tuple[float, str | None] | None = None

    @property
    def answered(self) -> bool:
        """Whether Slack has answered this process, and did so last."""
        return self._last is not None and self._last[1] is None

    def note(self, method: str, result: str, now: float) -> None:
        """`result` is ok or the kind of the failure; `now` in seconds since 1970."""
        self._counts[method, result] += 1
        if result == "ok" or result in _OF_SLACK:
            self._last = now, None if result == "ok" else f"{method}: {result.replace('_', ' ')}"

    async def add_to(self, store: Redis) -> None:
        """Hand over what was counted, and begin again at nothing. What cannot be told now is logged."""
        counts, self._counts = self._counts, Counter()
        last, self._last = self._last, None
        for labels, amount in counts.items():
            await SLACK_REQUESTS.add(store, *labels, amount=amount)
        if last is None:
            return
        try:
            with as_unavailable():
                async with store.pipeline(transaction=True) as pipe:
                    queue_result(pipe, SLACK, last[1], last[0])
                    await pipe.execute()
        except StoreUnavailable as error:
            log.warning("slack_result_not_told", error=str(error))
