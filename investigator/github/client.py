"""GitHub as the investigation sees it: a handful of questions about one repository, within one deadline."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from github.Auth import Auth

from investigator.deadline import Deadline
from investigator.errors import OutsideCallFailed
from investigator.github import documents, understand, understand_rest
from investigator.github.answers import Comparison, HeadFacts, RangeFacts, Revision, SourceFile, Tree
from investigator.github.apps_file import load_apps
from investigator.github.connection import open_session
from investigator.github.credentials import Credentials, OneToken
from investigator.github.failures import SERVICE, bad_answer, cut
from investigator.github.graphql import GraphQLAnswer, failure_of
from investigator.github.requester import DeadlineRequester
from investigator.models.evidence import Commit
from investigator.settings import Settings

T = TypeVar("T")
THREADS = 8
GITHUB_GIVES_UP = 10.0  # seconds after which GitHub itself ends a request
REPOSITORY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")


class GitHub:
    """One per process. PyGithub blocks, so its work runs in a few threads of our own."""

    def __init__(self, api_url: str, credentials: Credentials, *, patience: float = GITHUB_GIVES_UP) -> None:
        """`patience` is how many seconds GitHub may stay silent before a request has failed."""
        self._api_url = api_url
        self._credentials = credentials
        self._patience = patience
        self._session = open_session(THREADS)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="github")

    def repository(self, name: str, deadline: Deadline) -> Repository:
        """`name` is owner/name. Costs no request.

        Raises:
            OutsideCallFailed: rejected, when `name` cannot be a repository's.
        """
        if not REPOSITORY_NAME.fullmatch(name):
            raise OutsideCallFailed(SERVICE, "rejected", f"{name!r} is not of the form owner/name")
        return Repository(name, deadline, self._credentials, self._open, self._threads)

    def close(self) -> None:
        """Let go of threads and sockets; a request under way ends by its own timeout."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._session.close()

    def _open(self, auth: Auth, deadline: Deadline, sent: deque[str]) -> DeadlineRequester:
        return DeadlineRequester(
            auth=auth,
            base_url=self._api_url,
            session=self._session,
            deadline=deadline,
            patience=self._patience,
            sent=sent,
        )


class Repository:
    """One repository under one deadline. Every method is one request (and one more if a safe read failed).

    All raise OutsideCallFailed, of kind `cut` when the deadline passes first.
    """

    def __init__(
        self,
        name: str,
        deadline: Deadline,
        credentials: Credentials,
        open_: Callable[[Auth, Deadline, deque[str]], DeadlineRequester],
        threads: ThreadPoolExecutor,
    ) -> None:
        self.name = name
        self._deadline = deadline
        self._credentials = credentials
        self._open = open_
        self._threads = threads
        self._sent: deque[str] = deque()

    @property
    def requests(self) -> int:
        """How many requests were sent, retries and tokens included."""
        return len(self._sent)

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
        variables: dict[str, Any] = {"environments": list(environments), "until": until.isoformat()}
        variables |= {f"r{n}": revision for n, revision in enumerate(revisions)}
        variables |= {f"p{n}": f"{probe_at}:{path}" for n, path in enumerate(probes)}
        answer = await self._query(documents.head_facts(len(revisions), len(probes)), variables)
        return understand.head_facts(answer, len(revisions), probes)

    async def revision(self, expression: str) -> Revision | None:
        """The commit behind a SHA, tag or branch with its newest history; None when there is none."""
        return understand.revision(await self._query(documents.revision(), {"r0": expression}))

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
        variables: dict[str, Any] = {"head": head, "since": since.isoformat()}
        variables["withPullRequestFiles"] = pull_request_files
        variables |= {f"e{n}": f"{head}:{path}" for n, path in enumerate(files)}
        variables |= {f"f{n}": path for n, path in enumerate(files)}
        variables |= {f"t{n}": path for n, path in enumerate(touched)}
        answer = await self._query(documents.range_facts(len(files), len(touched)), variables)
        return understand.range_facts(answer, files, touched)

    async def texts(self, expressions: tuple[str, ...]) -> dict[str, SourceFile]:
        """Files by `SHA:path`; those that are not there are left out."""
        variables = {f"s{n}": expression for n, expression in enumerate(expressions)}
        answer = await self._query(documents.texts(len(expressions)), variables)
        return understand.texts(answer, expressions)

    async def compare(self, base: str, head: str) -> Comparison:
        """Commits of `head` that `base` does not have, and the sum of their changes."""
        span = f"{quote(base, safe='')}...{quote(head, safe='')}"
        return understand_rest.comparison(await self._get(f"/compare/{span}"))

    async def commit(self, sha: str) -> Commit:
        """One commit with its own files and patches."""
        return understand_rest.commit(await self._get(f"/commits/{quote(sha, safe='')}"))

    async def tree(self, sha: str) -> Tree:
        """All paths at a SHA; a large answer, for when the likely paths were not there."""
        return understand_rest.tree(await self._get(f"/git/trees/{quote(sha, safe='')}", {"recursive": "1"}))

    async def _query(self, document: str, variables: dict[str, Any]) -> GraphQLAnswer:
        owner, _, name = self.name.partition("/")
        whole = {"owner": owner, "name": name, **variables}
        answer = await self._call(lambda requester: requester.query(document, whole))
        repository = answer.data.get("repository")
        if repository is None:
            if answer.errors:
                raise failure_of(answer.errors[0])
            raise OutsideCallFailed(SERVICE, "not_found", "no such repository")
        if not isinstance(repository, dict):
            raise bad_answer("repository: not an object")
        return answer

    async def _get(self, path: str, parameters: dict[str, str] | None = None) -> Any:
        whole = f"/repos/{quote(self.name)}{path}"
        return await self._call(lambda requester: requester.rest("GET", whole, parameters=parameters))

    async def _call(self, ask: Callable[[DeadlineRequester], T]) -> T:
        """Run `ask` in a thread. The thread cannot be cancelled; its socket gives up by the same deadline."""
        left = self._deadline.left()
        if not left:
            raise cut()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(left):
                return await loop.run_in_executor(self._threads, self._ask, ask)
        except TimeoutError as error:
            raise cut() from error

    def _ask(self, ask: Callable[[DeadlineRequester], T]) -> T:
        auth = self._credentials.for_repository(self.name, self._open, self._deadline, self._sent)
        return ask(self._open(auth, self._deadline, self._sent))


def connect(settings: Settings) -> GitHub | None:
    """The client the settings describe; None when there are no GitHub credentials.

    Raises:
        ConfigurationError: when the file of GITHUB_APPS is wrong.
    """
    if settings.github_apps is not None:
        return GitHub(settings.github_api_url, load_apps(settings.github_apps))
    if settings.github_token is not None:
        return GitHub(settings.github_api_url, OneToken(settings.github_token.get_secret_value().strip()))
    return None
