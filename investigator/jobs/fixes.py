"""Pull requests that mend a cause: suggested, prepared, opened, followed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from investigator import suggesting
from investigator.composition import Program
from investigator.fixes import following, opening, preparing
from investigator.jobs.carrying import alone, tries_left, with_program
from investigator.models.fix import FixRequest


def suggest_fix(incident_id: str, run: int) -> None:
    """Have a change of code suggested for what a run found out."""

    async def work(program: Program) -> None:
        await suggesting.suggest_fix(program, incident_id, run)

    alone(incident_id, work)


def prepare_fix(incident_id: str, user: str, view_id: str, slug: str) -> None:
    """Fill the dialog behind *Open fix PR*."""

    async def work(program: Program) -> None:
        await preparing.prepare(program, incident_id, user, view_id, slug)

    with_program(work)


def open_fix(request: dict[str, Any]) -> None:
    """Open a pull request that a person confirmed."""
    confirmed = FixRequest.model_validate(request, extra="ignore")

    async def work(program: Program) -> None:
        await opening.open_fix(program, confirmed, last_try=tries_left() == 0)

    alone(confirmed.incident, work)


def follow_fixes() -> None:
    """Look what became of the pull requests that were opened; each incident on its own."""

    async def work(program: Program) -> None:
        for incident_id in await following.incidents_followed(program.store):
            await program.jobs.follow_fix(incident_id)

    with_program(work)


def follow_fix(incident_id: str) -> None:
    """Tell what became of an incident's pull requests."""

    async def work(program: Program) -> None:
        await following.follow(program, incident_id, datetime.now(UTC))

    alone(incident_id, work)
