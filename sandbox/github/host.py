"""The host's own state: which repositories it serves, who may come in, what was asked."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

from sandbox.github.repository import Repository

POINTS_PER_HOUR = 5000
RATE_LIMITED = "API rate limit exceeded for installation."


@dataclass
class Budget:
    """Requests or points left until `reset`, seconds since the epoch."""

    limit: int = POINTS_PER_HOUR
    used: int = 0
    reset: int = field(default_factory=lambda: int(time.time()) + 3600)

    def spend(self, points: int) -> None:
        self._renew()
        self.used += points

    @property
    def remaining(self) -> int:
        self._renew()
        return max(0, self.limit - self.used)

    def _renew(self) -> None:
        if time.time() >= self.reset:
            self.used, self.reset = 0, int(time.time()) + 3600

    @property
    def resets_at(self) -> datetime:
        return datetime.fromtimestamp(self.reset, UTC)


@dataclass
class Host:
    """`token` None: everybody may come in. Minted installation tokens are accepted as well."""

    repositories: Mapping[str, Repository]
    token: str | None = None
    minted: set[str] = field(default_factory=set)
    rest_budget: Budget = field(default_factory=Budget)
    graphql_budget: Budget = field(default_factory=Budget)

    def repository(self, owner: str, name: str) -> Repository | None:
        return self.repositories.get(f"{owner}/{name}".lower())

    def mint(self) -> str:
        token = f"ghs_{secrets.token_hex(18)}"
        self.minted.add(token)
        return token

    def accepts(self, authorization: str) -> bool:
        scheme, _, given = authorization.partition(" ")
        if self.token is None:
            return True
        allowed = {self.token, *self.minted}
        return scheme.lower() in ("token", "bearer") and any(
            secrets.compare_digest(given.strip().encode(), known.encode()) for known in allowed
        )


@dataclass(frozen=True)
class Urls:
    """Addresses on the scheme, host and port the request came to; `api` carries the REST prefix."""

    web: str
    api: str

    def page(self, repo: Repository, *parts: str) -> str:
        return _join(self.web, repo.full_name, *parts)

    def rest(self, repo: Repository, *parts: str) -> str:
        return _join(self.api, "repos", repo.full_name, *parts)

    def user(self, login: str) -> str:
        return _join(self.web, login)

    def avatar(self, login: str) -> str:
        return _join(self.web, f"{login}.png")


def _join(base: str, *parts: str) -> str:
    return "/".join((base, *(quote(part, safe="/") for part in parts)))
