"""More than one process can work on: what is refused is refused at once, what is begun is in time."""

from __future__ import annotations

import asyncio

from redis.asyncio import Redis

from bot.admission import Admission
from investigator.spool import Spool
from tests.fixtures.webhook import Serve, deliveries, inbox_on


async def test_a_burst_is_worked_on_in_order_and_never_all_at_once() -> None:
    admission = Admission(at_once=2)
    rounds: list[list[int]] = []

    async def work(number: int) -> None:
        assert await admission.turn()
        rounds[-1].append(number)

    working = [asyncio.create_task(work(number)) for number in range(6)]
    while not all(task.done() for task in working):
        rounds.append([])
        await asyncio.sleep(0)

    assert [number for each in rounds for number in each] == list(range(6)), "overtaken by a later one"
    assert max(map(len, rounds)) <= 2, "no answer of the store could be read meanwhile"


def full(admission: Admission) -> bool:
    """A type checker takes for granted that a property stays as it was found."""
    return admission.is_full


async def test_the_line_grows_no_more_while_turns_come_late_and_is_open_again_when_it_is_empty() -> None:
    admission = Admission(at_once=1, wait=0.0)  # every turn is late
    waiting = [asyncio.create_task(admission.turn()) for _ in range(5)]
    await asyncio.sleep(0)
    assert not full(admission), "a burst was refused although no turn has come late yet"
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    assert full(admission), "more were let in although turns come late"
    await asyncio.gather(*waiting)
    burst = [asyncio.create_task(admission.turn()) for _ in range(5)]
    await asyncio.sleep(0)
    assert not full(admission), "a burst was refused for an overload that is over"
    await asyncio.gather(*burst)


async def test_whose_turn_comes_too_late_is_told_so() -> None:
    assert not await Admission(patience=0.0).turn()


async def test_what_is_too_much_is_refused_unread_and_can_come_again(
    serve: Serve, store: Redis, spool: Spool
) -> None:
    webhook = await serve(inbox_on(store, spool), admission=Admission(most_waiting=0))
    status, answer, headers = await webhook.post(b"not even signed")
    assert (status, headers["Retry-After"]) == (503, "5")
    assert "later" in answer["error"]
    assert await deliveries(store) == []


async def test_a_sender_that_was_refused_for_lateness_can_come_again(
    serve: Serve, store: Redis, spool: Spool
) -> None:
    webhook = await serve(inbox_on(store, spool), admission=Admission(patience=0.0))
    assert (await webhook.send())[0] == 503
    assert await deliveries(store) == []
