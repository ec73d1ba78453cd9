"""This machine: is there room on its disk, and does the spool keep what it is given?"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator

from bot.doctor.check import Check, Subject, failed, ok, warning
from investigator.spool import MAX_BYTES, RESERVE_BYTES, Spool, SpoolUnavailable

MIB = 1024 * 1024
AGAIN_SECONDS = 1.0


async def host(subject: Subject) -> AsyncIterator[Check]:
    directory = subject.settings.pilot_data_dir
    spool = Spool(directory / "spool")
    try:
        waiting = await spool.count()
        await _probed(spool)
    except SpoolUnavailable as error:
        yield failed(
            "spool", str(error), "give PILOT_DATA_DIR a directory that can be written, on a local disk"
        )
    else:
        yield ok("spool", f"takes a delivery and has it on disk; {waiting} wait in it")
        yield _room(shutil.disk_usage(directory).free)
    finally:
        await spool.close()


async def _probed(spool: Spool) -> None:
    """A disk that is late once may only have been busy; `pilot web` would answer 503 for that one."""
    try:
        await spool.probe()
    except SpoolUnavailable:
        await asyncio.sleep(AGAIN_SECONDS)
        await spool.probe()


def _room(free: int) -> Check:
    """Whether the spool may grow as large as it is allowed to. Pure; `free` is in bytes."""
    wanted = MAX_BYTES + RESERVE_BYTES
    if free >= wanted:
        return ok("disk", f"{free // MIB:,} MiB free")
    return warning(
        "disk",
        f"{free // MIB:,} MiB free, of which the spool may need {wanted // MIB}",
        "free some, or move PILOT_DATA_DIR: a full disk and a store that is away together lose webhooks",
    )
