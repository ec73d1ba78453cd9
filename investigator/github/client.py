"""GitHub as a whole: one session, one cache, and a repository of it at a time."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import redis
from github.Auth import Auth

from investigator.deadline import Deadline
from investigator.errors import OutsideCallFailed
from investigator.github.access import Access
from investigator.github.apps_file import load_apps
from investigator.github.cache import Cache
from investigator.github.choice import Purpose
from investigator.github.connection import open_session
from investigator.github.credentials import Credentials, PersonalToken
from investigator.github.failures import SERVICE
from investigator.github.memory import Memory
from investigator.github.reading import Reading
from investigator.github.repository import Repository
from investigator.github.requester import DeadlineRequester
from investigator.github.shared import Shared
from investigator.github.standings import Standings
from investigator.github.tally import Tally
from investigator.settings import Settings

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

    def may_write(self, name: str) -> bool:
        """Whether there is a credential to write to this repository with; costs no request."""
        return bool(self._credentials.candidates(name, "write"))

    def close(self) -> None:
        """Let go of threads and sockets; a request under way ends by its own timeout."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._session.close()


def connect(
    settings: Settings, store: redis.Redis | None = None, *, patience: float = GITHUB_GIVES_UP
) -> GitHub | None:
    """The client the settings describe; None when there are no GitHub credentials.

    With a `store` answers are remembered in it, and workers tell each other which credentials rest.

    Raises:
        ConfigurationError: when the file of GITHUB_APPS is wrong.
    """
    shared = Shared(store) if store else None
    credentials = credentials_of(settings, Standings(shared))
    if credentials is None:
        return None
    cache = Cache(shared) if shared else None
    return GitHub(settings.github_api_url, credentials, patience=patience, cache=cache)


def credentials_of(settings: Settings, standings: Standings | None = None) -> Credentials | None:
    """All that the settings name; None when they name none.

    Raises:
        ConfigurationError: when the file of GITHUB_APPS is wrong.
    """
    apps = load_apps(settings.github_apps) if settings.github_apps else ()
    tokens = _tokens(settings.github_token.get_secret_value() if settings.github_token else "")
    if not apps and not tokens:
        return None
    return Credentials(tokens, apps, standings=standings, rotation=settings.pilot_github_rotation)


def _tokens(listed: str) -> tuple[PersonalToken, ...]:
    found = list(dict.fromkeys(token for part in listed.split(",") if (token := part.strip())))
    numbered = len(found) > 1
    return tuple(
        PersonalToken(token, f"GITHUB_TOKEN number {number}" if numbered else "GITHUB_TOKEN")
        for number, token in enumerate(found, start=1)
    )
