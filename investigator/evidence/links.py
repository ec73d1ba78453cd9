"""Which links of the evidence may be shown as links. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from investigator.models.evidence import CodeEvidence
from investigator.models.sentry import SentryEvent, SentryIssue
from investigator.slack_text import safe_url


def with_own_links(code: CodeEvidence, event: SentryEvent | None, issue: SentryIssue | None) -> CodeEvidence:
    """Deploys keep their link only where it leads to the code host or to Sentry.

    GitHub and Sentry build the addresses of commits and issues themselves. Those of deploys and releases are
    whatever somebody's pipeline wrote there, and would stand in the channel under a name that people trust.
    """
    known = set(_hosts(code, event, issue))
    deploys = tuple(
        deploy if _host(deploy.url) in known else deploy.model_copy(update={"url": None})
        for deploy in code.deploys
    )
    return code.model_copy(update={"deploys": deploys})


def _hosts(code: CodeEvidence, event: SentryEvent | None, issue: SentryIssue | None) -> Iterator[str]:
    told = [thing.web_url for thing in (event, issue) if thing]
    mapped = [frame.permalink for frame in code.frames]
    for url in (*told, *mapped, *(commit.url for commit in code.commits)):
        if host := _host(url):
            yield host


def _host(url: str | None) -> str | None:
    address = safe_url(url)
    return urlsplit(address).hostname if address else None
