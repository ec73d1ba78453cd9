"""What a pull request and its commit say: templates, with text from outside made harmless for GitHub."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment

from investigator import wording
from investigator.markdown_text import markdown_environment
from investigator.models.fix import Proposal
from investigator.models.incident import Incident
from investigator.models.report import Report
from investigator.redaction import Vault, redact

TITLE_LIMIT = 120


def summary(proposal: Proposal) -> str:
    """What it does and why, in one line for a terminal."""
    return wording.one_line(_macro("words", "summary")(proposal))


def title(proposal: Proposal) -> str:
    """Of the pull request, one line."""
    return wording.clip(wording.one_line(_macro("pull_request", "title")(proposal)), TITLE_LIMIT)


def commit_message(proposal: Proposal, incident: Incident) -> str:
    """The first line is its headline."""
    return _macro("pull_request", "message")(proposal, incident).strip()


def body(proposal: Proposal, incident: Incident, report: Report) -> str:
    """Of the pull request, in Markdown. Secrets are hidden."""
    at = incident.parent
    thread = f"https://slack.com/archives/{at.channel}/p{at.ts.replace('.', '')}" if at else None
    whole = _macro("pull_request", "body")(proposal, incident, report, thread).strip()
    return redact(whole, Vault(), emails=False, ips=False)


def _macro(template: str, name: str) -> Callable[..., str]:
    module: Any = _environment().get_template(f"{template}.j2").module
    made: Callable[..., str] = getattr(module, name)
    return made


@functools.cache
def _environment() -> ImmutableSandboxedEnvironment:
    return markdown_environment("pull_requests")
