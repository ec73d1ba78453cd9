"""What a pull request and its commit say: templates, with text from outside made harmless for GitHub."""

from __future__ import annotations

import functools
import importlib.resources
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from investigator import wording
from investigator.models.fix import Proposal
from investigator.models.incident import Incident
from investigator.models.report import Report
from investigator.redaction import Vault, redact
from investigator.slack_text import clean, safe_url

TITLE_LIMIT = 120
_SPEAKING = re.compile(r"(?<=[@#])(?=\w)|(?<=\bGH)(?=-\d)|(?<=:)(?=//)", re.IGNORECASE)
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~>-])")
_TICKS = re.compile(r"`+")


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


def plain(text: str, limit: int = 200) -> str:
    """One line for titles and commit messages: it names nobody, links nothing and closes no issue."""
    return wording.clip(_SPEAKING.sub(" ", wording.one_line(clean(text))), limit)


def prose(text: str, limit: int = 2_000) -> str:
    """A paragraph of Markdown that shows `text` as it is."""
    escaped = _MARKUP.sub(r"\\\1", plain(text, limit)).replace("&", "&amp;").replace("<", "&lt;")
    return escaped


def code(text: str, limit: int = 300) -> str:
    """A code span; nothing in it is a mention, a link or markup."""
    shown = wording.clip(wording.one_line(clean(text)), limit)
    ticks = "`" * (1 + max((len(run) for run in _TICKS.findall(shown)), default=0))
    return f"{ticks} {shown} {ticks}" if shown else ""


def _macro(template: str, name: str) -> Callable[..., str]:
    module: Any = _environment().get_template(f"{template}.j2").module
    made: Callable[..., str] = getattr(module, name)
    return made


@functools.cache
def _environment() -> ImmutableSandboxedEnvironment:
    directory = Path(str(importlib.resources.files("templates") / "pull_requests"))
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(directory),
        undefined=StrictUndefined,
        autoescape=False,  # it makes Markdown; whatever is not ours goes through the filters below
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        plain=plain,
        prose=prose,
        code=code,
        percent=wording.percent,
        utc=wording.utc,
        listing=wording.listing,
    )
    environment.globals.update(count=wording.count, safe_url=safe_url)
    return environment
