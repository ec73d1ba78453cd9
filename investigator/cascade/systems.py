"""What kind of system an error speaks of: by who raised it, by its words, by the port. Pure.

One row a kind. `raisers` are the modules and types of drivers, `words` what only messages about that system
say, `libraries` the packages whose frames lie nearest the crash.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from investigator.cascade.said import Said
from investigator.models.cascade import TargetKind


class _System(NamedTuple):
    kind: TargetKind
    raisers: re.Pattern[str]
    words: re.Pattern[str]
    libraries: re.Pattern[str]


def _system(kind: TargetKind, raisers: str, words: str, libraries: str) -> _System:
    return _System(kind, re.compile(raisers), re.compile(words), re.compile(libraries))


_SYSTEMS = (
    _system(
        "postgres",
        r"psycopg|asyncpg|org\.postgresql|\bPG::|PSQLException|Npgsql|PostgresError|PostgresException|pgconn|"
        r"\bpgx|\blib/pq",
        r"psycopg|asyncpg|PSQLException|PG::|Npgsql|postgres|Postgres|pg_hba|pgbouncer|"
        r"FATAL:  |SSL SYSCALL|\bpq: |"
        r"connection to server (?:at|on) |server closed the connection unexpectedly|too many clients already|"
        r"the database system is |remaining connection slots|password authentication failed for user",
        r"\bpsycopg|\basyncpg\b|/pg/lib/|/pg-pool/|/pg-protocol/|org\.postgresql|/pgx|/lib/pq|\bnpgsql",
    ),
    _system(
        "mysql",
        r"pymysql|MySQLdb|aiomysql|mysql\.connector|com\.mysql|Mysql2|MySqlException|MySqlConnector|mariadb|"
        r"go-sql-driver",
        r"[Mm]y[Ss][Qq][Ll]|MariaDB|pymysql|CommunicationsException|Communications link failure|"
        r"PROTOCOL_CONNECTION_LOST",
        r"\bpymysql|\bMySQLdb|\baiomysql|/mysql2/|/mysql/lib|com\.mysql|go-sql-driver|mysql2\.rb",
    ),
    _system(
        "sqlserver",
        r"SqlClient|SQLServerException|pymssql|TinyTds|mssql",
        r"SQL Server|SqlClient|SQLServerException|mssql|ODBC Driver \d{1,2}",
        r"SqlClient|com\.microsoft\.sqlserver|/tedious/|/mssql/",
    ),
    _system(
        "redis",
        r"\b[Rr]edis|io\.lettuce|\bJedis|StackExchange\.Redis|ioredis|RedisClient|MaxRetriesPerRequest",
        r"[Rr]edis|CLUSTERDOWN|MASTERDOWN|Lettuce|Jedis|NOAUTH|WRONGPASS|OOM command not allowed|"
        r"max retries per request|mgr: \d",
        r"\bredis\b|/ioredis/|@redis/|io\.lettuce|redis\.clients\.jedis|go-redis|StackExchange\.Redis",
    ),
    _system(
        "mongodb",
        r"\b[Pp]ymongo|Mongo|\bmotor\.|mongo-driver",
        r"Mongo|mongo|Topology Description|TopologyDescription|ServerSelection|ReplicaSetNoPrimary|"
        r"server selection",
        r"\bpymongo|/mongodb/|/mongoose/|com\.mongodb|mongo-driver|mongo/|MongoDB\.Driver",
    ),
    _system(
        "elasticsearch",
        r"elastic_transport|[Ee]lasticsearch|opensearch|Elastic",
        r"[Ee]lastic ?[Ss]earch|[Oo]pen[Ss]earch|circuit_breaking_exception|search_phase_execution|"
        r"es_rejected_execution|index_not_found|No living connections",
        r"\belasticsearch|\belastic_transport|@elastic/|org\.elasticsearch|opensearch",
    ),
    _system(
        "kafka",
        r"\b[Kk]afka|aiokafka|confluent_kafka|NoBrokersAvailable|KafkaJS|org\.apache\.kafka|sarama|Rdkafka",
        r"[Kk]afka|[Bb]roker:|bootstrap\.servers|Topic \S{1,250} not present|LEADER|"
        r"TopicAuthorization|UNKNOWN_TOPIC_OR_PART|librdkafka",
        r"\bkafka\b|\baiokafka|confluent_kafka|/kafkajs/|org\.apache\.kafka|sarama|rdkafka",
    ),
    _system(
        "rabbitmq",
        r"\bpika|\bamqp|\baio_pika|aiormq|kombu|com\.rabbitmq|RabbitMQ|Bunny::|AMQP",
        r"AMQP|amqp|[Rr]abbit ?[Mm][Qq]|ACCESS_REFUSED|BrokerUnreachable|CONNECTION-FORCED",
        r"\bpika\b|\baio_pika|\baiormq|\bkombu|/amqplib/|com\.rabbitmq|amqp091|RabbitMQ\.Client|/bunny",
    ),
    _system(
        "object_store",
        r"\bS3\b|AmazonS3|NoSuchBucket|minio",
        r"\bS3\b|NoSuchBucket|(?:Put|Get|Head|Delete|List|Copy)(?:Object|Bucket)|NoSuchKey|\.s3[.-]|minio|storage\.googleapis|"
        r"blob\.core\.windows",
        r"/s3/|client-s3|minio",
    ),
    _system(
        "service",
        r"\brequests\.|httpx|aiohttp|urllib3|http\.client|AxiosError|FetchError|GotError|\bRequestError|grpc|"
        r"Feign|RestClient|Faraday|HttpRequestException|WebClient|StatusRuntimeException|Net::|RpcError|"
        r"OpenTimeout|ReadTimeout$|ConnectTimeout$|botocore|HttpClient|HttpConnect|NoHttpResponse|httpcore",
        r"HTTPS?ConnectionPool|StatusCode\.|Cannot connect to host|for url|\[(?:GET|POST|PUT|DELETE|PATCH)\]|"
        r"(?:Get|Post|Put|Delete|Patch|Head) \"|request for \"|rpc error|statusCode|AxiosError|"
        r"fetch failed|grpc|gRPC|14 UNAVAILABLE|4 DEADLINE|endpoint URL",
        r"\brequests\b|\burllib3|\bhttpx\b|\baiohttp\b|\bhttpcore|/axios/|/undici/|/got/|\bgrpc|feign|"
        r"java\.net\.http|okhttp|faraday|net/http|System\.Net\.Http|botocore|/node-fetch/",
    ),
)
*_, _OBJECT_STORE, _SERVICE = _SYSTEMS
_PORTS: dict[int, TargetKind] = {
    5432: "postgres",
    6432: "postgres",
    3306: "mysql",
    1433: "sqlserver",
    6379: "redis",
    6380: "redis",
    26379: "redis",
    27017: "mongodb",
    9200: "elasticsearch",
    9092: "kafka",
    9093: "kafka",
    9094: "kafka",
    5672: "rabbitmq",
    5671: "rabbitmq",
    80: "service",
    443: "service",
    3000: "service",
    8000: "service",
    8080: "service",
    8443: "service",
    50051: "service",
}

_NAMED: dict[str, TargetKind] = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "redis": "redis",
    "mongo": "mongodb",
    "mongodb": "mongodb",
    "kafka": "kafka",
    "rabbitmq": "rabbitmq",
    "elasticsearch": "elasticsearch",
    "opensearch": "elasticsearch",
}
_NAMES = re.compile(rf"(?<![a-z])({'|'.join(sorted(_NAMED, key=len, reverse=True))})(?![a-z])")


def system_of(said: Said) -> TargetKind | None:
    """By who raised it, else by its words, else by the library nearest the crash.

    A client of HTTP speaks of many systems' addresses, so its words count before names in them do.
    """
    raised = next((system.kind for system in _SYSTEMS if system.raisers.search(said.origin)), None)
    if raised not in (None, "service"):
        return raised
    if raised or _SERVICE.words.search(said.text):
        return "object_store" if _OBJECT_STORE.words.search(said.text) else "service"
    by_words = next((system.kind for system in _SYSTEMS if system.words.search(said.text)), None)
    return by_words or next((one.kind for one in _SYSTEMS if one.libraries.search(said.stack)), None)


def system_named(host: str) -> TargetKind | None:
    """What a host's name says it is: `redis-sessions.internal`, `kafka1`."""
    match = _NAMES.search(host.lower())
    return _NAMED[match[1]] if match else None


def system_at(port: int | None) -> TargetKind | None:
    return _PORTS.get(port) if port else None
