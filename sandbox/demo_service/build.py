"""Turns the story into a repository and into what the code host remembers beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sandbox.demo_service.commits import Landed, write_commits
from sandbox.demo_service.host_history import host_history
from sandbox.demo_service.repository import RepositoryWriter
from sandbox.demo_service.story import Story, load_story

_PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class DemoService:
    """A generated service. The last deploy brought what lies between `base_sha` and `deployed_sha`.

    `history` is the JSON file of pull requests, deployments, releases and logins beside the repository.
    """

    repository: Path
    history: Path
    full_name: str
    now: datetime
    head_sha: str
    deployed_sha: str
    deployed_at: datetime
    base_sha: str
    culprit_sha: str
    culprit_pull_request: int


def build(directory: Path, *, now: datetime) -> DemoService:
    """Make `checkout.git` and `history.json` in `directory`; the same `now` gives the same ids.

    Raises ValueError when `now` has no time zone, FileExistsError when the repository is already there,
    DemoFailed when git is missing or refuses.
    """
    if now.tzinfo is None:
        raise ValueError("`now` needs a time zone: commits are made at absolute times")
    now = now.replace(microsecond=0)
    directory = directory.resolve()
    story = load_story()
    writer = RepositoryWriter.create(directory / "checkout.git")
    landed = write_commits(writer, story, now)
    tags = {f"refs/tags/{step.landing.release}": step.sha for step in landed if step.landing.release}
    writer.set_refs({"refs/heads/main": landed[-1].sha, **tags})
    history = directory / "history.json"
    document = host_history(story, landed, now)
    history.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return _service(story, landed, writer.path, history, now)


def _service(
    story: Story, landed: Sequence[Landed], repository: Path, history: Path, now: datetime
) -> DemoService:
    deploys: list[tuple[str, timedelta]] = [
        (step.sha, step.landing.deployed[_PRODUCTION])
        for step in landed
        if _PRODUCTION in step.landing.deployed
    ]
    culprit = next(
        step.sha
        for step in landed
        if step.landing.pull_request and step.landing.pull_request.number == story.culprit
    )
    return DemoService(
        repository=repository,
        history=history,
        full_name=story.repository,
        now=now,
        head_sha=landed[-1].sha,
        deployed_sha=deploys[-1][0],
        deployed_at=now - deploys[-1][1],
        base_sha=deploys[-2][0],
        culprit_sha=culprit,
        culprit_pull_request=story.culprit,
    )
