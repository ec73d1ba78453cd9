"""Questions to a repository whose failures become gaps, so that one missing answer costs only itself."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from investigator.errors import OutsideCallFailed
from investigator.evidence import gaps
from investigator.evidence.commits import FILES_SERVED
from investigator.evidence.deploys import Choice, window_start
from investigator.github.answers import Comparison, HeadFacts, RangeFacts, SourceFile, Tree
from investigator.github.documents import HeadQuestion
from investigator.github.repository import Repository
from investigator.models.base import Value
from investigator.models.evidence import Commit, Gap

T = TypeVar("T")
TOO_MUCH = {"server_error", "timeout"}  # how GitHub refuses a question that is too dear


class Span(Value):
    """From `base` (exclusive) to `head`; without `comparison` only the history of `head` is known."""

    head: Choice
    base: Choice | None = None
    comparison: Comparison | None = None

    @property
    def reason(self) -> str:
        if self.base is None:
            return f"up to {self.head.how}; nothing older to compare with"
        return f"from {self.base.how} to {self.head.how}"

    def since(self, blind: timedelta, moment: datetime) -> datetime:
        """Early enough for every commit of the span; commits keep their old dates when merged late."""
        dates = [commit.committed_at for commit in self.comparison.commits] if self.comparison else []
        oldest = min((date for date in dates if date), default=None)
        if oldest:
            return oldest.astimezone(UTC) - timedelta(seconds=1)
        start = self.base.at if self.base else None
        return (start or (self.head.at or moment) - blind).astimezone(UTC)


class Asking:
    """One investigation's questions; `gaps` collects what stayed unanswered."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.gaps: list[Gap] = []
        self._read_tree = False

    async def head_facts(self, question: HeadQuestion) -> HeadFacts | None:
        asked = self.repository.head_facts(
            environments=question.environments,
            until=question.until,
            revisions=question.revisions,
            probes=question.probes,
            probe_at=question.probe_at,
        )
        return await self._ask(asked, "deployments, releases and commits")

    async def base_for(self, facts: HeadFacts, head: Choice) -> Choice | None:
        """The start of a window below `head`, for when nothing says what ran before."""
        histories = (facts.branch_head, *facts.revisions)
        asked = any(each and each.sha == head.sha and each.history for each in histories)
        start = window_start(head.sha, *histories, whole=not asked)
        if start is None and not asked:
            found = await self._ask(self.repository.revision(head.sha), f"the history of {head.sha[:7]}")
            start = window_start(head.sha, found, *histories)
        return start

    async def span(self, facts: HeadFacts, base: Choice | None, head: Choice) -> Span:
        """The commits between, and the base they really start from.

        A deployed base that the repository no longer has, or that is not older than `head` (a rollback),
        gives way to a window.
        """
        if base is None:
            return Span(head=head)
        try:
            comparison = await self.repository.compare(base.sha, head.sha)
            why = "" if comparison.total_commits else "is not older (a rollback)"
        except OutsideCallFailed as failure:
            self.gaps.append(gaps.uncomparable(base.sha, head.sha, failure))
            comparison, why = None, "is gone" if failure.kind == "not_found" else ""
        if why and comparison and not base.deploy:
            self.gaps.append(gaps.nothing_between(base.sha, head.sha))
        start = await self.base_for(facts, head) if base.deploy and why else None
        if start is None:
            return Span(head=head, base=base, comparison=comparison)
        start = start.model_copy(update={"how": f"{start.how}, as {base.how} {why}"})
        found = await self._ask(self.repository.compare(start.sha, head.sha), "the commits of the window")
        return Span(head=head, base=start, comparison=found)

    async def in_halves(self, span: Span) -> Span:
        """`span` with more of its files, when GitHub did not list all: each half of it may have as many.

        Not when the whole tree was read as well: an investigation has six requests.
        """
        whole, base, head = span.comparison, span.base, span.head.sha
        if whole is None or base is None or self._read_tree:
            return span
        if len(whole.files) < FILES_SERVED or len(whole.commits) < 2:
            return span
        middle = whole.commits[len(whole.commits) // 2].sha
        what = "some changed files"
        halves = await asyncio.gather(
            self._ask(self.repository.compare(base.sha, middle), what),
            self._ask(self.repository.compare(middle, head), what),
        )
        found = [change for half in halves if half for change in half.files]
        # What both halves changed has the whole's patch, or none: that of one half alone is not the sum.
        paths = Counter(change.path for change in found)
        more = [
            change if paths[change.path] == 1 else change.model_copy(update={"patch": None})
            for change in {change.path: change for change in found}.values()
        ]
        files = {change.path: change for change in (*more, *whole.files)}
        comparison = whole.model_copy(
            update={
                "files": tuple(files.values()),
                "files_complete": all(half and len(half.files) < FILES_SERVED for half in halves),
            }
        )
        return span.model_copy(update={"comparison": comparison})

    async def range_facts(
        self,
        head: str,
        since: datetime,
        files: tuple[str, ...],
        changed: tuple[str, ...],
        *,
        read: tuple[str, ...] = (),
        comparison: Comparison | None,
    ) -> RangeFacts | None:
        """Commits since a time with source and blame of `files`, source of the files to `read`, and who
        touched `files` and `changed`.

        Asked again without `changed` and `read` when that was too much for GitHub. Without a `comparison` the
        files of pull requests are all that tells what a commit changed.
        """

        def question(touched: tuple[str, ...], read: tuple[str, ...]) -> Awaitable[RangeFacts]:
            return self.repository.range_facts(
                head=head,
                since=since,
                files=files,
                touched=touched,
                read=read,
                parents=comparison is None or not comparison.commits_complete,
                pull_request_files=comparison is None,
            )

        what = "pull requests, code and blame"
        try:
            return await question(tuple(dict.fromkeys((*files, *changed))), read)
        except OutsideCallFailed as failure:
            if failure.kind not in TOO_MUCH or not changed:
                self.gaps.append(gaps.failed(what, failure))
                return None
        return await self._ask(question(files, ()), what)

    async def tree(self, sha: str) -> Tree | None:
        self._read_tree = True
        return await self._ask(self.repository.tree(sha), f"the list of files at {sha[:7]}")

    async def texts(self, expressions: tuple[str, ...]) -> dict[str, SourceFile]:
        """Texts by `SHA:path`, as far as they could be read."""
        if not expressions:
            return {}
        return await self._ask(self.repository.texts(expressions), "patches of single commits") or {}

    async def patch(self, sha: str) -> Commit | None:
        return await self._ask(self.repository.commit(sha), f"the patch of {sha[:7]}")

    async def _ask(self, question: Awaitable[T], what: str) -> T | None:
        try:
            return await question
        except OutsideCallFailed as failure:
            self.gaps.append(gaps.failed(what, failure))
            return None
