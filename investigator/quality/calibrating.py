"""The calibration in the store: fitted anew by the clock, read whenever a model was asked."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog
from pydantic import ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from investigator import keys
from investigator.quality.calibration import NOTHING_GRADED, Calibration, calibration
from investigator.quality.journal import read

log = structlog.get_logger()

LOOKED_BACK = timedelta(days=180)
PATIENCE_SECONDS = 0.25  # of an analysis's budget


async def calibrate(store: Redis, now: datetime) -> bool:
    """Learn from what was graded in the last half year; whether that changed anything."""
    before = await current(store)
    found = calibration(await read(store, now - LOOKED_BACK), before, at=now)
    if found is before:
        return False
    await store.set(keys.CALIBRATION, found.model_dump_json())
    log.info("calibrated", version=found.version, graded=dict(found.graded), curves=sorted(found.curves))
    return True


async def current(store: Redis) -> Calibration:
    """The newest one; that of nothing graded where there is none, or none that can be read."""
    kept = await store.get(keys.CALIBRATION)
    try:
        return Calibration.model_validate_json(kept) if kept else NOTHING_GRADED
    except ValidationError as error:
        log.warning("calibration_unreadable", error=error.errors()[0]["msg"])
        return NOTHING_GRADED


async def current_in_time(store: Redis) -> Calibration:
    """The same for an analysis, which no store that is slow or away may stop: it is shown as it was said."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await current(store)
    except (RedisError, OSError) as error:
        log.warning("calibration_unknown", error=str(error) or "the store was too slow")
        return NOTHING_GRADED
