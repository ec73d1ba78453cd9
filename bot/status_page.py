"""`GET /status`: how the bot is doing, for people. One page without scripts or anything from elsewhere."""

from __future__ import annotations

import functools
import importlib.resources
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from investigator import wording
from investigator.canary.level import DAYS, TARGET
from investigator.health.observer import Observer
from investigator.health.rules import findings
from investigator.health.snapshot import Snapshot
from investigator.health.words import tell_all, words

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class StatusPage:
    """Always 200: that the page is there is not the question it answers (`/readyz` is for machines)."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer

    async def show(self, _request: web.Request) -> web.Response:
        text = page(await self._observer.snapshot())
        return web.Response(text=text, content_type="text/html", headers=_HEADERS)


def page(snapshot: Snapshot) -> str:
    """The page. Pure."""
    return (
        _environment()
        .get_template("status.html.j2")
        .render(
            it=snapshot,
            flow=snapshot.flow,
            findings=tell_all(findings(snapshot)),
            at=datetime.fromtimestamp(snapshot.at, UTC),
            target=TARGET,
            days=DAYS,
        )
    )


@functools.cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(Path(str(importlib.resources.files("templates") / "health"))),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words(environment)
    environment.filters.update(utc=wording.utc, level=_level)
    return environment


def _level(share: Any) -> str:
    """A share as people compare service levels: `99.993%`, rounded down."""
    return f"{int(float(share) * 100_000) / 1000:.3f}%"
