"""What was seen from outside while a fault lasted, and after it was over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from tests.faults.scene import Scene
from tests.faults.table import Fault
from tests.fixtures.playing import key_of

ISSUE = 9001
POLL_SECONDS = 0.5
RECOVERY_SECONDS = 240.0
SHORT = 160
MISSING = "*Missing here*"  # the heading above what is missing
NO_ANALYSIS = "AI analysis unavailable"


@dataclass(frozen=True, slots=True)
class Row:
    """Seconds are since the fault began, or since it was over; None: it did not happen.

    `answer` is a status, or why there was none. `lost`: acknowledged and never in Slack. `failed` is what
    broke a promise; empty when nothing did.
    """

    name: str
    answer: str = "–"
    answer_seconds: float = 0.0
    parent: float | None = None
    report: float | None = None
    degraded: tuple[str, ...] = ()
    paged: str | None = None
    paged_seconds: float | None = None
    lost: int = 0
    whole_again: float | None = None
    page_resolved: float | None = None
    failed: tuple[str, ...] = ()


async def observe(fault: Fault[Any], stage: Scene) -> Row:
    """Play the fault, send one webhook into it, and look until all is whole again."""
    seen = _Seen(stage)
    async with fault.play(stage):
        began = time.monotonic()
        answer, seconds = await stage.send(ISSUE)
        await seen.until(began, fault.patience, lambda: seen.enough(fault))
        during = seen.at(began)
    over = time.monotonic()
    if not _taken(answer):
        await _send_again(stage, over)
    whole, closed = await asyncio.gather(
        _wait(over, lambda: seen.report() is not None), _wait(over, lambda: not seen.open_pages())
    )
    lost = int(answer == "200" and whole is None)
    row = Row(
        name=fault.name,
        answer=answer,
        answer_seconds=seconds,
        parent=during.parent,
        report=during.report,
        degraded=during.degraded or seen.degraded(),
        paged=during.paged,
        paged_seconds=during.paged_seconds,
        lost=lost,
        whole_again=whole,
        page_resolved=closed if during.paged else None,
    )
    return _judged(fault, row, len(stage.parents()), seen.open_pages())


def _taken(answer: str) -> bool:
    return answer.isdigit() and int(answer) < 500


async def _send_again(stage: Scene, over: float) -> None:
    """Until it is taken, as Sentry's next events would."""
    while time.monotonic() - over < RECOVERY_SECONDS:
        answer, _ = await stage.send(ISSUE)
        if _taken(answer):
            return
        await asyncio.sleep(POLL_SECONDS)


def _judged(fault: Fault[Any], row: Row, parents: int, pages: Collection[str]) -> Row:
    failed = []
    if row.answer.isdigit() and row.answer_seconds > 1:
        failed.append(f"answered after {row.answer_seconds:.2f} s")
    if row.lost or row.whole_again is None:
        failed.append("the thread never became whole")
    if parents != 1:
        failed.append(f"{parents} parent messages")
    if fault.pages and row.paged != fault.pages:
        failed.append(f"paged {row.paged or 'nobody'} instead of {fault.pages}")
    if fault.pages is None and row.paged:
        failed.append(f"paged {row.paged} although nobody was to be woken")
    if row.paged and row.page_resolved is None:
        failed.append(f"never resolved: {', '.join(sorted(pages))}")
    return replace(row, failed=tuple(failed))


@dataclass(frozen=True, slots=True)
class _At:
    parent: float | None
    report: float | None
    degraded: tuple[str, ...]
    paged: str | None
    paged_seconds: float | None


class _Seen:
    """When what was first there; looked at by polling."""

    def __init__(self, stage: Scene) -> None:
        self._stage = stage
        self._first: dict[str, float] = {}

    async def until(self, began: float, seconds: float, enough: Callable[[], bool]) -> None:
        while time.monotonic() - began < seconds:
            self._look()
            if enough():
                return
            await asyncio.sleep(POLL_SECONDS)

    def enough(self, fault: Fault[Any]) -> bool:
        """Nothing more is to be expected while the fault lasts."""
        told = self._page()
        return bool(told) if fault.pages else "report" in self._first and self._settled()

    def _settled(self) -> bool:
        return time.monotonic() - self._first["report"] > 12

    def _look(self) -> None:
        now = time.monotonic()
        if self._stage.parents():
            self._first.setdefault("parent", now)
        if self.report():
            self._first.setdefault("report", now)
        if self._page():
            self._first.setdefault("page", now)

    def at(self, began: float) -> _At:
        self._look()
        since = {what: round(moment - began, 1) for what, moment in self._first.items()}
        return _At(since.get("parent"), since.get("report"), self.degraded(), self._page(), since.get("page"))

    def report(self) -> dict[str, Any] | None:
        return next((reply for reply in self._stage.thread() if key_of(reply).endswith(":report:1")), None)

    def degraded(self) -> tuple[str, ...]:
        """What the report says is missing."""
        texts = [
            str(element.get("text", ""))
            for block in (self.report() or {}).get("blocks", [])
            if block["type"] == "context"
            for element in block["elements"]
        ]
        missing = [line for text in texts for line in text.partition(MISSING)[2].split("\n")]
        gaps = [line for line in missing if line.strip().startswith("•")]
        whole = [line for text in texts for line in text.split("\n") if line.strip().startswith(NO_ANALYSIS)]
        lines = [line.strip(" •") for line in (*gaps, *whole)]
        return tuple(line if len(line) <= SHORT else f"{line[:SHORT]}…" for line in lines if line)

    def _page(self) -> str | None:
        told = [page for page in self._stage.around.pagers.told if page["action"] == "trigger"]
        critical = [page for page in told if page["severity"] == "critical"]
        return critical[0]["key"].split(":")[1] if critical else None

    def open_pages(self) -> set[str]:
        latest = {page["key"]: page["action"] for page in self._stage.around.pagers.told}
        return {key for key, action in latest.items() if action == "trigger"}


async def _wait(since: float, what: Callable[[], bool]) -> float | None:
    while time.monotonic() - since < RECOVERY_SECONDS:
        if what():
            return round(time.monotonic() - since, 1)
        await asyncio.sleep(POLL_SECONDS)
    return None
