"""Code evidence from GitHub in three to six requests: what ran, what changed before, code and blame.

1. head: deployments, releases, CODEOWNERS, the branch, and whether the frames' likely paths exist (GraphQL)
2. compare base…head (REST), and its halves when 300 files are not all; beside it, only when a frame was not
   found, the whole tree (REST)
3. commits with pull requests, who touched which file, source and blame at the head (GraphQL)
4. both versions of what more than one commit changed, to tell their patches apart (GraphQL)
5. promising commits of which that was not enough, whole (REST, as far as six requests allow)
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import chain

from investigator.deadline import Deadline
from investigator.errors import OutsideCallFailed
from investigator.evidence import calls, foresight, gaps, patches, questions, source
from investigator.evidence import commits as suspicion
from investigator.evidence.asking import Asking, Span
from investigator.evidence.deploys import (
    WINDOW_COMMITS,
    Choice,
    choose_head,
    choose_previous,
    moment_of,
)
from investigator.evidence.owners import ownership
from investigator.evidence.source import Located
from investigator.github.answers import HeadFacts, RangeFacts, Revision
from investigator.github.client import GitHub
from investigator.github.documents import HeadQuestion
from investigator.models.evidence import BlameRange, CodeEvidence, CodeFrame, Commit, Deploy
from investigator.models.sentry import SentryEvent
from investigator.models.service import Service
from investigator.stack_paths import frames_of_interest

MAX_REQUESTS = 6
MAX_PATCHES = 3
FRAMES_ASKED = 12
FRAMES_NEEDED = 5  # when one of these is not found where it likely is, the whole tree is read
DEPLOYS_SHOWN = 15
BLIND_WINDOW = timedelta(days=14)  # of history, when base…head could not be compared
FULL_SHA = re.compile(r"[0-9a-f]{40}")


async def gather_code(
    github: GitHub | None,
    service: Service,
    event: SentryEvent | None,
    *,
    first_seen: datetime | None,
    at: datetime,
    sentry_deploys: tuple[Deploy, ...] = (),
    base: str | None = None,
    head: str | None = None,
    deadline: Deadline,
) -> CodeEvidence:
    """Everything GitHub says about `service` at `at` (UTC). Never raises OutsideCallFailed: what could not be
    read is a gap, the rest stands.

    `base` and `head` (SHA, tag or branch) go before what deployments, releases and the event's release say.
    """
    nothing = CodeEvidence(repository=service.repository, deploys=_newest(sentry_deploys))
    if service.repository is None:
        return nothing.model_copy(update={"gaps": (gaps.no_repository(service.name),)})
    if github is None:
        return nothing.model_copy(update={"gaps": (gaps.NO_CREDENTIALS,)})
    try:
        asking = Asking(github.repository(service.repository, deadline))
    except OutsideCallFailed as failure:
        return nothing.model_copy(update={"gaps": (gaps.failed("commits were not looked at", failure),)})
    search = _Search(asking, service, event, moment_of(first_seen, at), sentry_deploys)
    evidence = await search.run(nothing, base, head)
    refused = gaps.set_aside(asking.repository.set_aside, asking.gaps)
    return evidence.model_copy(
        update={"gaps": (*asking.gaps, *refused), "requests": asking.repository.requests}
    )


class _Search:
    """One gathering, its questions in order."""

    def __init__(
        self,
        asking: Asking,
        service: Service,
        event: SentryEvent | None,
        moment: datetime,
        sentry_deploys: tuple[Deploy, ...],
    ) -> None:
        self._asking = asking
        self._service = service
        self._event = event
        self._moment = moment
        self._sentry_deploys = sentry_deploys
        self._releases = questions.releases(event, sentry_deploys)
        self._frames = frames_of_interest(event, FRAMES_ASKED) if event else ()

    async def run(self, evidence: CodeEvidence, base: str | None, head: str | None) -> CodeEvidence:
        facts, named = await self._head_facts(base, head)
        if facts is None:
            return evidence
        deploys = (*facts.deploys, *self._sentry_deploys)
        evidence = evidence.model_copy(update={"deploys": _newest(deploys)})
        release = next((named[name] for name in self._releases if named.get(name)), None)
        chosen = choose_head(facts, deploys, asked=named.get(head), release=release, moment=self._moment)
        if chosen is None:
            self._asking.gaps.append(gaps.EMPTY)
            return evidence
        start = _as_asked(named.get(base)) or choose_previous(facts, deploys, chosen)
        start = start or await self._asking.base_for(facts, chosen)
        located, span = await asyncio.gather(
            self._locate(facts, chosen), self._asking.span(facts, start, chosen)
        )
        submodules = source.submodules(located)
        self._asking.gaps += source.elsewhere(submodules)
        located = source.select(located)
        evidence = evidence.model_copy(
            update={
                "head_sha": chosen.sha,
                "base_sha": span.base.sha if span.base else None,
                "range_reason": span.reason,
                "ownership": ownership(facts.codeowners, self._owned_paths(located)),
                "submodules": submodules,
            }
        )
        return await self._read_range(evidence, located, await self._asking.in_halves(span), facts.web_url)

    async def _head_facts(
        self, base: str | None, head: str | None
    ) -> tuple[HeadFacts | None, dict[str | None, Revision | None]]:
        expressions = tuple(dict.fromkeys([*filter(None, (head, base)), *self._releases]))
        question = HeadQuestion(
            environments=questions.environments(self._event, self._service),
            until=self._moment,
            revisions=expressions,
            probes=questions.likely_paths(self._frames, self._service),
            probe_at=head or "HEAD",
        )
        commit = next((name for name in self._releases if FULL_SHA.fullmatch(name)), None)
        if not (base or head):
            await foresight.look_ahead(
                self._asking.repository,
                question,
                release=commit,
                folder=self._service.path,
                blind=BLIND_WINDOW,
            )
        facts = await self._asking.head_facts(question)
        if facts is None:
            return None, {}
        named: dict[str | None, Revision | None] = dict(zip(expressions, facts.revisions, strict=True))
        for name in (head, base):
            if name and named.get(name) is None:
                self._asking.gaps.append(gaps.no_revision(name))
        if commit and not any(named.get(name) for name in self._releases):
            why = "the repository has no such commit (rewritten, or never pushed)"
            self._gap(f"release {commit[:7]}", why, "deploy what is pushed, or name --head")
        self._asking.gaps += gaps.partly(facts.errors)
        return facts, named

    async def _locate(self, facts: HeadFacts, head: Choice) -> tuple[Located, ...]:
        located = source.locate(self._frames, facts.existing, self._service, complete=False)
        if any(source.may_be_deeper(each) for each in located[:FRAMES_NEEDED]):
            tree = await self._asking.tree(head.sha)
            if tree:
                located = source.locate(
                    self._frames,
                    tree.paths,
                    self._service,
                    complete=tree.complete,
                    submodules=tree.submodules,
                )
                if not tree.complete and any(source.may_be_deeper(each) for each in located):
                    self._asking.gaps.append(gaps.TREE_CUT)
        return located

    async def _read_range(
        self, evidence: CodeEvidence, located: tuple[Located, ...], span: Span, web_url: str
    ) -> CodeEvidence:
        head, files = span.head.sha, source.files_of(located)
        changed = suspicion.paths_to_trace(files, span.comparison, self._service.path)
        folders = suspicion.folders_to_trace(files, span.comparison)
        since = span.since(BLIND_WINDOW, self._moment)
        ranged = await self._asking.range_facts(
            head,
            since,
            files,
            (*changed, *folders),
            read=calls.to_read(changed, files),
            comparison=span.comparison,
        )
        found = ranged or RangeFacts()
        if ranged:
            self._asking.gaps += source.missing(located, found.sources, found.blame, head)
            self._asking.gaps += gaps.partly(found.errors)
        frames = source.code_frames(located, found.sources, web_url=web_url, head=head)
        blame = tuple(chain.from_iterable(found.blame.values()))
        commits = self._commits(span, ranged, folders)
        wanted = patches.unknown(commits, tuple(frame.path for frame in frames if frame.path), found.sources)
        texts = await self._asking.texts(patches.expressions(wanted))
        below, imports = await asyncio.to_thread(calls.below, frames, found.sources)
        commits = await asyncio.to_thread(patches.filled, commits, wanted, texts)
        near = {sha for folder in folders for sha in found.touched.get(folder, ())}
        commits = await self._with_whole_patches(commits, frames, blame, near)
        return evidence.model_copy(
            update={
                "commits": commits,
                "total_commits": span.comparison.total_commits if span.comparison else len(commits),
                "blame": suspicion.relevant_blame(blame, frames, commits),
                "frames": frames,
                "below": below,
                "imports": imports,
            }
        )

    def _commits(self, span: Span, ranged: RangeFacts | None, folders: tuple[str, ...]) -> tuple[Commit, ...]:
        commits, comparison = suspicion.assemble(span.comparison, ranged, folders), span.comparison
        if comparison is None:
            base = span.base.sha if span.base else None
            return tuple(commit for commit in commits if commit.sha != base)[:WINDOW_COMMITS]
        if comparison.total_commits > len(commits):
            why = (
                f"of {comparison.total_commits:,} commits {len(commits):,} were looked at: GitHub lists "
                f"{len(comparison.commits)}, the newest and those that touched the trace were asked for"
            )
            self._gap("some commits in between", why, "name a later base")
        if not suspicion.listed_whole(comparison):
            why = f"GitHub lists {suspicion.FILES_SERVED} files of a comparison"
            self._gap("some changed files", why, "name a later base")
        return commits

    async def _with_whole_patches(
        self,
        commits: tuple[Commit, ...],
        frames: tuple[CodeFrame, ...],
        blame: tuple[BlameRange, ...],
        near: Collection[str],
    ) -> tuple[Commit, ...]:
        unread = suspicion.worth_reading(commits, frames, blame, self._requests_left(), near)
        read = await asyncio.gather(*(self._asking.patch(sha) for sha in unread))
        return suspicion.with_patches(commits, {commit.sha: commit for commit in read if commit})

    def _requests_left(self) -> int:
        return max(0, min(MAX_PATCHES, MAX_REQUESTS - self._asking.repository.requests))

    def _owned_paths(self, located: tuple[Located, ...]) -> tuple[str, ...]:
        folder = (self._service.path or "").strip("/")
        return (*source.files_of(located), *([f"{folder}/"] if folder else []))

    def _gap(self, what: str, why: str, remedy: str) -> None:
        self._asking.gaps.append(gaps.gap(what, why, remedy))


def _as_asked(revision: Revision | None) -> Choice | None:
    if revision is None:
        return None
    return Choice(sha=revision.sha, how=f"{revision.sha[:7]} (as asked)", at=revision.committed_at)


def _newest(deploys: tuple[Deploy, ...]) -> tuple[Deploy, ...]:
    dated = sorted((each for each in deploys if each.at), key=_time, reverse=True)
    return (*dated, *(each for each in deploys if not each.at))[:DEPLOYS_SHOWN]


def _time(deploy: Deploy) -> float:
    return deploy.at.timestamp() if deploy.at else 0.0
