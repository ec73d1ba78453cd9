"""Code mappings: does a frame of a recent error resolve to a file of the service's repository?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from bot.doctor.check import Check, Subject, failed, ok, skipped, warning
from investigator.composition import outside_of
from investigator.deadline import Deadline
from investigator.errors import ConfigurationError, OutsideCallFailed
from investigator.evidence.questions import likely_paths
from investigator.github.client import GitHub
from investigator.models.sentry import SentryEvent, SentryIssue
from investigator.models.service import Service
from investigator.sentry.client import SentryClient
from investigator.stack_paths import frames_of_interest, resolve

WITHIN_SECONDS = 12.0
RECENT = timedelta(days=14)
SERVICES = 10
LATER = "look again when it has had an error"


async def code_mappings(subject: Subject) -> AsyncIterator[Check]:
    try:
        outside = outside_of(subject.settings, subject.session)
    except ConfigurationError as problem:
        yield skipped("frames", str(problem), "correct it first")
        return
    services = [service for service in subject.catalog.services if service.repository][:SERVICES]
    if outside.sentry is None or outside.github is None or not services:
        yield skipped(
            "frames",
            "needs Sentry's token, GitHub's credentials and a service with a repository",
            "with all three, a recent error of each service is laid over its repository",
        )
    else:
        async for check in _mapped(services, outside.sentry, outside.github):
            yield check
    if outside.github:
        outside.github.close()


async def _mapped(services: list[Service], sentry: SentryClient, github: GitHub) -> AsyncIterator[Check]:
    deadline, now = Deadline.after(WITHIN_SECONDS), datetime.now(UTC)
    try:
        page = await sentry.issues_page(now - RECENT, now, deadline=deadline)
    except OutsideCallFailed as failure:
        yield skipped("frames", f"no recent error to look at: {failure}", "see the checks of Sentry")
        return
    looks = [_look(service, page.issues, sentry, github, deadline) for service in services]
    for check in await asyncio.gather(*looks):
        yield check


async def _look(
    service: Service,
    issues: tuple[SentryIssue, ...],
    sentry: SentryClient,
    github: GitHub,
    deadline: Deadline,
) -> Check:
    title = f"frames of {service.name}"
    issue = next((each for each in issues if each.project in service.sentry_projects), None)
    if issue is None:
        return skipped(title, f"no error in {RECENT.days} days", LATER)
    try:
        event = await sentry.event(issue.id, deadline=deadline)
        return await _resolved(title, service, event, github, deadline)
    except OutsideCallFailed as failure:
        return warning(title, f"could not be looked at: {failure}", "see the checks of Sentry and GitHub")


async def _resolved(
    title: str, service: Service, event: SentryEvent, github: GitHub, deadline: Deadline
) -> Check:
    frames = frames_of_interest(event)
    paths = likely_paths(frames, service)
    if not paths:
        return skipped(title, "its newest error has no frame of its own code", LATER)
    repository = github.repository(service.repository or "", deadline)
    facts = await repository.head_facts(environments=(), until=datetime.now(UTC), probes=paths)
    for frame in frames:
        match = resolve(frame, tree=facts.existing, service=service, complete=False)
        if match.path:
            return ok(title, f"{frame.filename or frame.module} is {match.path}")
    named = frames[0].abs_path or frames[0].filename or frames[0].module
    return failed(
        title,
        f"{named} is no file of {service.repository}",
        "set `stack_root` and `path` of the service in pilot.yml, or upload source maps to Sentry",
    )
