"""Errors of the world outside the code, and the words by which a change would touch that very thing."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outage:
    """`what` failed, in words; `touched_by` are lower-case parts of the names of settings about it.

    Words of many other things as well (limit, size, read) are left out: they excuse nobody and blame anybody.
    """

    what: str
    touched_by: frozenset[str]


def _outage(what: str, pattern: str, touched_by: str) -> tuple[re.Pattern[str], Outage]:
    return re.compile(pattern, re.IGNORECASE), Outage(what, frozenset(touched_by.split()))


_OUTAGES = (
    _outage(
        "name resolution failed",
        r"name or service not known|temporary failure in name resolution|\bENOTFOUND|\bEAI_AGAIN|getaddrinfo|"
        r"no such host|UnknownHostException|could not resolve host|NXDOMAIN|nodename nor servname",
        "host hostname dns domain url endpoint resolver",
    ),
    _outage(
        "a certificate was not accepted",
        r"certificate (has expired|verify failed|is not yet valid)|CERT_HAS_EXPIRED|x509:|"
        r"SSLCertVerificationError|CertificateExpiredException|PKIX path|self.signed certificate",
        "cert certs certificate ssl tls verify truststore keystore bundle",
    ),
    _outage(
        "memory ran out",
        r"out of memory|\bOOM\b|OutOfMemoryError|MemoryError|heap limit|cannot allocate memory|"
        r"Java heap space|heap out of memory|SIGKILL",
        "memory heap mem maxsize worker workers concurrency prefetch",
    ),
    _outage(
        "the disk was full",
        r"no space left on device|\bENOSPC|disk (is )?full|disk quota exceeded|No space left",
        "disk volume tmpdir storage rotate rotation retention",
    ),
    _outage(
        "connections ran out",
        r"too many (clients|connections|open files)|\bEMFILE|remaining connection slots|"
        r"pool (exhausted|timeout|limit)|QueuePool limit|connection pool is (full|exhausted)",
        "pool pools connections overflow worker workers",
    ),
    _outage(
        "the other side refused for load or limits",
        r"\b(502|503|504)\b|bad gateway|service (is )?(temporarily )?unavailable|gateway time-?out|"
        r"too many requests|\b429\b|rate.?limit(ed)? exceeded|ThrottlingException|quota exceeded",
        "retry retries throttle quota backoff endpoint",
    ),
    _outage(
        "the other side did not answer in time",
        r"\btimed? ?out|\bETIMEDOUT|\bESOCKETTIMEDOUT|deadline exceeded|SocketTimeoutException|TimeoutError|"
        r"ReadTimeout|ConnectTimeout|lock wait timeout|statement timeout",
        "timeout timeouts deadline retry retries",
    ),
    _outage(
        "the other side refused or dropped the connection",
        r"connection (was )?(refused|reset|aborted|closed|terminated|lost)|\bECONN(REFUSED|RESET)|\bEPIPE|"
        r"broken pipe|could not connect to|server closed the connection|network is unreachable|"
        r"no route to host|\bEHOSTUNREACH|gone away|CLUSTERDOWN|LOADING Redis|shutting down|socket hang up|"
        r"connect: connection|Max retries exceeded|is the server running",
        "host hostname port url uri dsn endpoint address broker pool proxy socket keepalive",
    ),
)


def recognise(text: str) -> Outage | None:
    """The outage an error's type and message speak of, if they do."""
    return next((outage for pattern, outage in _OUTAGES if pattern.search(text)), None)
