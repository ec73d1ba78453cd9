"""What resolvers hand to each other: a value together with the repository it belongs to."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias, TypeVar

from graphql import GraphQLResolveInfo

from sandbox.github.host import Host, Urls
from sandbox.github.hosted import Deployment, PullRequest, Release
from sandbox.github.repository import Repository
from sandbox.github.values import Commit, Divergence, ObjectInfo, Ref

Resolver = Callable[..., Any]
R = TypeVar("R", bound=Resolver)
FIELDS: dict[tuple[str, str], Resolver] = {}


@dataclass(frozen=True)
class Call:
    """One GraphQL request; `cost` and `nodes` are its price."""

    host: Host
    urls: Urls
    cost: int
    nodes: int


Info: TypeAlias = GraphQLResolveInfo[Call]


def resolves(type_name: str, *names: str) -> Callable[[R], R]:
    """Registers the resolver of one or more fields of a type."""

    def register(resolver: R) -> R:
        for name in names:
            FIELDS[type_name, name] = resolver
        return resolver

    return register


def resolves_plainly(type_name: str, readers: Mapping[str, Callable[[Any], Any]]) -> None:
    """Registers fields of a type that need nothing but the value they are read from."""
    for name, read in readers.items():
        FIELDS[type_name, name] = lambda value, info, read=read, **arguments: read(value)


@dataclass(frozen=True)
class CommitNode:
    TYPE: ClassVar = "Commit"
    repo: Repository
    commit: Commit


@dataclass(frozen=True)
class ObjectNode:
    """A blob, tree or annotated tag."""

    repo: Repository
    info: ObjectInfo

    @property
    def TYPE(self) -> str:  # noqa: N802 - read like the constant of the other nodes
        return self.info.kind.capitalize()


@dataclass(frozen=True)
class RefNode:
    TYPE: ClassVar = "Ref"
    repo: Repository
    ref: Ref


@dataclass(frozen=True)
class ComparisonNode:
    TYPE: ClassVar = "Comparison"
    repo: Repository
    base: str
    head: str
    divergence: Divergence


@dataclass(frozen=True)
class PullNode:
    TYPE: ClassVar = "PullRequest"
    repo: Repository
    pull: PullRequest


@dataclass(frozen=True)
class DeploymentNode:
    TYPE: ClassVar = "Deployment"
    repo: Repository
    deployment: Deployment


@dataclass(frozen=True)
class ReleaseNode:
    TYPE: ClassVar = "Release"
    repo: Repository
    release: Release


@dataclass(frozen=True)
class UserNode:
    login: str

    @property
    def TYPE(self) -> str:  # noqa: N802 - read like the constant of the other nodes
        return "Bot" if self.login.endswith("[bot]") else "User"


def node_id(prefix: str, repo: Repository, key: object = "") -> str:
    """An opaque id that `split_id` reads back."""
    encoded = base64.urlsafe_b64encode(f"{repo.full_name}\n{key}".encode()).decode()
    return f"{prefix}_{encoded.rstrip('=')}"


def split_id(host: Host, text: str) -> tuple[str, Repository, str] | None:
    """The prefix, repository and key of a node id; None for one this host never gave."""
    prefix, _, encoded = text.partition("_")
    try:
        padded = encoded + "=" * (-len(encoded) % 4)
        full_name, _, key = base64.urlsafe_b64decode(padded).decode().partition("\n")
    except (binascii.Error, ValueError):
        return None
    owner, _, name = full_name.partition("/")
    repo = host.repository(owner, name)
    return (prefix, repo, key) if repo is not None else None
