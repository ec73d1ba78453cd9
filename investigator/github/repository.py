"""One repository as the investigation sees it: a handful of questions, within one deadline."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from investigator.deadline import Deadline
from investigator.github import documents, entries, understand, understand_rest
from investigator.github.access import Access
from investigator.github.answers import Comparison, HeadFacts, RangeFacts, Revision, SourceFile, Tree
from investigator.github.cache_policy import digest, is_full_sha
from investigator.github.documents import HeadQuestion, RangeQuestion
from investigator.github.entries import Blob, Entry, Place
from investigator.github.failures import cut
from investigator.github.graphql import GraphQLAnswer, failure_of
from investigator.github.parts import Part
from investigator.github.reading import Reading
from investigator.github.requester import DeadlineRequester
from investigator.models.base import Value
from investigator.models.evidence import Commit, Deploy
from investigator.tracing import span

T = TypeVar("T")
V = TypeVar("V", bound=Value)


class Repository:
    """One repository under one deadline. Every method is at most one request (and one more if a safe read
    failed, or for each credential that was refused).

    All raise OutsideCallFailed, of kind `cut` when the deadline passes first.
    """

    def __init__(
        self,
        name: str,
        deadline: Deadline,
        *,
        access: Access,
        reading: Reading,
        threads: ThreadPoolExecutor,
        sent: deque[str],
    ) -> None:
        self.name = name
        self._deadline = deadline
        self._access = access
        self._reading = reading
        self._threads = threads
        self._sent = sent

    @property
    def requests(self) -> int:
        """How many requests were sent, retries and tokens included."""
        return len(self._sent)

    @property
    def set_aside(self) -> Mapping[str, str]:
        """Credentials that GitHub refuses altogether, by their names for people, and why."""
        return self._access.set_aside

    async def deploys_told(self) -> tuple[Deploy, ...]:
        """Deploys that GitHub's webhooks told of, newest first. Costs no request."""
        return await self._in_thread(self._reading.deploys_told)

    async def look_ahead(self, head: HeadQuestion, ranged: RangeQuestion) -> None:
        """Ask for both at once, so that `head_facts` and `range_facts` about the same cost no request."""

        def understand_both(answer: GraphQLAnswer) -> None:
            _head_facts(answer, head)
            understand.range_facts(answer, ranged.files, ranged.touched, ranged.read)

        await self._query("LookAhead", (*head.parts, *ranged.parts), understand_both)

    async def head_facts(
        self,
        *,
        environments: tuple[str, ...],
        until: datetime,
        revisions: tuple[str, ...] = (),
        probes: tuple[str, ...] = (),
        probe_at: str = "HEAD",
    ) -> HeadFacts:
        """Deployments, releases, CODEOWNERS, and the default branch as of `until`.

        `revisions` (SHAs, tags, branches) are resolved; of `probes` (paths at `probe_at`) it is told which
        are files.
        """
        question = HeadQuestion(
            environments=environments, until=until, revisions=revisions, probes=probes, probe_at=probe_at
        )
        return await self._query("HeadFacts", question.parts, lambda answer: _head_facts(answer, question))

    async def revision(self, expression: str) -> Revision | None:
        """The commit behind a SHA, tag or branch with its newest history; None when there is none."""
        return await self._query(
            "Revision", documents.revision(expression), understand.revision, about=expression
        )

    async def range_facts(
        self,
        *,
        head: str,
        since: datetime,
        files: tuple[str, ...],
        touched: tuple[str, ...],
        read: tuple[str, ...] = (),
        parents: bool = False,
        pull_request_files: bool = False,
    ) -> RangeFacts:
        """Commits up to `head` (a full SHA) since a time, with pull requests; source and blame of `files`,
        source of the files to `read`; and which of those commits changed each path of `touched`."""
        question = RangeQuestion(
            head=head,
            since=since,
            files=files,
            touched=touched,
            read=read,
            parents=parents,
            pull_request_files=pull_request_files,
        )
        return await self._query(
            "RangeFacts",
            question.parts,
            lambda answer: understand.range_facts(answer, files, touched, read),
            about=head,
        )

    async def texts(self, expressions: tuple[str, ...]) -> dict[str, SourceFile]:
        """Files by `SHA:path`; those that are not there are left out."""
        return await self._query(
            "Texts",
            documents.texts(expressions),
            lambda answer: understand.texts(answer, expressions),
            about=digest(*expressions),
        )

    async def compare(self, base: str, head: str) -> Comparison:
        """Commits of `head` that `base` does not have, and the sum of their changes."""
        span = f"{quote(base, safe='')}...{quote(head, safe='')}"
        pinned = is_full_sha(base) and is_full_sha(head)
        return await self._get(f"/compare/{span}", Comparison, understand_rest.comparison, pinned=pinned)

    async def commit(self, sha: str) -> Commit:
        """One commit with its own files and patches."""
        path = f"/commits/{quote(sha, safe='')}"
        return await self._get(path, Commit, understand_rest.commit, pinned=is_full_sha(sha))

    async def tree(self, sha: str) -> Tree:
        """All paths at a SHA; a large answer, for when the likely paths were not there."""
        path = f"/git/trees/{quote(sha, safe='')}?recursive=1"
        return await self._get(path, Tree, understand_rest.tree, pinned=is_full_sha(sha))

    async def entries(self, places: tuple[Place, ...]) -> dict[Place, Entry]:
        """Files by (full SHA, path), with their modes; what is not there is left out."""
        return await self._query(
            "Entries",
            entries.parts(places),
            lambda answer: entries.entries(answer, places),
            about=digest(*(part for place in places for part in place)),
        )

    async def blob(self, oid: str) -> bytes:
        """The bytes of a file by its id."""
        path = f"/git/blobs/{quote(oid, safe='')}"
        return (await self._get(path, Blob, entries.blob, pinned=True)).bytes

    async def graphql(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        """The data of a document sent as it is, mutations included. An answer with errors is a failure."""

        def send(requester: DeadlineRequester) -> dict[str, Any]:
            answer = requester.query(document, variables)
            if answer.errors:
                raise failure_of(answer.errors[0])
            return answer.data

        return await self._in_thread(lambda: self._access.ask("graphql", send)[1])

    async def rest(self, verb: str, path: str, body: dict[str, Any]) -> Any:
        """The parsed answer of a write below this repository, such as `/pulls/7/requested_reviewers`."""
        whole = f"/repos/{quote(self.name)}{path}"
        return await self._in_thread(
            lambda: self._access.ask("core", lambda requester: requester.rest(verb, whole, body=body))[1]
        )

    async def _query(
        self,
        operation: str,
        parts: tuple[Part, ...],
        understand: Callable[[GraphQLAnswer], T],
        *,
        about: str = "",
    ) -> T:
        return await self._in_thread(lambda: self._reading.query(operation, about, parts, understand))

    async def _get(self, path: str, shape: type[V], understand: Callable[[object], V], *, pinned: bool) -> V:
        whole = f"/repos/{quote(self.name)}{path}"
        return await self._in_thread(lambda: self._reading.get(whole, shape, understand, pinned=pinned))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Run `work` in a thread. It cannot be cancelled, but its socket gives up by the same deadline."""
        left = self._deadline.left()
        if not left:
            raise cut()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(left):
                with span("github", repository=self.name):
                    return await loop.run_in_executor(self._threads, work)
        except TimeoutError as error:
            raise cut() from error


def _head_facts(answer: GraphQLAnswer, question: HeadQuestion) -> HeadFacts:
    return understand.head_facts(answer, question.until, len(question.revisions), question.probes)
