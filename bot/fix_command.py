"""`pilot fix INCIDENT | EVENT.json --dry-run`: the proposal that the button would open, as a diff."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from redis.exceptions import RedisError

from bot.incidents_command import store_address
from bot.investigate_command import Question, ask, code_host, service_asked_about
from investigator import store
from investigator.catalog import catalog_of
from investigator.composition import analyst_of
from investigator.deadline import Deadline
from investigator.errors import ConfigurationError, StoreUnavailable
from investigator.fixes.proposing import propose
from investigator.fixes.stored import stored_case
from investigator.github.client import GitHub, connect
from investigator.incidents import Incidents
from investigator.models.fix import NoProposal, Proposal
from investigator.models.incident import Findings
from investigator.models.service import Service
from investigator.models.suggestion import SuggestedFix
from investigator.settings import Settings
from investigator.suggesting import suggest

PROPOSAL_SECONDS = 60.0


async def proposed(settings: Settings, subject: str, options: Question) -> Proposal:
    """What would be opened for an incident (`42`, `#42`) or for a file of a Sentry payload.

    Raises:
        NoProposal: nothing is safe to propose.
        ConfigurationError: no such file or incident, or settings or catalogue are wrong.
        OutsideCallFailed: GitHub cannot be asked.
    """
    if _names_incident(subject):
        return await _for_incident(settings, subject.removeprefix("#"), options)
    question = replace(options, payload=_payload(subject), name=subject)
    service = service_asked_about(settings, question)
    async with code_host(settings, service, question) as (reachable, service):
        answer = await ask(reachable, replace(question, repo_path=None, repo=service.repository))
        return await _best(reachable, answer.findings, None, service, question)


async def _for_incident(settings: Settings, number: str, options: Question) -> Proposal:
    async with store.connect(store_address(settings)) as connection:
        try:
            case = await stored_case(Incidents(connection), number)
        except (RedisError, OSError) as error:
            raise StoreUnavailable(f"the store does not answer: {error}; is `pilot up` running?") from None
    catalog = catalog_of(settings)
    service = catalog.service(case.incident.service) or catalog.service_of(case.incident.project)
    async with code_host(settings, service, options) as (reachable, service):
        return await _best(reachable, case.findings, None if options.no_ai else case.fix, service, options)


async def _best(
    settings: Settings, findings: Findings, fix: SuggestedFix | None, service: Service, options: Question
) -> Proposal:
    async with _github(settings) as github:
        repository = github.repository(
            findings.code.repository or service.repository or "", Deadline.after(PROPOSAL_SECONDS)
        )
        revision = await repository.revision(options.head or "HEAD")
        if revision is None:
            raise NoProposal(f"{repository.name} has no {options.head or 'default branch'}")
        made = await propose(repository, findings, fix, head=revision.sha, rules=service.pull_requests)
        if made.offered or options.no_ai or fix is not None:
            return made.best
        # A model is asked only where the revert is not safe.
        fix = await suggest(analyst_of(settings).panel, github, findings, incident="0", run=0)
        made = await propose(repository, findings, fix, head=revision.sha, rules=service.pull_requests)
        return made.best


@asynccontextmanager
async def _github(settings: Settings) -> AsyncIterator[GitHub]:
    github = connect(settings)
    if github is None:
        raise NoProposal("no GitHub credentials: set GITHUB_TOKEN or GITHUB_APPS, or give --repo-path")
    try:
        yield github
    finally:
        github.close()


def _names_incident(subject: str) -> bool:
    return subject.removeprefix("#").isdigit() and not Path(subject).exists()


def _payload(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{name}: {error.strerror}; give an incident's number or a file") from None
