"""Asking GitHub for one repository: the right credential first, and the next when it fails. Blocking."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from github.Auth import Auth

from investigator.errors import OutsideCallFailed
from investigator.github import choice
from investigator.github.choice import Purpose, Resource, Standing
from investigator.github.credentials import Credential, Credentials
from investigator.github.failures import Invisible, RateLimited
from investigator.github.requester import DeadlineRequester
from investigator.github.tally import Tally

T = TypeVar("T")
# Opens a requester; it calls the second argument with each result, its headers and nothing else.
Open = Callable[[Auth, Callable[[str, Mapping[str, str]], None]], DeadlineRequester]


class Access:
    """One per piece of work on one repository; several threads may use it at once."""

    def __init__(
        self,
        repository: str,
        purpose: Purpose,
        credentials: Credentials,
        open_: Open,
        tally: Tally,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`clock` gives seconds since 1970."""
        self._repository = repository
        self._candidates = credentials.candidates(repository, purpose)
        self._credentials = credentials
        self._open = open_
        self._tally = tally
        self._clock = clock
        self._standings: dict[str, Standing] | None = None
        self.set_aside: dict[str, str] = {}  # why GitHub refused a credential altogether, by its label

    def scopes(self) -> tuple[str, ...]:
        """Fingerprints of the credentials that may read the repository, as far as is known."""
        now, standings = self._clock(), self._read()
        return tuple(
            each.fingerprint
            for each in self._candidates
            if standings[each.fingerprint].may_read(self._repository, now)
        )

    def ask(self, resource: Resource, ask: Callable[[DeadlineRequester], T]) -> tuple[Credential, T]:
        """What `ask` gets through the first credential that can, and that credential.

        Raises:
            OutsideCallFailed: as `ask` does; unauthorized without any credential, rate_limited when all rest.
        """
        last: OutsideCallFailed | None = None
        for credential in self._usable(resource):
            try:
                answer = ask(self._requester(credential, resource))
            except OutsideCallFailed as failure:
                if not self._is_passed_over(credential, resource, failure):
                    raise
                last = failure
            else:
                self._note_success(credential)
                return credential, answer
        if last:
            raise last
        raise choice.nobody(
            self._repository,
            resource,
            [self._read()[each.fingerprint] for each in self._candidates],
            now=self._clock(),
        )

    def _usable(self, resource: Resource) -> list[Credential]:
        standings = self._read()
        order = choice.in_order(
            [(each, standings[each.fingerprint]) for each in self._candidates],
            self._repository,
            resource,
            now=self._clock(),
            spread=self._credentials.rotation,
        )
        for each in self._candidates:
            if reason := standings[each.fingerprint].aside_reason(self._clock()):
                self.set_aside.setdefault(each.label, reason)
        return order

    def _requester(self, credential: Credential, resource: Resource) -> DeadlineRequester:
        auth = credential.auth(
            self._repository, lambda auth: self._open(auth, self._reporter(credential, "token"))
        )
        return self._open(auth, self._reporter(credential, resource))

    def _reporter(self, credential: Credential, kind: Resource) -> Callable[[str, Mapping[str, str]], None]:
        def report(result: str, headers: Mapping[str, str]) -> None:
            self._tally.sent(credential.fingerprint, kind, result, choice.budget(kind, headers))
            if self._credentials.rotation and kind != "token":
                self._change(credential, choice.budget(kind, headers))

        return report

    def _is_passed_over(self, credential: Credential, resource: Resource, failure: OutsideCallFailed) -> bool:
        """Whether the next credential may fare better; what all workers should know of this one is noted."""
        if isinstance(failure, RateLimited):
            change = choice.rest(resource, failure, self._read()[credential.fingerprint], now=self._clock())
        elif failure.kind == "unauthorized" or choice.is_suspended(failure):
            change = choice.set_aside(failure.detail, now=self._clock())
            self.set_aside[credential.label] = failure.detail
        elif isinstance(failure, Invisible):
            change = choice.blind(self._repository, now=self._clock())
        elif failure.kind == "forbidden":
            change = {}
        else:
            return False
        self._change(credential, change)
        return True

    def _note_success(self, credential: Credential) -> None:
        if not self._read()[credential.fingerprint].may_read(self._repository, self._clock()):
            self._change(credential, choice.cleared(self._repository))
            self.set_aside.pop(credential.label, None)

    def _change(self, credential: Credential, change: Mapping[str, str]) -> None:
        if change:
            self._credentials.standings.note(credential.fingerprint, change)
            self._standings = None

    def _read(self) -> dict[str, Standing]:
        """As of the beginning of this work, and of what it learned itself."""
        known = self._standings
        if known is None:
            known = self._credentials.standings.read([each.fingerprint for each in self._candidates])
            self._standings = known
        return known
