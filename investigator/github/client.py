"""GitHub as the investigation sees it: a handful of questions about one repository, within one deadline."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar
from urllib.parse import quote

import redis
from github.Auth import Auth

from investigator.deadline import Deadline
from investigator.errors import OutsideCallFailed
from investigator.github import documents, understand, understand_rest
from investigator.github.access import Access
from investigator.github.answers import Comparison, HeadFacts, RangeFacts, Revision, SourceFile, Tree
from investigator.github.apps_file import load_apps
from investigator.github.cache import Cache
from investigator.github.cache_policy import is_full_sha
from investigator.github.choice import Purpose
from investigator.github.connection import open_session
from investigator.github.credentials import Credentials, PersonalToken
from investigator.github.documents import HeadQuestion, RangeQuestion
from investigator.github.failures import SERVICE, cut
from investigator.github.graphql import GraphQLAnswer
from investigator.github.memory import Memory
from investigator.github.parts import Part
from investigator.github.reading import Reading
from investigator.github.requester import DeadlineRequester
from investigator.github.shared import Shared
from investigator.github.standings import Standings
from investigator.github.tally import Tally
from investigator.models.base import Value
from investigator.models.evidence import Commit, Deploy
from investigator.settings import Settings

T = TypeVar("T")
V = TypeVar("V", bound=Value)
THREADS = 8
GITHUB_GIVES_UP = 10.0  # seconds after which GitHub itself ends a request
REPOSITORY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")


class GitHub:
    """One per process. PyGithub blocks, so its work runs in a few threads of our own."""

    def __init__(
        self,
        api_url: str,
        credentials: Credentials,
        *,
        cache: Cache | None = None,
        patience: float = GITHUB_GIVES_UP,
    ) -> None:
        """`patience` is how many seconds GitHub may stay silent before a request has failed."""
        self.tally = Tally()
        self._api_url = api_url
        self._credentials = credentials
        self._cache = cache
        self._patience = patience
        self._session = open_session(THREADS)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="github")

    def repository(self, name: str, deadline: Deadline, *, purpose: Purpose = "read") -> Repository:
        """`name` is owner/name. Costs no request. Who is about to write is told nothing out of the cache.

        Raises:
            OutsideCallFailed: rejected, when `name` cannot be a repository's.
        """
        if not REPOSITORY_NAME.fullmatch(name):
            raise OutsideCallFailed(SERVICE, "rejected", f"{name!r} is not of the form owner/name")
        sent: deque[str] = deque()

        def open_(auth: Auth, report: Callable[[str, Mapping[str, str]], None]) -> DeadlineRequester:
            return DeadlineRequester(
                auth=auth,
                base_url=self._api_url,
                session=self._session,
                deadline=deadline,
                patience=self._patience,
                sent=sent,
                report=report,
            )

        access = Access(name, purpose, self._credentials, open_, self.tally)
        cache = self._cache if purpose == "read" else None
        memory = Memory(name, access.scopes, deadline, cache, self.tally)
        reading = Reading(name, access, memory, self.tally)
        return Repository(name, deadline, access=access, reading=reading, threads=self._threads, sent=sent)

    def close(self) -> None:
        """Let go of threads and sockets; a request under way ends by its own timeout."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._session.close()


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
            understand.range_facts(answer, ranged.files, ranged.touched)

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
        return await self._query("Revision", documents.revision(expression), understand.revision)

    async def range_facts(
        self,
        *,
        head: str,
        since: datetime,
        files: tuple[str, ...],
        touched: tuple[str, ...],
        pull_request_files: bool,
    ) -> RangeFacts:
        """Commits up to `head` (a full SHA) since a time, with pull requests; source and blame of `files`;
        and which of those commits changed each path of `touched`."""
        question = RangeQuestion(
            head=head, since=since, files=files, touched=touched, pull_request_files=pull_request_files
        )
        return await self._query(
            "RangeFacts", question.parts, lambda answer: understand.range_facts(answer, files, touched)
        )

    async def texts(self, expressions: tuple[str, ...]) -> dict[str, SourceFile]:
        """Files by `SHA:path`; those that are not there are left out."""
        return await self._query(
            "Texts", documents.texts(expressions), lambda answer: understand.texts(answer, expressions)
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

    async def _query(
        self, operation: str, parts: tuple[Part, ...], understand: Callable[[GraphQLAnswer], T]
    ) -> T:
        return await self._in_thread(lambda: self._reading.query(operation, parts, understand))

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
                return await loop.run_in_executor(self._threads, work)
        except TimeoutError as error:
            raise cut() from error


def connect(
    settings: Settings, store: redis.Redis | None = None, *, patience: float = GITHUB_GIVES_UP
) -> GitHub | None:
    """The client the settings describe; None when there are no GitHub credentials.

    With a `store` answers are remembered in it, and workers tell each other which credentials rest.

    Raises:
        ConfigurationError: when the file of GITHUB_APPS is wrong.
    """
    apps = load_apps(settings.github_apps) if settings.github_apps else ()
    tokens = _tokens(settings.github_token.get_secret_value() if settings.github_token else "")
    if not apps and not tokens:
        return None
    shared = Shared(store) if store else None
    credentials = Credentials(
        tokens, apps, standings=Standings(shared), rotation=settings.pilot_github_rotation
    )
    cache = Cache(shared) if shared else None
    return GitHub(settings.github_api_url, credentials, patience=patience, cache=cache)


def _head_facts(answer: GraphQLAnswer, question: HeadQuestion) -> HeadFacts:
    return understand.head_facts(answer, question.until, len(question.revisions), question.probes)


def _tokens(listed: str) -> tuple[PersonalToken, ...]:
    found = list(dict.fromkeys(token for part in listed.split(",") if (token := part.strip())))
    numbered = len(found) > 1
    return tuple(
        PersonalToken(token, f"GITHUB_TOKEN number {number}" if numbered else "GITHUB_TOKEN")
        for number, token in enumerate(found, start=1)
    )
