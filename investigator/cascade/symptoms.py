"""Which words of an error say how the other side failed. The first row of the table that fits wins. Pure.

Rows that say more come first: a message about a refused connection often mentions the configured timeouts
too, and a failed handshake is reported as a reset as well.
"""

from __future__ import annotations

import re

from investigator.models.cascade import Symptom

_TABLE: tuple[tuple[Symptom, str], ...] = (
    (
        "pool_exhausted",
        r"QueuePool limit|couldn't get a connection after|"
        r"pool (?:is )?(?:probably |already )?(?:exhausted|full|"
        r"timeout)|ExhaustedPool|PoolExhausted|PoolTimeout|WaitQueueTimeout|PoolAcquireTimeout|"
        r"fetching a new connection|acquiring a connection|obtain(?:ing)? a connection from the pool|"
        r"checking out (?:a )?connection|waiting for (?:a )?connection from pool|Pending acquire queue|"
        r"Connection is not available, request timed out|exceeded when trying to connect|"
        r"No connection available|MaxConnectionsError|from the connection pool|Queue limit reached|"
        r"resource from the pool",
    ),
    (
        "unknown_host",
        r"ENOTFOUND|EAI_AGAIN|EAI_NONAME|(?:Name or service|node name|nodename nor servname)\S* (?:not known|"
        r"provided)|no such host|No such host|No address associated|failure in name resolution|"
        r"Name does not resolve|[Nn]ame resolution|NameResolution|Unknown ?[Hh]ost|could not translate host|"
        r"failed to resolve|resolve (?:the )?(?:host|address)|getaddrinfo|unresolved|UnresolvedAddress|"
        r"Domain name not found|DNS|server misbehaving",
    ),
    ("timeout", r"handshake (?:timeout|timed out)|SSL connection timeout"),
    (
        "tls",
        r"CERTIFICATE|certificate|[Ww]rong[ _]version[ _]number|WRONG_VERSION_NUMBER|SSLError|"
        r"(?:SSL|TLS) handshake|SSLHandshake|SSL routines|self.signed|x509:|PKIX|"
        r"SSL connection could not|ERR_TLS|ERR_SSL|EPROTO|SELF_SIGNED|UNABLE_TO_VERIFY_LEAF|"
        r"not support SSL|does not look like a TLS|SSL_connect|tlsv1|SSL negotiation|SSL SYSCALL|"
        r"SSL_ERROR_SSL|record layer failure",
    ),
    (
        "refused",
        r"ECONNREFUSED|[Cc]onnection ?[Rr]efused|actively refused|Connect call failed|Errno 111\b|Errno 61\b|"
        r"Connection to \S{1,300} refused|NoBrokersAvailable|Is the server running",
    ),
    (
        "unreachable",
        r"EHOSTUNREACH|ENETUNREACH|[Nn]o route to host|NoRouteToHost|[Nn]etwork is unreachable|"
        r"Host is (?:unreachable|down)|ENETDOWN",
    ),
    (
        "overloaded",
        r"too many (?:clients|connections)|Too many (?:connections|requests)|remaining connection slots|"
        r"\b429\b|RESOURCE_EXHAUSTED|ResourceExhausted|Throttl|[Ss]low ?[Dd]own|rate ?limit|RateLimit|"
        r"ProvisionedThroughputExceeded|circuit_breaking_exception|OOM command not allowed|EsRejected|"
        r"max number of clients reached|overflow_policy|out of memory|No space left|disk watermark|"
        r"ServerBusy|RequestLimitExceeded|es_rejected_execution",
    ),
    (
        "reset",
        r"ECONNRESET|EPIPE|[Cc]onnection ?[Rr]eset|[Bb]roken ?pipe|RemoteDisconnected|Remote end closed|"
        r"[Ss]erver disconnected|closed the connection|socket hang up|Socket closed|Socket is closed|"
        r"[Cc]onnection (?:was |has been |is |to the server |unexpectedly |with server )?"
        r"(?:aborted|closed|lost|terminated|dropped|broken|forcibly)|ConnectionAborted|"
        r"ConnectionClosed|Connection lost|gone away|"
        r"Lost connection|forcibly closed|closed unexpectedly|prematurely|Premature|stream (?:was )?reset|"
        r"other side closed|closed by (?:server|peer|remote|the remote|foreign)|terminating connection|"
        r"IncompleteRead|end of (?:file|stream)|unexpected EOF|: EOF$|Unexpected end of stream|"
        r"GOAWAY|connection does not exist|failed to respond|client is closed|NoConnectionError|"
        r"ConnectionLost|Channel closed|read ECONN|Connection ended|upstream connect error|"
        r"I/O error occurred while sending|disconnect/reset",
    ),
    (
        "server_error",
        r"\b50[0234]\b|Bad ?Gateway|Service ?Unavailable|Gateway ?Time-?out|Internal ?Server ?Error|"
        r"InternalServerError|\bUNAVAILABLE\b|StatusCode\.INTERNAL|READONLY|CLUSTERDOWN|MASTERDOWN|"
        r"LOADING Redis|is loading the dataset|starting up|shutting down|in recovery mode|"
        r"read-only (?:transaction|mode|replica)|NotWritablePrimary|NotPrimary|not (?:master|primary)|"
        r"No (?:primary|servers?|suitable servers?) (?:found|available)|NotLeader|NOT_LEADER|"
        r"LEADER_NOT_AVAILABLE|no available (?:server|broker|connection)|No living connections|"
        r"CircuitBreaker|[Cc]ircuit ?breaker|BrokenCircuit|[Cc]ircuit (?:is )?(?:open|OPEN)|Breaker is open|"
        r"No instances available|no healthy upstream|does not contain an instance|no available replica",
    ),
    (
        "timeout",
        r"[Tt]ime[d ]?-?[Oo]ut|TIMEDOUT|TIMED_OUT|[Dd]eadline ?[Ee]xceeded|DEADLINE_EXCEEDED|"
        r"DeadlineExceeded|ESOCKETTIMEDOUT|UND_ERR_\w{1,20}_TIMEOUT|did not respond|did not answer|"
        r"ServerSelectionError|not present in metadata after|ECONNABORTED|TIMEOUT|no response|"
        r"TimedOut|took too long|[Cc]ommand timed out|not observe any item",
    ),
    (
        "rejected",
        r"(?:password )?authentication failed|[Aa]uthentication ?[Ff]ail|Access denied|AccessDenied|"
        r"Access Denied|NOAUTH|WRONGPASS|NOPERM|ACCESS_REFUSED|Unauthorized|UNAUTHENTICATED|"
        r"PERMISSION_DENIED|[Ff]orbidden|\b40[134]\b|InvalidAccessKeyId|SignatureDoesNotMatch|"
        r"ExpiredToken|NoSuchBucket|NoSuchKey|no pg_hba\.conf entry|Login failed|NOT_ALLOWED|"
        r"database \S{1,200} does not exist|Unknown database|[Cc]annot open database|"
        r"role \S{1,200} does not exist|index_not_found|AuthenticationError|TopicAuthorization|"
        r"SaslAuthentication|UNKNOWN_TOPIC_OR_PART",
    ),
    (
        "garbage",
        r"Protocol ?[Ee]rror|[Bb]ad ?[Ss]tatus ?[Ll]ine|InvalidResponse|invalid response|Invalid response|"
        r"Malformed|malformed|Parse Error|HPE_INVALID|unexpected (?:response|message|packet)|"
        r"Unexpected (?:packet|token|response|end of JSON)|[Ii]nvalid (?:http|HTTP|frame|status|first byte|"
        r"server response|wire)|Expecting value|BadHttpMessage|illegal status line|"
        r"not valid JSON|JSONDecodeError|[Pp]acket sequence|InvalidData|Expected HTTP|bad handshake|"
        r"Trying to connect an http1|invalid character '|Unrecognized (?:token|name)|RESP|"
        r"Unknown (?:reply|response) type|Got bad|invalid packet|bad response",
    ),
)

_PATTERNS = tuple((symptom, re.compile(pattern)) for symptom, pattern in _TABLE)


def symptom_of(text: str) -> Symptom | None:
    return next((symptom for symptom, pattern in _PATTERNS if pattern.search(text)), None)
