"""GitHub: which credential reads which repository, what is left to it, and who writes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from bot.doctor.check import Check, Subject, failed, ok, skipped, warning
from investigator.deadline import Deadline
from investigator.errors import ConfigurationError, OutsideCallFailed
from investigator.github.choice import Purpose
from investigator.github.client import REPOSITORY_NAME, credentials_of
from investigator.github.credentials import App, Credential, Credentials
from investigator.github.inspection import THREADS, Budget, Inspector

T = TypeVar("T")
WITHIN_SECONDS = 12.0
LOW = 0.1  # of a budget
PURPOSES: tuple[Purpose, ...] = ("read", "write")
NO_REPOSITORY = "-/-"  # for tokens, which do not care
_TRY_AGAIN = "see GITHUB_API_URL, and try again when GitHub answers"
_REMEDIES = {
    "unauthorized": "make a new token or key on GitHub and set it: this one is refused",
    "forbidden": "give it the read permissions Contents, Pull requests and Deployments",
    "not_found": "correct the name in pilot.yml, or give one of the credentials access to the repository",
}


@dataclass(frozen=True, slots=True)
class _Looks:
    inspector: Inspector
    credentials: Credentials
    threads: ThreadPoolExecutor

    async def ask(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)


async def github(subject: Subject) -> AsyncIterator[Check]:
    settings = subject.settings
    yield _webhook_secret(bool(settings.github_webhook_secret))
    try:
        credentials = credentials_of(settings)
    except ConfigurationError as problem:
        yield failed("credentials", str(problem), "correct the file that GITHUB_APPS names")
        return
    if credentials is None:
        yield skipped(
            "credentials",
            "neither GITHUB_TOKEN nor GITHUB_APPS is set",
            "with one of them reports name the commits under suspicion, code and owners",
        )
        return
    inspector = Inspector(settings.github_api_url, Deadline.after(WITHIN_SECONDS))
    threads = ThreadPoolExecutor(THREADS, thread_name_prefix="doctor-github")
    try:
        async for check in _looked(_Looks(inspector, credentials, threads), _repositories(subject)):
            yield check
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        inspector.close()


def _repositories(subject: Subject) -> list[str]:
    named = (service.repository for service in subject.catalog.services)
    return sorted({name for name in named if name and REPOSITORY_NAME.fullmatch(name)})


async def _looked(looks: _Looks, repositories: list[str]) -> AsyncIterator[Check]:
    if not repositories:
        yield warning(
            "repositories",
            "no service of the catalogue has a repository, so no commit is ever looked at",
            "name `repository: owner/name` of each service in pilot.yml",
        )
    apps = (_known(looks, app) for app in looks.credentials.apps)
    budgets = (_budget(looks, each, name) for each, name in _each(looks, repositories).values())
    readable = (_readable(looks, name) for name in repositories)
    for check in await asyncio.gather(*apps, *budgets, *readable):
        yield check
    if repositories:
        yield _writer(looks.credentials, repositories[0])


def _each(looks: _Looks, repositories: list[str]) -> dict[str, tuple[Credential, str]]:
    """Every credential once, with a repository for which it can be asked."""
    found: dict[str, tuple[Credential, str]] = {
        token.fingerprint: (token, NO_REPOSITORY) for token in looks.credentials.tokens
    }
    for name in repositories:
        for purpose in PURPOSES:
            for credential in looks.credentials.candidates(name, purpose):
                found.setdefault(credential.fingerprint, (credential, name))
    return found


async def _known(looks: _Looks, app: App) -> Check:
    """Of every App, also of one that no repository of the catalogue needs."""
    try:
        name = await looks.ask(partial(looks.inspector.name, app))
    except OutsideCallFailed as failure:
        remedy = _REMEDIES["unauthorized"] if failure.kind == "unauthorized" else _TRY_AGAIN
        return failed(app.label, failure.detail, remedy)
    return ok(app.label, f"GitHub takes its key, and calls it {name}")


async def _budget(looks: _Looks, credential: Credential, repository: str) -> Check:
    title = f"{credential.label} ({credential.fingerprint})"
    try:
        budgets = await looks.ask(partial(looks.inspector.budgets, credential, repository))
    except OutsideCallFailed as failure:
        remedy = _REMEDIES.get(failure.kind, _TRY_AGAIN)
        return failed(title, failure.detail, remedy)
    words = ", ".join(f"{each.resource} {each.left:,} of {each.limit:,} left" for each in budgets)
    if any(map(_is_low, budgets)):
        return warning(
            title, words, "wait for the hour to end, or add a GitHub App, which has its own budget"
        )
    return ok(title, words)


def _is_low(budget: Budget) -> bool:
    return budget.left < LOW * budget.limit


async def _readable(looks: _Looks, repository: str) -> Check:
    title = f"repository {repository}"
    candidates = looks.credentials.candidates(repository, "read")
    if not candidates:
        return failed(
            title, "no credential is for its owner", "list the owner in GITHUB_APPS, or set a GITHUB_TOKEN"
        )
    last: OutsideCallFailed | None = None
    for credential in candidates:
        try:
            await looks.ask(partial(looks.inspector.can_read, credential, repository))
        except OutsideCallFailed as failure:
            last = failure
        else:
            return ok(title, f"is readable through {credential.label}")
    kind, detail = (last.kind, last.detail) if last else ("not_found", "")
    return failed(title, f"cannot be read: {detail}", _REMEDIES.get(kind, "try again when GitHub answers"))


def _writer(credentials: Credentials, repository: str) -> Check:
    readers = {each.fingerprint for each in credentials.candidates(repository, "read")}
    writers = credentials.candidates(repository, "write")
    if not writers:
        return skipped(
            "writer", "nothing may write", "with an App of the role `writer` fix PRs can be offered"
        )
    if any(each.fingerprint in readers for each in writers):
        return warning(
            "writer",
            f"{writers[0].label} reads and writes",
            "for writing use a GitHub App of its own with `role: writer` in GITHUB_APPS (docs/github.md)",
        )
    return ok("writer", f"{writers[0].label} writes, and does nothing else")


def _webhook_secret(given: bool) -> Check:
    if given:
        return ok("webhook secret", "is set")
    return skipped(
        "webhook secret",
        "GITHUB_WEBHOOK_SECRET is not set",
        "with it GitHub tells us of pushes and deploys, instead of being asked",
    )
