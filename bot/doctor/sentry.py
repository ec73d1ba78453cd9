"""Sentry: is what it sends believed, may we ask it, and does its integration lead here?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from typing import Any
from urllib.parse import quote, urlsplit

from bot.doctor.asking import Answer, NoAnswer, fetch
from bot.doctor.check import Check, Subject, failed, ok, skipped, warning
from investigator.catalog import Catalog
from investigator.sentry.pagination import next_cursor

NEEDED = frozenset({"event:read", "project:read"})
ROUTE = "/sentry/webhook"
PAGES = 10
_REFUSED = {
    401: "make a new token for the integration in Sentry and set SENTRY_AUTH_TOKEN to it",
    403: "give the integration the permissions Issue & Event: Read and Project: Read",
    404: "set SENTRY_ORG to the organization's slug, and SENTRY_URL to where it is",
}


async def sentry(subject: Subject) -> AsyncIterator[Check]:
    settings = subject.settings
    if settings.sentry_client_secret:
        many = len(settings.sentry_client_secret)
        yield ok("client secret", "is set" if many == 1 else f"{many} are set: any of them is believed")
    else:
        yield failed(
            "client secret",
            "SENTRY_CLIENT_SECRET is not set: every webhook would be refused",
            "copy it from Sentry's Settings → Developer Settings → your integration → Client Secret",
        )
    if settings.sentry_auth_token is None:
        yield skipped(
            "token",
            "SENTRY_AUTH_TOKEN and SENTRY_ORG are not set",
            "with both, webhooks that got lost are found and reports show the whole event",
        )
        return
    api = _Api(subject, settings.sentry_auth_token.get_secret_value())
    try:
        async for check in _asked(api, subject.catalog):
            yield check
    except NoAnswer as failure:
        yield failed("API", f"Sentry was not reached: {failure}", failure.remedy)


class _Api:
    def __init__(self, subject: Subject, token: str) -> None:
        self._session = subject.session
        self._base = f"{subject.settings.sentry_url}/api/0/"
        self._organization = f"organizations/{quote(subject.settings.sentry_org or '', safe='')}/"
        self._token = token

    async def root(self) -> Answer:
        return await fetch(self._session, self._base, token=self._token)

    async def of_organization(self, path: str) -> Answer:
        return await fetch(self._session, f"{self._base}{self._organization}{path}", token=self._token)

    async def knock(self, url: str) -> Answer:
        """What is answered to a webhook that nobody signed."""
        return await fetch(self._session, url, method="POST", body=b"{}")


async def _asked(api: _Api, catalog: Catalog) -> AsyncIterator[Check]:
    yield _scopes(await api.root())
    first = await api.of_organization("projects/?per_page=100")
    if first.status != 200 or not isinstance(first.payload, list):
        remedy = _REFUSED.get(first.status, "try again; if it stays, see SENTRY_URL and any proxy in between")
        yield failed("organization", f"its projects: HTTP {first.status}", remedy)
        return
    yield ok("organization", "answers, and the token may read its projects")
    slugs = await _slugs(api, first)
    for check in _projects(catalog, slugs):
        yield check
    issues = await api.of_organization("issues/?query=&limit=1")
    if issues.status == 200:
        yield ok("issues", "may be read")
    else:
        remedy = _REFUSED.get(issues.status, "try again when Sentry is well")
        yield failed("issues", f"cannot be read: HTTP {issues.status}", remedy)
    async for check in _integration(api):
        yield check


def _scopes(answer: Answer) -> Check:
    if answer.status == 401:
        return failed("token", "Sentry refuses it (401)", _REFUSED[401])
    auth = answer.payload.get("auth") if isinstance(answer.payload, dict) else None
    given = auth.get("scopes") if isinstance(auth, dict) else None
    if not isinstance(given, list):
        return skipped("scopes", "this Sentry does not tell what the token may do", "see the checks below")
    if missing := sorted(NEEDED - set(map(str, given))):
        return failed("scopes", f"the token lacks {', '.join(missing)}", _REFUSED[403])
    return ok("scopes", f"the token has {', '.join(sorted(NEEDED))}")


async def _slugs(api: _Api, first: Answer) -> frozenset[str]:
    slugs: set[str] = set()
    answer, cursor = first, None
    for _ in range(PAGES):
        rows = answer.payload if isinstance(answer.payload, list) else []
        slugs.update(str(row["slug"]) for row in rows if isinstance(row, dict) and "slug" in row)
        cursor = next_cursor(answer.headers.get("Link"))
        if cursor is None:
            break
        answer = await api.of_organization(f"projects/?per_page=100&cursor={quote(cursor)}")
    return frozenset(slugs)


def _projects(catalog: Catalog, slugs: Collection[str]) -> list[Check]:
    named = {project: service.name for service in catalog.services for project in service.sentry_projects}
    missing = sorted(set(named) - set(slugs))
    if missing:
        return [
            failed(
                f"project {project}",
                f"the catalogue gives it to {named[project]}, but Sentry does not have it",
                "correct sentry_projects in pilot.yml to the slug that Sentry shows in the project's address",
            )
            for project in missing
        ]
    return [ok("projects", f"all {len(named)} of the catalogue exist")] if named else []


async def _integration(api: _Api) -> AsyncIterator[Check]:
    answer = await api.of_organization("sentry-apps/")
    if answer.status != 200 or not isinstance(answer.payload, list):
        yield skipped(
            "integration",
            f"cannot be seen with this token (HTTP {answer.status})",
            "with the permission Organization: Read its webhook URL is checked as well",
        )
        return
    apps = [app for app in answer.payload if isinstance(app, dict)]
    ours = [app for app in apps if urlsplit(str(app.get("webhookUrl") or "")).path == ROUTE]
    if not ours:
        yield failed(
            "integration",
            f"no integration of the organization sends to {ROUTE}",
            f"set the webhook URL of your integration to https://YOUR-HOST{ROUTE}",
        )
        return
    for app in ours:
        yield _subscribed(app)
        yield await _leads_here(api, app)


def _subscribed(app: dict[str, Any]) -> Check:
    title = f"integration {app.get('slug', '')}".strip()
    if "issue" in (app.get("events") or []):
        return ok(title, "is subscribed to issues")
    if app.get("isAlertable"):
        return ok(title, "is not subscribed to issues, but alert rules may use it")
    return failed(
        title,
        "gets no webhooks: it is neither subscribed to issues nor usable in alert rules",
        "subscribe it to issue in Sentry, or switch on Alert Rule Action and add it to a rule",
    )


async def _leads_here(api: _Api, app: dict[str, Any]) -> Check:
    title, url = "webhook URL", str(app["webhookUrl"])
    remedy = f"make {url} lead to `pilot web`; from inside your network it may look different than to Sentry"
    try:
        answer = await api.knock(url)
    except NoAnswer as failure:
        return warning(title, f"is not reached from here: {failure}", remedy)
    said = answer.payload.get("error", "") if isinstance(answer.payload, dict) else ""
    if answer.status == 401 and "Sentry-Hook-Signature" in str(said):
        return ok(title, "leads to this program, which refuses what is not signed")
    return warning(title, f"answers an unsigned webhook with HTTP {answer.status}, as we would not", remedy)
