"""This machine: is there room on its disk, and does the spool keep what it is given?"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from bot.doctor.check import Check, Subject, failed, ok, warning
from investigator.secret_files import empty_secrets, read_secrets
from investigator.settings import Settings
from investigator.spool import MAX_BYTES, RESERVE_BYTES, Spool, SpoolUnavailable

MIB = 1024 * 1024
AGAIN_SECONDS = 1.0


async def host(subject: Subject) -> AsyncIterator[Check]:
    if secrets := subject.settings.pilot_secrets_dir:
        yield _secret_files(secrets, frozenset(read_secrets(secrets)), empty_secrets(secrets))
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


def _secret_files(directory: Path, filled: frozenset[str], empty: frozenset[str]) -> Check:
    """What the files of PILOT_SECRETS_DIR set. Pure."""
    unknown = sorted(name.upper() for name in (filled | empty) - set(Settings.model_fields))
    if unknown:
        return warning(
            "secret files",
            f"{directory}: no setting is called {', '.join(unknown)}",
            "name each file like its setting in .env.example, or take it out",
        )
    if empty:
        names = ", ".join(sorted(name.upper() for name in empty))
        return warning("secret files", f"{directory}: {names} set nothing", "fill them, or take them out")
    return ok("secret files", f"{len(filled)} settings from {directory}")


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
