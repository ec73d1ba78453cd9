"""Which node a name in an error means: exactly, by its telling parts, or not at all. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from investigator.cascade.addresses import is_ip
from investigator.models.cascade import Target

# Words in the names of hosts and services that do not tell one from another.
_GENERIC_WORDS = """
service services svc srv api app server backend worker web http https grpc rpc internal local cluster default
prod production stage staging dev test db database data store storage primary secondary replica master main
leader reader writer ro rw read write cache queue broker bus pg postgres postgresql mysql maria mariadb sql
redis valkey mongo mongodb elastic elasticsearch opensearch es search kafka rabbit rabbitmq mq amqp s3 bucket
node host ip ec2 compute rds aws amazonaws amazon gcp azure com net org io cloud lan intranet dc headless lb
proxy pool pgbouncer vip ns k8s pod the
"""
_GENERIC = frozenset(_GENERIC_WORDS.split())
_FAMILIES = (
    frozenset(
        {"postgres", "postgresql", "pg", "mysql", "mariadb", "sqlserver", "mssql", "db", "database", "sql"}
    ),
    frozenset({"redis", "valkey", "cache", "memcached", "keydb"}),
    frozenset({"mongodb", "mongo", "db", "database", "documentdb"}),
    frozenset({"elasticsearch", "opensearch", "elastic", "es", "search"}),
    frozenset({"kafka", "queue", "broker", "mq", "redpanda", "stream", "bus"}),
    frozenset({"rabbitmq", "rabbit", "amqp", "queue", "broker", "mq"}),
    frozenset({"object_store", "s3", "minio", "gcs", "bucket", "storage", "blob"}),
)
_SYNONYMS = (
    frozenset({"postgres", "postgresql", "pg"}),
    frozenset({"mysql", "mariadb"}),
    frozenset({"sqlserver", "mssql"}),
    frozenset({"redis", "valkey"}),
    frozenset({"kafka", "redpanda"}),
)
_KNOWN = frozenset().union(*_FAMILIES)
_GENERAL = frozenset({"db", "database", "sql", "queue", "broker", "mq", "cache", "search", "storage"})
_PUBLIC = re.compile(r"\.(?:com|net|org|io|dev|ai|co|cloud|app)$")
_OURS = re.compile(r"(?:\.amazonaws\.com|\.azure\.com|\.windows\.net|\.googleapis\.com)$")


def kind_of(node: str) -> str | None:
    """The kind of an infrastructure node, None of a service."""
    kind, colon, _ = node.partition(":")
    return kind if colon else None


def compatible(node: str, target: Target) -> bool:
    """Whether the node can be of the kind that the error speaks of."""
    kind = kind_of(node)
    if target.kind == "host":
        return True
    if target.kind == "service":
        return kind is None or kind not in _KNOWN
    if kind is None:
        return False
    if kind == target.kind or kind not in _KNOWN:
        return True
    if any(kind in same and target.kind in same for same in _SYNONYMS):
        return True
    return kind in _GENERAL and any(kind in family and target.kind in family for family in _FAMILIES)


@lru_cache(maxsize=8192)
def label(name: str) -> str:
    """The part of a host, service or node that names it, in lower case: `db` of `db.shop.internal`."""
    bare = _without_kind(name)
    return bare if is_ip(bare) else bare.partition(".")[0]


def _without_kind(name: str) -> str:
    return re.sub(r"^[a-z][a-z0-9_-]*:(?=[^:]*$)", "", name.lower())


@lru_cache(maxsize=8192)
def telling(name: str) -> frozenset[str]:
    """The words of a name that tell it from others, in the singular; of a host its first label with any."""
    bare = _without_kind(name)
    if is_ip(bare):
        return frozenset()
    for part in bare.split("."):
        words = frozenset(word for raw in re.split(r"[-_/ ]+", part) if (word := _stem(raw)))
        if words:
            return words
    return frozenset()


def _stem(raw: str) -> str:
    word = re.sub(r"(?<=\w{3})(?:service|svc)$", "", raw)
    if word in _GENERIC or re.fullmatch(r"[\d]*|[a-z]\d*|[a-z]{2,4}-?\d+[a-z]?", word) is not None:
        return ""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


class Directory:
    """Nodes by what they are called."""

    def __init__(self, nodes: Iterable[str]) -> None:
        self._by_label: dict[str, list[str]] = {}
        self._by_words: dict[frozenset[str], list[str]] = {}
        for node in sorted(nodes):
            self._by_label.setdefault(label(node), []).append(node)
            if words := telling(node):
                self._by_words.setdefault(words, []).append(node)

    def find(self, name: str, target: Target) -> list[str]:
        """Nodes that the name means, of a fitting kind if there are any; several when it leaves that open.

        An error that no driver is known for says `service` of whatever it calls, so a store fits it too.
        """
        for found in (
            self._by_label.get(name.lower(), []),
            self._by_label.get(label(name), []),
            self._by_words.get(telling(name), []),
            self._within(telling(name)),
        ):
            if fitting := [node for node in found if compatible(node, target)]:
                return fitting
            if found and target.kind == "service":
                return found
        return []

    def _within(self, words: frozenset[str]) -> list[str]:
        """`orders` is meant by `shop-orders` when nothing longer is."""
        inside = [known for known in self._by_words if known < words]
        longest = max(map(len, inside), default=0)
        return [node for known in inside if len(known) == longest for node in self._by_words[known]]


def uncharted(target: Target) -> str:
    """A node for a name that is in no catalogue: services by the first label, vendors by the whole host."""
    name = (target.name or "").lower()
    if target.kind in ("service", "host"):
        vendor = _PUBLIC.search(name) and not _OURS.search(name)
        return name if vendor or is_ip(name) else label(name)
    return f"{target.kind}:{name}"
