"""Which credential reads which repository. The place where several per owner would be balanced."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import quote

from github.Auth import AppAuth, Auth, Token
from pydantic import BaseModel, ConfigDict

from investigator.deadline import Deadline
from investigator.errors import OutsideCallFailed
from investigator.github.failures import SERVICE
from investigator.github.requester import DeadlineRequester
from investigator.github.wire import read

# A token is not handed out with less life than this: longer than any one investigation.
SPARE_LIFE = timedelta(minutes=2)

Open = Callable[[Auth, Deadline, deque[str]], DeadlineRequester]


class Credentials(Protocol):
    def for_repository(self, repository: str, open_: Open, deadline: Deadline, sent: deque[str]) -> Auth:
        """What authenticates reads of `repository` (owner/name). Blocking; may ask GitHub for a token.

        Raises:
            OutsideCallFailed: unauthorized when no credential is for this owner, or as the request failed.
        """


class OneToken:
    """A personal or machine token that reads everything it may."""

    def __init__(self, token: str) -> None:
        self._auth = Token(token)

    def for_repository(self, repository: str, open_: Open, deadline: Deadline, sent: deque[str]) -> Auth:
        return self._auth


class Apps:
    """GitHub Apps by repository owner (lower case)."""

    def __init__(self, by_owner: Mapping[str, Installation]) -> None:
        self._by_owner = by_owner

    def for_repository(self, repository: str, open_: Open, deadline: Deadline, sent: deque[str]) -> Auth:
        owner = repository.partition("/")[0].lower()
        installation = self._by_owner.get(owner)
        if installation is None:
            raise OutsideCallFailed(SERVICE, "unauthorized", f"no app in GITHUB_APPS lists the owner {owner}")
        return installation.token(repository, open_, deadline, sent)


class Installation:
    """One installation of an app: its token is made when needed, shared, and renewed before it expires.

    PyGithub's own installation auth does this without a lock (threads make a token each), and through a
    requester that knows neither our deadline nor our errors.
    """

    def __init__(self, app_id: int, private_key: str, installation_id: int | None) -> None:
        self._app = AppAuth(app_id, private_key)
        self._id = installation_id
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._expires = datetime.min.replace(tzinfo=UTC)

    def token(self, repository: str, open_: Open, deadline: Deadline, sent: deque[str]) -> Auth:
        if not self._lock.acquire(timeout=deadline.left()):
            raise OutsideCallFailed(SERVICE, "cut", "another request was still waiting for an app token")
        try:
            if self._token is None or self._expires - SPARE_LIFE < datetime.now(UTC):
                self._token, self._expires = self._issue(repository, open_(self._app, deadline, sent))
            return self._token
        finally:
            self._lock.release()

    def _issue(self, repository: str, requester: DeadlineRequester) -> tuple[Token, datetime]:
        if self._id is None:
            found = requester.rest("GET", f"/repos/{quote(repository)}/installation")
            self._id = read(_Found.model_validate, found).id
        answer = requester.rest("POST", f"/app/installations/{self._id}/access_tokens")
        issued = read(_Issued.model_validate, answer)
        return Token(issued.token), issued.expires_at


class _Answer(BaseModel):
    # Without this, a validation error would carry the answer, and with it the token, into its text.
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class _Found(_Answer):
    id: int


class _Issued(_Answer):
    token: str
    expires_at: datetime
