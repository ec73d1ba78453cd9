"""When webhooks told what was deployed, head and base are known before anything is asked.

Then the questions about both can be one. Nothing is decided here: what GitHub says of deployments is asked
for in the same breath, and whatever was guessed wrong is simply asked for again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from investigator.errors import OutsideCallFailed
from investigator.evidence import calls
from investigator.evidence.asking import Span
from investigator.evidence.commits import paths_to_trace
from investigator.evidence.deploys import Choice, in_words, ran
from investigator.github.documents import HeadQuestion, RangeQuestion
from investigator.github.repository import Repository
from investigator.models.base import Value
from investigator.models.evidence import Deploy

log = structlog.get_logger(__name__)

FILES_GUESSED = 20  # most of them are not there, which costs GitHub little


class Ends(Value):
    head: Choice
    base: Choice


def ends_of(
    told: tuple[Deploy, ...], environments: tuple[str, ...], release: str | None, moment: datetime
) -> Ends | None:
    """What ran at `moment` and what ran before it, by deploys told of; None when they do not say.

    `release` is the full SHA that the event names, if it does.
    """
    deployed = [each for each in ran(told) if not environments or each.environment in environments]
    running = [each for each in deployed if each.at and each.at <= moment]
    heads = [each for each in running if release in (None, each.sha)]
    if not heads:
        return None
    head = heads[0]
    bases = [each for each in running if each.at and head.at and each.at < head.at and each.sha != head.sha]
    return Ends(head=_choice(head), base=_choice(bases[0])) if bases else None


async def look_ahead(
    repository: Repository,
    head: HeadQuestion,
    *,
    release: str | None,
    folder: str | None,
    blind: timedelta,
) -> None:
    """Ask in two requests what would else be asked in three; failures are left to the questions proper."""
    try:
        told = await repository.deploys_told()
        ends = ends_of(told, head.environments, release, head.until)
        if ends is None:
            return
        comparison = await repository.compare(ends.base.sha, ends.head.sha)
        if not comparison.total_commits or not comparison.commits_complete:
            return
        changed = {change.path for change in comparison.files}
        files = tuple(sorted(head.probes, key=lambda path: path not in changed)[:FILES_GUESSED])
        there = tuple(path for path in files if path in changed)
        traced = paths_to_trace(there, comparison, folder)
        span = Span(head=ends.head, base=ends.base, comparison=comparison)
        ranged = RangeQuestion(
            head=ends.head.sha,
            since=span.since(blind, head.until),
            files=files,
            touched=tuple(dict.fromkeys((*files, *traced))),
            read=calls.to_read(traced, files),
        )
        await repository.look_ahead(head, ranged)
    except OutsideCallFailed as failure:
        log.info("nothing_seen_ahead", repository=repository.name, error=str(failure))


def _choice(deploy: Deploy) -> Choice:
    return Choice(sha=deploy.sha or "", how=in_words(deploy), at=deploy.at, deploy=deploy)
