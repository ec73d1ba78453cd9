"""Personal tokens and GitHub Apps, and which of them may be asked for a repository."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol
from urllib.parse import quote

from github.Auth import AppAuth, Auth, Token
from pydantic import BaseModel, ConfigDict

from investigator.errors import OutsideCallFailed
from investigator.github.cache_policy import fingerprint
from investigator.github.choice import Purpose
from investigator.github.failures import SERVICE, Invisible
from investigator.github.requester import DeadlineRequester
from investigator.github.standings import Standings
from investigator.github.wire import read

# A token is not handed out with less life than this: longer than any one investigation.
SPARE_LIFE = timedelta(minutes=2)

INSTALLATION = "installation"  # a note of what its number is

Role = Literal["reader", "writer"]
Open = Callable[[Auth], DeadlineRequester]


class Credential(Protocol):
    """`label` is its name for people, `fingerprint` its name in the store and in metrics."""

    @property
    def label(self) -> str: ...

    @property
    def fingerprint(self) -> str: ...

    def auth(self, repository: str, open_: Open) -> Auth:
        """What authenticates requests about `repository` (owner/name). Blocking; may ask GitHub for a token.

        Raises:
            OutsideCallFailed: as the request for the token failed.
        """


class PersonalToken:
    """A personal or machine token that reads and writes everything it may."""

    def __init__(self, token: str, label: str = "GITHUB_TOKEN") -> None:
        self.label = label
        self.fingerprint = fingerprint(token)
        self._auth = Token(token)

    def auth(self, repository: str, open_: Open) -> Auth:
        return self._auth


class App:
    """A GitHub App. Without `owners` it is tried for all of them; without a `role` it reads and writes."""

    def __init__(
        self,
        app_id: int,
        private_key: str,
        *,
        owners: Sequence[str] = (),
        installation_id: int | None = None,
        role: Role | None = None,
    ) -> None:
        self.label = f"app {app_id}"
        self.owners = frozenset(owner.lower() for owner in owners)
        self.auth = AppAuth(app_id, private_key)  # of the App itself, which may ask only about itself
        self._app_id = app_id
        self._private_key = private_key
        self._installation_id = installation_id
        self._role = role
        self._lock = threading.Lock()
        self._installations: dict[str, Installation] = {}

    def may(self, purpose: Purpose) -> bool:
        return self._role in (None, "writer" if purpose == "write" else "reader")

    def installation(self, owner: str, standings: Standings) -> Installation:
        """The one for repositories of `owner` (lower case); costs no request."""
        with self._lock:
            if owner not in self._installations:
                self._installations[owner] = Installation(
                    self._app_id, self._private_key, self._installation_id, owner, standings
                )
            return self._installations[owner]


class Installation:
    """An App at one owner: its token is made when needed, shared, and renewed before it expires.

    PyGithub's own installation auth does this without a lock (threads make a token each), and through a
    requester that knows neither our deadline nor our errors. The token never leaves this process; the number
    of the installation is no secret and is shared.
    """

    def __init__(
        self, app_id: int, private_key: str, installation_id: int | None, owner: str, standings: Standings
    ) -> None:
        self.label = f"app {app_id} at {owner}"
        self.fingerprint = fingerprint(f"app {app_id} {installation_id or owner}")
        self._app = AppAuth(app_id, private_key)
        self._id = installation_id
        self._standings = standings
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._expires = datetime.min.replace(tzinfo=UTC)

    def auth(self, repository: str, open_: Open) -> Auth:
        requester = open_(self._app)
        if not self._lock.acquire(timeout=requester.deadline.left()):
            raise OutsideCallFailed(SERVICE, "cut", "another request was still waiting for an app token")
        try:
            if self._token is None or self._expires - SPARE_LIFE < datetime.now(UTC):
                self._token, self._expires = self._issue(repository, requester)
            return self._token
        finally:
            self._lock.release()

    def _issue(self, repository: str, requester: DeadlineRequester) -> tuple[Token, datetime]:
        try:
            number = self._id or self._find(repository, requester)
            answer = requester.rest("POST", f"/app/installations/{number}/access_tokens")
        except OutsideCallFailed as failure:
            if failure.kind != "not_found":
                raise
            self._standings.note(self.fingerprint, {INSTALLATION: ""})
            raise Invisible(f"{self.label} is not installed there") from failure
        issued = read(_Issued.model_validate, answer)
        return Token(issued.token), issued.expires_at

    def _find(self, repository: str, requester: DeadlineRequester) -> str:
        if known := self._standings.read([self.fingerprint])[self.fingerprint].notes.get(INSTALLATION):
            return known
        found = requester.rest("GET", f"/repos/{quote(repository)}/installation")
        number = str(read(_Found.model_validate, found).id)
        self._standings.note(self.fingerprint, {INSTALLATION: number})
        return number


class Credentials:
    """All there are, in the order in which they are asked."""

    def __init__(
        self,
        tokens: Sequence[PersonalToken] = (),
        apps: Sequence[App] = (),
        *,
        standings: Standings | None = None,
        rotation: bool = False,
    ) -> None:
        """`rotation`: several that may read the same repository share the load, instead of one after another.

        See docs/github.md for what GitHub's terms say about that.
        """
        self.standings = standings or Standings()
        self.rotation = rotation
        self.tokens = tuple(tokens)
        self.apps = tuple(apps)

    def candidates(self, repository: str, purpose: Purpose) -> tuple[Credential, ...]:
        """Apps that list the owner, Apps for every owner, then tokens; none that is for something else."""
        owner = repository.partition("/")[0].lower()
        fitting = [app for app in self.apps if app.may(purpose) and (not app.owners or owner in app.owners)]
        fitting.sort(key=lambda app: not app.owners)
        return (*(app.installation(owner, self.standings) for app in fitting), *self.tokens)


class _Answer(BaseModel):
    # Without this, a validation error would carry the answer, and with it the token, into its text.
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class _Found(_Answer):
    id: int


class _Issued(_Answer):
    token: str
    expires_at: datetime
