"""Commits the story, the way the host would have merged it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sandbox.demo_service.repository import RepositoryWriter, Signature
from sandbox.demo_service.story import Landing, Person, Story

# Whoever presses the merge button, the host commits.
_WEB_FLOW = Person(name="GitHub", email="noreply@github.com", login="web-flow", zone="+0000")


@dataclass(frozen=True, slots=True)
class Landed:
    """`sha` is the tip of the main branch afterwards; `commits` are those made by people, oldest first."""

    landing: Landing
    sha: str
    commits: tuple[str, ...]


def write_commits(writer: RepositoryWriter, story: Story, now: datetime) -> list[Landed]:
    """Raises DemoFailed when a patch does not apply."""
    landed: list[Landed] = []
    host = _Host(writer, now)
    for landing in story.history:
        tip = landed[-1].sha if landed else None
        pull = landing.pull_request
        if pull and pull.merge == "merge" and tip:
            base = next(step.sha for step in reversed(landed) if step.landing.ago > landing.changes[0].ago)
            commits = host.branch(landing, base)
            message = f"Merge pull request #{pull.number} from acme/{pull.branch}\n\n{pull.title}"
            landed.append(Landed(landing, host.land(landing, message, [tip, commits[-1]]), commits))
        else:
            message = f"{pull.title} (#{pull.number})\n\n{pull.body}" if pull else landing.changes[0].message
            sha = host.land(landing, message, [tip] if tip else [])
            landed.append(Landed(landing, sha, (sha,)))
    return landed


@dataclass(frozen=True, slots=True)
class _Host:
    writer: RepositoryWriter
    now: datetime

    def branch(self, landing: Landing, base: str) -> tuple[str, ...]:
        """The commits of a pull request as they were pushed, on top of `base`."""
        tips = [base]
        for change in landing.changes:
            tree = self.writer.tree_after(tips[-1], [change.patch])
            author = Signature(landing.by, self.now - change.ago)
            tips.append(self.writer.commit(tree, tips[-1:], change.message, author, author))
        return tuple(tips[1:])

    def land(self, landing: Landing, message: str, parents: Sequence[str]) -> str:
        """The one commit that brings all changes onto the main branch, whose tip is the first parent."""
        at = self.now - landing.ago
        author = Signature(landing.by, at)
        committer = Signature(_WEB_FLOW, at) if landing.pull_request else author
        patches = [change.patch for change in landing.changes]
        tree = self.writer.tree_after(parents[0] if parents else None, patches)
        return self.writer.commit(tree, parents, message, author, committer)
