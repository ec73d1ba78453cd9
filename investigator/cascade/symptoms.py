"""Which words of an error say how the other side failed. The first row of the table that fits wins. Pure.

Rows that say more come first: a message about a refused connection often mentions the configured timeouts
too, and a failed handshake is reported as a reset as well.
"""

from __future__ import annotations

import re

from investigator.models.cascade import Symptom

_TABLE: tuple[tuple[Symptom, tuple[str, ...]], ...] = (
    (
        "pool_exhausted",
        (
            r"QueuePool limit|couldn't get a connection after|Pending acquire queue|Queue limit reached",
            r"pool (?:is )?(?:probably |already )?(?:exhausted|full|timeout)|ExhaustedPool|PoolExhausted",
            r"PoolTimeout|WaitQueueTimeout|PoolAcquireTimeout|MaxConnectionsError|No connection available",
            r"(?:fetching|acquiring|obtain(?:ing)?|checking out|waiting for) (?:a )?(?:new )?connection",
            r"Connection is not available, request timed out|exceeded when trying to connect",
            r"resource from the pool",
        ),
    ),
    (
        "unknown_host",
        (
            r"ENOTFOUND|EAI_AGAIN|EAI_NONAME|[Nn]o such host|No address associated|getaddrinfo|gaierror",
            r"(?:Name or service|node name|nodename nor servname)\S{0,20}(?: provided, or)? not known",
            r"[Nn]ame resolution|NameResolution|Name does not resolve|Domain name not found|DNS|unresolved",
            r"Unknown (?:\w{1,20} )?[Hh]ost|UnknownHost|could not translate host|server misbehaving",
            r"(?:[Ff]ailed to|[Cc]ould not|cannot|[Uu]nable to) resolve|errors resolving|UnresolvedAddress",
        ),
    ),
    ("timeout", (r"handshake (?:timeout|timed out)|SSL connection timeout|system error: 110\b",)),
    (
        "tls",
        (
            r"CERTIFICATE|[Cc]ertificate|[Ww]rong[ _]version[ _]number|WRONG_VERSION_NUMBER|x509:|PKIX",
            r"SSLError|SSLException|(?:SSL|TLS) (?:handshake|negotiation|error|validation)",
            r"SSLHandshake|TlsError",
            r"SSL routines|SSL connection could not|ERR_TLS|ERR_SSL|EPROTO|SELF_SIGNED|self.signed",
            r"UNABLE_TO_VERIFY_LEAF|not support SSL|look like a TLS|SSL_connect|SSL_ERROR|SSL SYSCALL",
            r"tlsv1|record layer failure|[Uu]nrecognized SSL|HTTP response to HTTPS client",
        ),
    ),
    (
        "refused",
        (
            r"ECONNREFUSED|[Cc]onnection ?[Rr]efused|actively refused|Connect call failed|Errno (?:111|61)\b",
            r"Connection to \S{1,300} refused|NoBrokersAvailable|Is the server running",
        ),
    ),
    (
        "unreachable",
        (
            r"EHOSTUNREACH|ENETUNREACH|ENETDOWN|[Nn]o route to host|NoRouteToHost|[Nn]etwork is unreachable",
            r"Host is (?:unreachable|down)",
        ),
    ),
    (
        "overloaded",
        (
            r"too many clients|[Tt]oo ?[Mm]any ?[Cc]onnections|[Tt]oo [Mm]any [Rr]equests|TooManyRequests",
            r"(?:[Ss]tatus|[Cc]ode|HTTP|[Ee]rror)\W{1,3}(?:code )?429\b|RESOURCE_EXHAUSTED",
            r"ResourceExhausted|Throttl|SlowDown|[Rr]ate ?[Ll]imit|ServerBusy",
            r"ProvisionedThroughputExceeded|RequestLimitExceeded|circuit_breaking_exception",
            r"es_rejected_execution|remaining connection slots|max number of clients reached|disk watermark",
            r"command not allowed when used memory|No space left",
        ),
    ),
    (
        "garbage",
        (
            r"[Ss]tatus ?[Ll]ine|HTTP status code \"|Parse Error|HPE_INVALID",
            r"[Ii]nvalid H?[Tt]?[Tt]?[Pp]? ?response",
            r"expected authentication request|[Ii]nvalid (?:server )?response|Packet sequence",
            r"packet sequence",
            r"Got response id|reply message length|[Ff]rame size|FrameType|frame could not be parsed",
            r"Failed parsing HTTP/2|does not match the HTTP|HTTPParserError|HTTPBadResponse|BadHttpMessage",
            r"unexpected mimetype|Unknown RESP|bad response|(?:Malformed|malformed) (?:packet|reply|HTTP)",
            r"Unexpected packet|[Ii]nvalid packet|incorrect message length|message length \d{1,12} exceeds",
            r"commands out of sync|initial reply byte|unexpected response line|length of read message",
            r"not valid JSON|Unexpected token|JSONDecode|unexpected token at|invalid character",
        ),
    ),
    (
        "server_error",
        (
            r"READONLY|ReadOnlyError|CLUSTERDOWN|ClusterDown|MASTERDOWN|MasterDown|LOADING Redis",
            r"BusyLoading|loading the dataset|read only replica|in recovery mode",
            r"read-only (?:transaction|mode)",
            r"database system is (?:starting|shutting|not yet)|CannotConnectNow|NotWritablePrimary",
            r"NotPrimary",
            r"NotYetConnected|not (?:the )?(?:master|primary|leader)\b|NOT_LEADER|NotLeader|LEADER_NOT",
            r"no healthy upstream|No instances available|does not contain an instance|No living connections",
            r"[Cc]ircuit ?[Bb]reaker|BrokenCircuit|[Cc]ircuit (?:is )?(?:open|OPEN)|Breaker is open",
        ),
    ),
    (
        "reset",
        (
            r"ECONNRESET|EPIPE|[Cc]onnection ?[Rr]eset|[Bb]roken ?[Pp]ipe|RemoteDisconnected",
            r"Remote end closed",
            r"[Ss]erver disconnected|closed the connection|socket hang up|[Ss]ocket (?:is )?closed|EOF\b",
            r"[Cc]onnection (?:was |has been |is |to the server |unexpectedly |with server )?"
            r"(?:aborted|closed|lost|terminated|dropped|broken|forcibly|ended)",
            r"ConnectionAborted|ConnectionClosed|ConnectionLost|ConnectionDoesNotExist|StreamLost",
            r"[Ss]tream lost",
            r"gone away|Lost connection|forcibly closed|closed (?:unexpectedly|network)|[Pp]remature",
            r"stream (?:was )?reset|other side closed|peer closed",
            r"closed by (?:the )?(?:server|peer|remote|foreign)",
            r"terminating connection|IncompleteRead|end of (?:file|stream)|EOFException|EOFError|GOAWAY",
            r"failed to respond|Channel closed|disconnect/reset|connection \S{1,300} to \S{1,300} closed",
            r"sending to the backend|aborted pending request|stream has been aborted|: aborted$",
            r"payload is not completed|Not enough data to satisfy|bytes received: \d|received no bytes",
            r"Empty response|EmptyResponse|ClosedChannel|Closed connection|use of closed",
        ),
    ),
    (
        "server_error",
        (
            r"(?:[Ss]tatus|[Cc]ode|HTTP|[Ee]rror|[Rr]espon[ds]\w{0,4}|returned)\W{1,3}"
            r"(?:with |an? |code )?50[0234]\b",
            r"\b50[0234] (?:[Ss]erver|[Ee]rror|[Rr]espon)|[\[(]50[0234][\])]",
            r"Bad ?Gateway|Service ?Unavailable|Gateway ?Time-?out|Internal ?Server ?Error",
            r"InternalServerError|\bUNAVAILABLE\b|code = (?:Unavailable|Internal)\b|StatusCode\.INTERNAL",
            r"(?:[Ss]ervice|[Ss]erver|[Hh]ost|[Uu]pstream) (?:is )?(?:temporarily |currently )?unavailable",
            r": 50[0234]$",
            r"no available (?:server|broker|node|replica)",
        ),
    ),
    (
        "timeout",
        (
            r"[Tt]imed?[ -]?[Oo]ut|TIMED_?OUT|[Dd]eadline ?[Ee]xceeded|DEADLINE_EXCEEDED|TIMEOUT",
            r"did not (?:respond|answer|observe)|ServerSelection|not present in metadata after|took too long",
            r"TimedOut|ECONNABORTED|operation was aborted|server is available matching preference",
        ),
    ),
    ("garbage", (r"Protocol ?[Ee]rror|ProtocolException|InvalidResponse|ContentTypeError",)),
    (
        "rejected",
        (
            r"[Aa]uthentication ?[Ff]ail|AuthenticationError|[Aa]uthentication required|NOAUTH|WRONGPASS",
            r"invalid username-password|Access ?[Dd]enied|NOPERM|ACCESS_REFUSED|[Uu]nauthorized",
            r"UNAUTHENTICATED|Unauthenticated|PERMISSION_DENIED|PermissionDenied|[Ff]orbidden|\b40[134]\b",
            r"InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|NoSuchBucket|no pg_hba\.conf entry",
            r"Login failed for|[Uu]nknown database|[Cc]annot open database",
            r"(?:database|role) \S{1,200} does not",
            r"TopicAuthorization|SaslAuthentication|UNKNOWN_TOPIC_OR_PART|index_not_found",
        ),
    ),
)
_VAGUE = re.compile(
    r"(?:[Cc]an(?:'|no)t|[Cc]ould not|[Ff]ailed to|[Uu]nable to|fail to|Error|not possible to) "
    r"connect|[Uu]nable to bootstrap|[Bb]roker transport failure|MaxRetriesPerRequest|CannotConnect|"
    r"UnableToConnect|establishing a connection|[Nn]o connection is|could not be established|[Cc]an't reach|"
    r"AMQPConnectionError|BrokerUnreachable|No connection could be made|ConnectException|attempt failed|"
    r"ConnectionNotEstablished|[Cc]onnection (?:error|failed|failure)|link failure|"
    r"(?:[Aa]ll|\d) brokers (?:are )?down|ALL_BROKERS_DOWN|[Cc]ould not establish|"
    r"opening a connection|communicating with"
)
_PATTERNS = tuple((symptom, re.compile("|".join(words))) for symptom, words in _TABLE)


def symptom_of(text: str) -> Symptom | None:
    return next((symptom for symptom, pattern in _PATTERNS if pattern.search(text)), None)


def is_out_of_reach(text: str) -> bool:
    """It says that there was no connection, and no more."""
    return _VAGUE.search(text) is not None
