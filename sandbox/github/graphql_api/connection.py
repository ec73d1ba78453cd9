"""Cursor pagination as GitHub does it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

MAX_PAGE = 100


class Refusal(Exception):
    """An error the API answers with; `kind` is GitHub's word for it, such as NOT_FOUND."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class PageInfo:
    has_next: bool
    start: int
    count: int

    def source(self) -> dict[str, Any]:
        return {
            "hasNextPage": self.has_next,
            "hasPreviousPage": self.start > 0,
            "startCursor": cursor(self.start) if self.count else None,
            "endCursor": cursor(self.start + self.count - 1) if self.count else None,
        }


@dataclass(frozen=True)
class Connection:
    """One page of nodes; `total` counts all of them and is asked only when somebody wants to know."""

    nodes: Sequence[Any]
    page: PageInfo
    total: Callable[[], Awaitable[int]]

    async def totalCount(self, info: Any) -> int:  # noqa: N802 - GraphQL's name
        return await self.total()

    def pageInfo(self, info: Any) -> dict[str, Any]:  # noqa: N802 - GraphQL's name
        return self.page.source()

    def edges(self, info: Any) -> list[dict[str, Any]]:
        return [{"cursor": cursor(self.page.start + i), "node": node} for i, node in enumerate(self.nodes)]


def cursor(index: int) -> str:
    return base64.b64encode(f"cursor:{index}".encode()).decode()


def page_of(name: str, items: Sequence[Any], args: dict[str, Any]) -> Connection:
    """The page of `items` that first/after/last/before ask for."""
    start, end = _bounds(name, args, len(items))
    nodes = items[start:end]

    async def total() -> int:
        return len(items)

    return Connection(nodes, PageInfo(end < len(items), start, len(nodes)), total)


async def page_from(
    name: str,
    args: dict[str, Any],
    fetch: Callable[[int, int], Awaitable[Sequence[Any]]],
    total: Callable[[], Awaitable[int]],
) -> Connection:
    """Like `page_of` for lists too long to hold: `fetch(skip, limit)` reads one page."""
    if args.get("first") is not None:
        start, end = _bounds(name, args, None)
    else:
        start, end = _bounds(name, args, await total())
    nodes = await fetch(start, end - start + 1)
    shown = nodes[: end - start]
    return Connection(shown, PageInfo(len(nodes) > len(shown), start, len(shown)), total)


def _bounds(name: str, args: dict[str, Any], total: int | None) -> tuple[int, int]:
    first, last = args.get("first"), args.get("last")
    _check(name, first, last)
    after, before = args.get("after"), args.get("before")
    start = _index(after) + 1 if after else 0
    limit = total
    if before:
        limit = _index(before) if limit is None else min(limit, _index(before))
    if first is not None:
        end = start + first
        return start, end if limit is None else max(start, min(end, limit))
    stop = limit or 0
    return max(start, stop - (last or 0)), stop


def _check(name: str, first: int | None, last: int | None) -> None:
    if first is None and last is None:
        message = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
        raise Refusal("MISSING_PAGINATION_BOUNDARIES", message)
    for word, value in (("first", first), ("last", last)):
        if value is not None and value > MAX_PAGE:
            message = (
                f"Requesting {value} records on the `{name}` connection exceeds "
                f"the `{word}` limit of {MAX_PAGE} records."
            )
            raise Refusal("EXCESSIVE_PAGINATION", message)
        if value is not None and value < 0:
            raise Refusal(
                "INVALID_PAGINATION", f"`{word}` on the `{name}` connection cannot be less than zero."
            )


def _index(text: str) -> int:
    try:
        decoded = base64.b64decode(text, validate=True)
    except binascii.Error:
        decoded = b""
    word, _, index = decoded.partition(b":")
    if word != b"cursor" or not index.isdigit() or len(index) > 9:
        raise Refusal("INVALID_CURSOR_ARGUMENTS", f"`{text}` does not appear to be a valid cursor.")
    return int(index)
