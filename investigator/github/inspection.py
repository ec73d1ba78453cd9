"""What each credential may do, asked of GitHub and remembered nowhere: for `pilot doctor`. Blocking."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from urllib.parse import quote

from github.Auth import Auth
from pydantic import BaseModel, ConfigDict

from investigator.deadline import Deadline
from investigator.github.connection import open_session
from investigator.github.credentials import App, Credential
from investigator.github.requester import DeadlineRequester
from investigator.github.wire import read

THREADS = 8
PATIENCE_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Budget:
    """Requests (core) or points (graphql) that are left of `limit` in this hour."""

    resource: str
    left: int
    limit: int


class Inspector:
    """Several threads may use it at once. Every method raises OutsideCallFailed."""

    def __init__(self, api_url: str, deadline: Deadline) -> None:
        self._api_url = api_url
        self._deadline = deadline
        self._session = open_session(THREADS)

    def can_read(self, credential: Credential, repository: str) -> None:
        """Returns when it can read `repository` (owner/name)."""
        self._requester(credential, repository).rest("GET", f"/repos/{quote(repository)}")

    def name(self, app: App) -> str:
        """What GitHub calls the App, when it takes its key; needs no repository."""
        return read(_App.model_validate, self._open(app.auth).rest("GET", "/app")).name

    def budgets(self, credential: Credential, repository: str) -> tuple[Budget, ...]:
        """What is left to it. An App's token is made for `repository`; to others it means nothing."""
        answer = self._requester(credential, repository).rest("GET", "/rate_limit")
        resources = read(_Limits.model_validate, answer).resources
        return tuple(
            Budget(name, limit.remaining, limit.limit)
            for name, limit in (("core", resources.core), ("graphql", resources.graphql))
        )

    def close(self) -> None:
        self._session.close()

    def _requester(self, credential: Credential, repository: str) -> DeadlineRequester:
        return self._open(credential.auth(repository, self._open))

    def _open(self, auth: Auth) -> DeadlineRequester:
        return DeadlineRequester(
            auth=auth,
            base_url=self._api_url,
            session=self._session,
            deadline=self._deadline,
            patience=PATIENCE_SECONDS,
            sent=deque(),
            report=lambda _result, _headers: None,
        )


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class _App(_Answer):
    name: str


class _Limit(_Answer):
    remaining: int
    limit: int


class _Resources(_Answer):
    core: _Limit
    graphql: _Limit


class _Limits(_Answer):
    resources: _Resources
