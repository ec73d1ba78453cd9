"""What one look at one thing found, and what every look is given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Literal

import aiohttp

from investigator.catalog import Catalog
from investigator.models.base import Value
from investigator.settings import Settings

Status = Literal["ok", "warning", "failed", "skipped"]


class Check(Value):
    """`what` was found. `remedy` says what to do, or for what was skipped which setting it would take."""

    area: str = ""
    name: str
    status: Status
    what: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked at."""

    settings: Settings
    catalog: Catalog
    session: aiohttp.ClientSession


Area = Callable[[Subject], AsyncIterator[Check]]


def ok(name: str, what: str) -> Check:
    return Check(name=name, status="ok", what=what)


def warning(name: str, what: str, remedy: str) -> Check:
    return Check(name=name, status="warning", what=what, remedy=remedy)


def failed(name: str, what: str, remedy: str) -> Check:
    return Check(name=name, status="failed", what=what, remedy=remedy)


def skipped(name: str, what: str, remedy: str) -> Check:
    return Check(name=name, status="skipped", what=what, remedy=remedy)
