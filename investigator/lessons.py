"""What grouping has learned, as it is in the store: to be looked at, and to be forgotten."""

from __future__ import annotations

from collections.abc import Callable, Collection

from redis.asyncio import Redis
from redis.exceptions import WatchError

from investigator import keys
from investigator.cascade.confirmed import without
from investigator.models.cascade import Board
from investigator.store import begin


async def board_of(store: Redis) -> Board:
    document = await store.get(keys.BOARD)
    return Board.model_validate_json(document) if document else Board()


async def forget_edge(store: Redis, caller: str, callee: str | None) -> int:
    """Forget that the caller depends on the callee, or all that it is thought to depend on; how many."""

    def change(board: Board) -> Board:
        edges = tuple(e for e in board.edges if e.caller != caller or callee not in {None, e.callee})
        confirmed = (
            one.model_copy(update={"services": tuple(s for s in one.services if s != caller)})
            if callee in {None, one.root}
            else one
            for one in board.confirmed
        )
        return board.model_copy(
            update={"edges": edges, "confirmed": tuple(one for one in confirmed if one.services)}
        )

    before, after = await _change(store, change)
    return _edges(before) - _edges(after)


async def forget_incidents(store: Redis, incidents: Collection[str]) -> None:
    """Forget what people's word on these incidents has taught."""
    if incidents and any(one.incident in incidents for one in (await board_of(store)).confirmed):
        await _change(store, lambda board: without(board, incidents))


async def _change(store: Redis, change: Callable[[Board], Board]) -> tuple[Board, Board]:
    """The board before and after; triage may write it at the same time."""
    while True:
        async with store.pipeline(transaction=True) as pipe:
            await pipe.watch(keys.BOARD)
            document = await pipe.get(keys.BOARD)
            before = Board.model_validate_json(document) if document else Board()
            after = change(before)
            begin(pipe)
            pipe.set(keys.BOARD, after.model_dump_json())
            try:
                await pipe.execute()
            except WatchError:
                continue
            return before, after


def _edges(board: Board) -> int:
    return len(board.edges) + sum(len(one.services) for one in board.confirmed)
