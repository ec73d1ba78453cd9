"""Where an error says the other side is: URLs, host and port pairs, connection strings, quoted names. Pure.

Every quantifier is bounded, so that no text can make a pattern slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from investigator.models.cascade import TargetKind

_HOST = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9_])?"
_V6 = r"\[[0-9A-Fa-f:.%]{2,60}\]"
_PORT = r"[0-9]{1,5}"


class Address(NamedTuple):
    """`kind` is what the scheme of its URL says it is."""

    host: str
    port: int | None = None
    database: str | None = None
    kind: TargetKind | None = None


SCHEMES: dict[str, TargetKind] = {
    "http": "service",
    "https": "service",
    "ws": "service",
    "wss": "service",
    "grpc": "service",
    "grpcs": "service",
    "dns": "service",
    "postgres": "postgres",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlserver": "sqlserver",
    "mssql": "sqlserver",
    "redis": "redis",
    "rediss": "redis",
    "mongodb": "mongodb",
    "amqp": "rabbitmq",
    "amqps": "rabbitmq",
    "kafka": "kafka",
    "s3": "object_store",
    "tcp": "host",
}
_URL = re.compile(
    r"(?P<scheme>[a-z][a-z0-9]{1,14})(?:\+[a-z0-9]{1,20})?:///?"
    r"(?:[^\s/@'\"<>]{1,200}@)?"
    rf"(?P<hosts>(?:{_V6}|{_HOST})(?::{_PORT})?(?:,(?:{_V6}|{_HOST})(?::{_PORT})?){{0,9}})"
    r"(?:/(?P<path>[A-Za-z0-9_.-]{0,80}))?",
    re.IGNORECASE,
)
_PAIR = re.compile(rf"(?P<host>{_V6}|{_HOST})(?::(?P<port>{_PORT}))?")
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        # psycopg, libpq
        rf'server at "(?P<host>{_HOST})"(?: \([0-9A-Fa-f.:]{{2,60}}\))?, port (?P<port>{_PORT})',
        rf'running on (?:that )?host "(?P<host>{_HOST})"(?: \([0-9A-Fa-f.:]{{2,60}}\))? and accepting'
        rf"(?:\s{{1,4}}TCP/IP connections on port (?P<port>{_PORT}))?",
        rf'translate host name "(?P<host>{_HOST})"',
        rf"resolve (?:host|address for|hostname) ['\"]?(?P<host>{_HOST})",
        # keyword pairs: urllib3, DSNs
        rf"\(host=(?P<host>{_HOST})\)\(port=(?P<port>{_PORT})",
        rf"\bhost:(?P<host>{_HOST}), port:(?P<port>{_PORT})",
        rf"\b(?:address=|[Aa]ddr: |peeraddr=|Remote: |Connection\{{)(?P<host>{_HOST}):(?P<port>{_PORT})",
        rf"(?:resolving|lookup failed for|target (?:dns:)?/{{0,3}}) ?(?P<host>{_HOST}):(?P<port>{_PORT})",
        rf"\bhost=['\"`]?(?P<host>{_HOST})['\"]?,? ?(?:port=(?P<port>{_PORT}))?",
        rf"(?:[Ss]erver|[Dd]ata [Ss]ource)=(?:tcp:)?(?P<host>{_HOST})(?:,(?P<port>{_PORT}))?",
        # resolvers and sockets: Node, Go, Ruby, Python
        rf"(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ECONNRESET|ENETUNREACH) "
        rf"(?P<host>{_V6}|::[0-9a-f]{{1,4}}|{_HOST})(?::(?P<port>{_PORT}))?",
        rf"lookup (?P<host>{_HOST})(?: on [0-9.:]{{3,60}})?: ",
        rf"->(?P<host>{_V6}|{_HOST}):(?P<port>{_PORT})",
        rf"dial (?:tcp[46]?|udp) (?P<host>{_V6}|{_HOST}):(?P<port>{_PORT})",
        rf"\('(?P<host>[0-9A-Za-z_.:-]{{1,253}})', (?P<port>{_PORT})[,)]",
        rf"connect\(2\) for \"?(?P<host>{_HOST})\"?(?: port |:)(?P<port>{_PORT})",
        # gRPC
        rf"ipv4:(?P<host>[0-9.]{{7,15}}):(?P<port>{_PORT})",
        rf"ipv6:(?P<host>(?:\[|%5B)[0-9A-Fa-f:.]{{2,60}}(?:\]|%5D)):(?P<port>{_PORT})",
        # MySQL
        rf"server (?:on|host) '(?P<host>{_HOST})(?::(?P<port>{_PORT}))?'",
        # Java
        rf"UnknownHostException: (?P<host>{_HOST})",
        rf"(?:[Cc]onnect|refused:|timed out:) (?:to )?/?(?P<host>{_HOST})"
        rf"(?:/[0-9.]{{7,15}}|/<unresolved>)?:(?P<port>{_PORT})",
        rf"\((?P<host>{_HOST})/(?:[0-9.]{{7,15}}|<unresolved>):(?P<port>{_PORT})\)",
        # said in words: “to host:port”, “broker host:port”
        rf"\b(?:to|on|at|with|host|server|broker|node|address|from|servers?:|Endpoint:) ['\"`/]?"
        rf"(?P<host>{_V6}|{_HOST}):(?P<port>{_PORT})\b",
        rf"[(\[](?P<host>{_V6}|{_HOST}):(?P<port>{_PORT})[)\]]",
        rf"^(?:[A-Za-z_.]{{1,120}}: )?(?P<host>{_HOST}):(?P<port>{_PORT})[:,]",
        rf", ?(?P<host>{_HOST}):(?P<port>{_PORT}): ",
        rf" (?P<host>{_HOST}):(?P<port>{_PORT}) \([0-9.]{{7,15}}\): ",
        rf"`(?P<host>{_HOST})`:`(?P<port>{_PORT})`",
        rf"(?:remote_addr=|serverEndpoint: )(?P<host>{_HOST})(?:/[0-9.]{{7,15}})?:(?P<port>{_PORT})",
    )
)
_DATABASE = re.compile(
    r"(?:database|dbname=|[Uu]nknown database|[Dd]atabase=|[Ii]nitial [Cc]atalog=) ?['\"]?"
    r"(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]{0,62})"
)
_FILES = re.compile(r"\.(?:py|js|ts|jsx|tsx|mjs|cjs|go|java|kt|rb|cs|php|rs|c|cc|cpp|h|html|sql)$")
_DOCUMENTATION = re.compile(
    r"^(?:docs?\.|help\.|wiki\.|developer\.mozilla\.org|sqlalche\.me|errors\.pydantic\.dev|aka\.ms|"
    r"go\.microsoft\.com|learn\.microsoft\.com|nodejs\.org|dochub\.mongodb\.org|dev\.mysql\.com|"
    r"stackoverflow\.com|cwiki\.apache\.org|kafka\.apache\.org|pris\.ly|www\.postgresql\.org)|"
    r"\.readthedocs\.io$"
)
_NO_HOSTS = {"host", "port", "address", "server", "error", "code", "line", "status", "errno", "id", "the"}
_DNS = 53
_MOST = 8


def addresses_in(text: str) -> tuple[Address, ...]:
    """The places named, best told first, each once; an IP that only resolves a name said too is left out."""
    found: dict[tuple[str, int | None], Address] = {}
    for address in (*_urls(text), *_pairs(text)):
        key = (address.host.lower(), address.port)
        if _plausible(address) and key not in found:
            found[key] = address
    return tuple(_without_repeats(list(found.values())))[:_MOST]


def database_in(text: str) -> str | None:
    match = _DATABASE.search(text)
    return match["name"] if match and match["name"] not in _WORDS else None


_WORDS = {"connection", "server", "system", "error", "is", "does", "pool", "requested", "failed", "driver"}


def is_ip(host: str) -> bool:
    return ":" in host or re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}", host) is not None


def _urls(text: str) -> Iterator[Address]:
    for match in _URL.finditer(text):
        scheme = match["scheme"].lower()
        kind = SCHEMES.get(scheme)
        if kind is None:
            continue
        path = match["path"] if kind in ("postgres", "mysql", "mongodb") else None
        for one in _PAIR.finditer(match["hosts"]):
            yield Address(_bare(one["host"]), _port(one["port"]), path or None, kind)


def _pairs(text: str) -> Iterator[Address]:
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            groups = match.groupdict()
            yield Address(_bare(groups["host"]), _port(groups.get("port")))


def _plausible(address: Address) -> bool:
    host = address.host
    if address.port == _DNS and is_ip(host):
        return False  # who was asked for the name
    if not host or host.isdigit() or host in _NO_HOSTS or _FILES.search(host):
        return False
    return not _DOCUMENTATION.search(host.lower())


def _without_repeats(found: list[Address]) -> Iterator[Address]:
    named = [address for address in found if not is_ip(address.host)]
    for address in found:
        same = [other for other in found if other.host == address.host and other.port is not None]
        if address.port is None and address.kind is None and same:
            continue
        if is_ip(address.host) and any(_same_port(address, other) for other in named):
            continue
        yield address


def _same_port(one: Address, other: Address) -> bool:
    return one.port is None or other.port is None or one.port == other.port


def _bare(host: str) -> str:
    return re.sub(r"^(?:\[|%5B)|(?:\]|%5D)$", "", host).rstrip(".")


def _port(text: str | None) -> int | None:
    return int(text) if text and 0 < int(text) < 65536 else None
