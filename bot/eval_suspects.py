"""Runs cases of suspects through what `pilot investigate` does, with clones as the code host."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from bot.eval_baselines import blamed_by_rules
from bot.local_code_host import local_name, served_locally
from investigator.catalog import Catalog, catalog_of
from investigator.deadline import Deadline
from investigator.errors import BadPayload
from investigator.evaluation.suspect_cases import SuspectCase
from investigator.evaluation.suspect_figures import Verdict, unjudged, verdict
from investigator.gathering import Outside, find_out
from investigator.github.client import GitHub, connect
from investigator.models.incident import Findings
from investigator.models.sentry import SentryEvent
from investigator.models.service import Service
from investigator.opening import project_of
from investigator.sentry.parse import parse_any, read_object
from investigator.settings import Settings
from sandbox.github.git import Git, GitFailed

# What is measured is the ranking, not this machine: a busy one must not make evidence late.
BUDGET_SECONDS = 600.0
PATIENCE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Places:
    """Paths of events are relative to `events`, clones to `repos`."""

    events: Path
    repos: Path


@dataclass(frozen=True, slots=True)
class _Bench:
    github: GitHub | None
    catalog: Catalog
    places: Places
    names: dict[str, str]  # folder → owner/name it is served under


async def evaluate(
    settings: Settings,
    cases: Sequence[SuspectCase],
    places: Places,
    *,
    jobs: int,
    negatives: bool,
    done: Callable[[Verdict], None],
) -> list[Verdict]:
    """A verdict for each case in their order, with `negatives` one more after it; `done` hears at once.

    Raises:
        ConfigurationError: settings or catalogue are wrong.
    """
    names, absent = await _clones({case.repo for case in cases}, places.repos)
    clones = {name: places.repos / folder for folder, name in names.items()}
    turns = asyncio.Semaphore(jobs)
    async with served_locally(settings, clones) as reachable:
        bench = _Bench(connect(reachable, patience=PATIENCE_SECONDS), catalog_of(settings), places, names)

        async def take(case: SuspectCase) -> list[Verdict]:
            async with turns:
                if case.repo in absent:
                    done(found := unjudged(case, *absent[case.repo]))
                    return [found]
                return [each async for each in _judged(bench, case, negatives=negatives, done=done)]

        try:
            verdicts = await asyncio.gather(*(take(case) for case in cases))
        finally:
            if bench.github:
                bench.github.close()
    return [each for found in verdicts for each in found]


async def _clones(
    folders: set[str], repos: Path
) -> tuple[dict[str, str], dict[str, tuple[Literal["skipped", "error"], str]]]:
    """A name for each folder that can be served; status and reason for the cases of each that cannot."""
    names: dict[str, str] = {}
    absent: dict[str, tuple[Literal["skipped", "error"], str]] = {}
    for folder in sorted(folders):
        path = repos / folder
        if not await asyncio.to_thread(path.is_dir):
            absent[folder] = "skipped", f"there is no clone at {path}"
            continue
        try:
            await Git(path).directory()
        except GitFailed as failure:
            absent[folder] = "error", f"{path} is not a git repository that git can read: {failure}"
            continue
        name = local_name(folder)
        taken = {each.lower() for each in names.values()}  # as GitHub compares names
        names[folder] = name if name.lower() not in taken else f"{name}-{len(names)}"
    return names, absent


async def _judged(
    bench: _Bench, case: SuspectCase, *, negatives: bool, done: Callable[[Verdict], None]
) -> AsyncIterator[Verdict]:
    git = Git(bench.places.repos / case.repo)
    found = await _verdict(bench, git, case)
    done(found)
    yield found
    if not negatives or found.status != "ok" or not found.guilty:
        return
    try:
        base = await _first_with_fault(git, case)
    except GitFailed as failure:
        found = unjudged(case.after(case.base), "error", str(failure))
        done(found)
        yield found
        return
    if base:
        found = await _verdict(bench, git, case.after(base))
        done(found)
        yield found


async def _verdict(bench: _Bench, git: Git, case: SuspectCase) -> Verdict:
    started = time.monotonic()
    try:
        event = await asyncio.to_thread(_event, case, bench.places.events)
        for revision in (case.base, case.head, *case.truth.commits):
            await git.run("cat-file", "-e", f"{revision}^{{commit}}")
        service = bench.catalog.service_of(project_of(event, None))
        service = service.model_copy(update={"repository": bench.names[case.repo]})
        findings = await _findings(bench.github, service, event, case)
        blamed = await blamed_by_rules(
            git, event, service, findings.code.frames, base=case.base, head=case.head
        )
    except (BadPayload, GitFailed) as error:
        return unjudged(case, "error", str(error))
    except Exception as error:  # noqa: BLE001 - a case that breaks us is told, and costs no other its verdict
        return unjudged(case, "error", f"{type(error).__name__}: {error}")
    return verdict(case, findings.ranking).model_copy(
        update={
            "blamed": {rule: case.truth.names(sha) for rule, sha in blamed.items()},
            "gaps": tuple(f"{gap.what}: {gap.why}" for gap in findings.code.gaps),
            "requests": findings.code.requests,
            "seconds": round(time.monotonic() - started, 3),
        }
    )


async def _findings(
    github: GitHub | None, service: Service, event: SentryEvent, case: SuspectCase
) -> Findings:
    return await find_out(
        Outside(sentry=None, github=github),
        service,
        event=event,
        issue=None,
        issue_id=event.issue_id,
        at=event.occurred_at or datetime.now(UTC),
        deadline=Deadline.after(BUDGET_SECONDS),
        base=case.base,
        head=case.head,
    )


def _event(case: SuspectCase, folder: Path) -> SentryEvent:
    """Raises BadPayload."""
    if isinstance(case.event, str):
        path = folder / case.event
        try:
            payload = path.read_bytes()
        except (OSError, ValueError) as error:  # ValueError: no path at all
            raise BadPayload(f"event: {path}: cannot be read: {error}") from None
    else:
        payload = json.dumps(case.event).encode()
    event, _ = parse_any(read_object(payload))
    if event is None:
        raise BadPayload("the payload has an issue but no event")
    return event


async def _first_with_fault(git: Git, case: SuspectCase) -> str | None:
    """The oldest commit on the main line that has every guilty commit; None when it is `head` itself.

    A culprit on a branch comes in by its merge, which is as guilty as it is.
    """
    line = (await git.text("rev-list", "--first-parent", f"{case.base}..{case.head}")).split()
    oldest = None
    for sha in line:
        for guilty in case.truth.commits:
            missing = await git.text("rev-list", "--max-count=1", guilty, "--not", sha)
            if missing.strip():
                return oldest
        oldest = sha if sha != line[0] else None
    return oldest
