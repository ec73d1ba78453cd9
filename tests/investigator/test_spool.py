"""What the spool took is there after any crash, in order, until it was drained."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from investigator.delivery_codec import Fields
from investigator.spool import Spool, SpoolFull, SpoolUnavailable


def numbered(number: int, size: int = 0) -> Fields:
    return {
        b"body": b"%d" % number + b"." * size,
        b"headers": b"{}",
        b"received_at": b"1",
        b"origin": b"webhook",
    }


async def numbers(spool: Spool) -> list[int]:
    return [int(item.fields[b"body"].rstrip(b".")) for item in await spool.oldest(100_000)]


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    spool = Spool(tmp_path)
    yield spool
    await spool.close()


async def test_it_gives_back_in_order_what_it_took_until_removed(spool: Spool) -> None:
    await spool.append([numbered(1), numbered(2)])
    await spool.append([numbered(3)])

    first, second, third = await spool.oldest(10)
    assert first.fields == numbered(1)
    assert await numbers(spool) == [1, 2, 3], "the order of arrival was not kept"
    assert await spool.oldest(1) == [first]

    await spool.remove([first.place, second.place])
    assert await numbers(spool) == [3]
    assert await spool.count() == 1
    assert third.place > second.place > first.place


WRITER = """
import asyncio, sys
from pathlib import Path
from investigator.spool import Spool
async def main():
    spool = Spool(Path(sys.argv[1]))
    for number in range(1_000_000):
        body = b"%d" % number + b"." * 3000
        await spool.append([{b"body": body, b"headers": b"{}", b"received_at": b"1", b"origin": b"webhook"}])
        print(number, flush=True)
asyncio.run(main())
"""


def _confirmed_before_being_killed(directory: Path) -> list[int]:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(directory)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        confirmed = [int(writer.stdout.readline()) for _ in range(40)]
        writer.send_signal(signal.SIGKILL)
        return confirmed + [int(line) for line in writer.stdout]


async def test_nothing_confirmed_is_lost_when_its_process_is_killed(tmp_path: Path, spool: Spool) -> None:
    confirmed = await asyncio.to_thread(_confirmed_before_being_killed, tmp_path)

    kept = await numbers(spool)
    assert kept[: len(confirmed)] == confirmed, "a confirmed delivery was gone after kill -9"
    assert len(kept) <= len(confirmed) + 1


@pytest.mark.parametrize("damage", ["cut", "flipped"])
async def test_a_torn_tail_costs_only_what_was_never_whole(tmp_path: Path, spool: Spool, damage: str) -> None:
    for number in range(5):
        await spool.append([numbered(number, size=2000)])
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for name in ("spool.sqlite3", "spool.sqlite3-wal"):
        shutil.copy(tmp_path / name, crashed / name)
    log = crashed / "spool.sqlite3-wal"
    whole = log.read_bytes()
    log.write_bytes(whole[:-100] if damage == "cut" else whole[:-100] + bytes(100))

    survivor = Spool(crashed)
    assert await numbers(survivor) == [0, 1, 2, 3], "the good prefix was not kept"
    await survivor.append([numbered(9)])
    assert await numbers(survivor) == [0, 1, 2, 3, 9]
    await survivor.close()


async def test_two_processes_share_one_spool_and_one_of_them_drains(tmp_path: Path, spool: Spool) -> None:
    other = Spool(tmp_path)
    await asyncio.gather(*(s.append([numbered(n)]) for n in range(20) for s in (spool, other)))

    assert sorted(await numbers(other)) == sorted([*range(20), *range(20)])
    async with spool.draining() as mine, other.draining() as theirs:
        assert (mine, theirs) == (True, False), "two drained at once: the order would not hold"
    async with other.draining() as theirs:
        assert theirs, "the drain was not handed on"
    await other.close()


async def test_a_full_spool_refuses_keeps_what_it_has_and_takes_again_after_draining(tmp_path: Path) -> None:
    spool = Spool(tmp_path, max_bytes=1024 * 1024)
    taken = 0

    async def fill() -> None:
        nonlocal taken
        while True:
            await spool.append([numbered(taken, size=20_000)])
            taken += 1

    with pytest.raises(SpoolFull, match="bring the store back, or free disk space"):
        await fill()

    assert 30 < taken < 60, "the limit is not where it was set"
    assert await numbers(spool) == list(range(taken)), "being full cost something that was confirmed"
    await spool.remove([item.place for item in await spool.oldest(10)])
    await spool.append([numbered(taken, size=20_000)])
    assert (await numbers(spool))[-1] == taken
    await spool.close()


async def test_a_directory_that_cannot_be_written_is_unavailable_and_usable_once_it_can(
    tmp_path: Path,
) -> None:
    in_the_way = tmp_path / "data"
    in_the_way.write_text("a file where a directory should be")
    spool = Spool(in_the_way)
    with pytest.raises(SpoolUnavailable, match="does not work"):
        await spool.append([numbered(1)])

    in_the_way.unlink()
    await spool.append([numbered(2)])
    assert await numbers(spool) == [2]
    await spool.close()


async def test_a_disk_that_hangs_is_reported_in_time_and_not_waited_for_again(spool: Spool) -> None:
    loop = asyncio.get_running_loop()
    disk_is_back = threading.Event()
    hanging = asyncio.ensure_future(spool._in_thread(disk_is_back.wait))
    started = loop.time()
    with pytest.raises(SpoolUnavailable, match="took longer"):
        await spool.append([numbered(1)])
    with pytest.raises(SpoolUnavailable, match="does not answer"):
        await spool.append([numbered(2)])
    assert loop.time() - started < 0.8, "a hung disk was waited for twice"

    disk_is_back.set()
    await hanging
    assert await spool.count() == 1, "the late write was made all the same"
    await spool.append([numbered(3)])
    assert await numbers(spool) == [1, 3]


async def test_room_for_draining_is_never_used_up(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    await spool.append([numbered(1)])
    await spool.close()
    spool = Spool(tmp_path, reserve_bytes=shutil.disk_usage(tmp_path).total)
    with pytest.raises(SpoolFull, match="free disk space"):
        await spool.append([numbered(2)])
    with pytest.raises(SpoolFull):
        await spool.probe()
    await spool.remove([item.place for item in await spool.oldest(10)])
    assert await spool.count() == 0
    await spool.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """64 MiB, where root may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


async def test_a_disk_that_the_spool_filled_can_still_be_drained(small_disk: Path) -> None:
    spool = Spool(small_disk)

    async def fill() -> None:
        while True:
            await spool.append([numbered(1, size=100_000)] * 10)

    with pytest.raises(SpoolFull):
        await fill()
    while batch := await spool.oldest(64):
        await spool.remove([item.place for item in batch])
    await spool.append([numbered(1)])
    await spool.close()


async def test_processes_that_start_on_a_new_spool_at_the_same_moment_all_get_in(tmp_path: Path) -> None:
    for number in range(10):
        spools = [Spool(tmp_path / str(number)) for _ in range(6)]
        await asyncio.gather(*(spool.append([numbered(n)]) for n, spool in enumerate(spools)))
        assert await spools[0].count() == 6
        await asyncio.gather(*(spool.close() for spool in spools))
