"""Every request to GitHub passes here: deadline, count, one retry of safe reads, typed failures.

PyGithub's objects, its paginated lists and our own calls all meet at `Requester.requestJson`, which is why
retries and counts belong to this one method.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Self

import requests
import urllib3
from github.Auth import Auth
from github.GithubObject import Opt
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester
from typing_extensions import override

from investigator.deadline import Deadline
from investigator.errors import OutsideCallFailed
from investigator.github.cache_policy import fingerprint
from investigator.github.connection import BoundedConnection
from investigator.github.failures import bad_answer, cut, failed_answer, failed_connection
from investigator.github.graphql import GraphQLAnswer, read_answer

USER_AGENT = "IncidentPilot"
RETRIED = {"unreachable", "server_error"}
RETRY_PAUSE_SECONDS = 0.3
NOT_MODIFIED = 304
LIMITED_AT_200 = '"type":"RATE_LIMITED"'

Answered = tuple[int, dict[str, Any], str]
Report = Callable[[str, Mapping[str, str]], None]  # how a request ended, and the headers of its answer


class Fetched(NamedTuple):
    """`by` is the fingerprint of the token to which `etag` was given; GitHub honours it from no other."""

    data: Any
    etag: str | None
    by: str
    unchanged: bool


class DeadlineRequester(Requester):
    """A requester for one piece of work (an investigation), with one credential and one deadline.

    Blocking: to be called in a worker thread. Several threads may use it at once.
    """

    def __init__(
        self,
        *,
        auth: Auth,
        base_url: str,
        session: requests.Session,
        deadline: Deadline,
        patience: float,
        sent: deque[str],
        report: Report,
    ) -> None:
        """`sent` collects a line per request that left; `report` is told how each of them ended."""
        super().__init__(
            auth=auth,
            base_url=base_url,
            timeout=int(patience),
            user_agent=USER_AGENT,
            per_page=100,
            verify=True,
            retry=None,
            pool_size=None,
            lazy=True,
        )
        self._session = session
        self.deadline = deadline
        self._patience = patience
        self._sent = sent
        self._report = report
        self.fingerprint = fingerprint(getattr(auth, "token", ""))

    @override
    def withLazy(self, lazy: Opt[bool]) -> Self:
        """This requester: a clone would be a plain one, without deadline and typed failures."""
        return self

    @override
    def withApiVersion(self, api_version: str | None) -> Self:
        """This requester, see `withLazy`."""
        return self

    @override
    def requestJson(
        self,
        verb: str,
        url: str,
        parameters: dict[str, Any] | None = None,
        headers: dict[str, Any] | None = None,
        input: Any | None = None,
        cnx: HTTPRequestsConnectionClass | HTTPSRequestsConnectionClass | None = None,
        follow_302_redirect: bool = False,
    ) -> Answered:
        """Send a request; a safe read is sent once more after a broken connection or a 5xx.

        Raises:
            OutsideCallFailed: for everything that is not a successful answer.
        """
        if cnx is not None:
            raise bad_answer("the answer points to another host than the configured one")
        safe = verb in ("GET", "HEAD") or self._is_query(url, input)

        def send() -> Answered:
            connection = self._connect(verb, url)
            # PyGithub writes the credential into the headers it is given: each attempt has its own.
            own = dict(headers or {})
            return super(DeadlineRequester, self).requestJson(
                verb, url, parameters, own, input, connection, follow_302_redirect
            )

        try:
            return self._checked(send)
        except OutsideCallFailed as failure:
            if not safe or failure.kind not in RETRIED or self.deadline.left() <= RETRY_PAUSE_SECONDS:
                raise
        time.sleep(RETRY_PAUSE_SECONDS)
        return self._checked(send)

    def rest(
        self,
        verb: str,
        path: str,
        *,
        parameters: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
    ) -> Any:
        """The parsed JSON answer of a REST call (None for an empty answer); `body` is sent as JSON.

        Raises:
            OutsideCallFailed: as `requestJson`, and bad_answer for HTML or JSON cut short.
        """
        _, _, answer = self.requestJson(verb, path, parameters, input=body)
        return _parse(answer) if answer else None

    def get(self, path: str, *, etag: str | None = None) -> Fetched:
        """A REST answer, or that it is still the one that came with `etag` to this very token.

        Raises:
            OutsideCallFailed: as `rest`.
        """
        status, headers, body = self.requestJson("GET", path, headers={"If-None-Match": etag} if etag else {})
        unchanged = status == NOT_MODIFIED
        return Fetched(
            None if unchanged else _parse(body), headers.get("etag", etag), self.fingerprint, unchanged
        )

    def query(self, document: str, variables: dict[str, Any]) -> GraphQLAnswer:
        """Run a GraphQL document; text from outside belongs into `variables` only.

        Raises:
            OutsideCallFailed: as `rest`, and as `graphql.read_answer`.
        """
        request = {"query": document, "variables": variables}
        _, headers, body = self.requestJson("POST", self.graphql_url, input=request)
        return read_answer(_parse(body), headers, now=time.time())

    def _connect(self, verb: str, url: str) -> BoundedConnection:
        if not self.deadline.left():
            raise cut()
        self._sent.append(f"{verb} {url}")
        origin = f"{self.scheme}://{self.hostname_and_port}"
        return BoundedConnection(self._session, origin, self.deadline, self._patience)

    def _checked(self, send: Callable[[], Answered]) -> Answered:
        try:
            status, headers, body = send()
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
            failure = failed_connection(error)
            self._report(failure.kind, {})
            raise failure from error
        except RuntimeError as error:  # PyGithub's word for a redirect to another host
            self._report("bad_answer", {})
            raise bad_answer("the address redirects elsewhere: correct GITHUB_API_URL") from error
        if not 200 <= status < 300 and status != NOT_MODIFIED:
            failure = failed_answer(status, headers, body, now=time.time())
            self._report(failure.kind, headers)
            raise failure
        self._report("rate_limited" if LIMITED_AT_200 in body else "ok", headers)
        return status, headers, body

    def _is_query(self, url: str, input: Any | None) -> bool:
        if url != self.graphql_url or not isinstance(input, dict):
            return False
        return not str(input.get("query", "")).lstrip().startswith("mutation")


def _parse(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        shape = "HTML" if body.lstrip().startswith("<") else "broken JSON"
        raise bad_answer(f"{shape} instead of JSON") from error
