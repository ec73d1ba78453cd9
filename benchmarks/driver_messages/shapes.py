"""Turn harvested rows into the shapes the tests and the generator of alert streams read.

    python -m benchmarks.driver_messages.shapes RAW.jsonl… > tests/investigator/cascade/driver_messages.jsonl

Host and port become `<HOST>` and `<PORT>`; rows that then say the same are kept once. What a shape must be
read as comes from what was provoked, never from the reader under test: the driver tells the kind, the fault
the symptom, except where the driver's own words say something else (`_SAYS`) or nothing at all (`_SILENT`).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_KINDS = {
    "postgres": "psycopg psycopg2-binary asyncpg psycopg_pool pg pg-pool activerecord pgx pq postgresql"
    " hikaricp",
    "mysql": "PyMySQL aiomysql mysql2 mysql mariadb",
    "redis": "redis ioredis redigo",
    "mongodb": "pymongo mongodb mongoose mongo",
    "elasticsearch": "elasticsearch @elastic/elasticsearch",
    "kafka": "kafka-python aiokafka confluent-kafka kafkajs",
    "rabbitmq": "pika aio-pika amqplib bunny amqp091 rabbitmq",
    "object_store": "boto3-s3",
}
KIND_OF = {driver: kind for kind, drivers in _KINDS.items() for driver in drivers.split()}
USUAL_PORTS = {
    "postgres": 5432,
    "mysql": 3306,
    "redis": 6379,
    "mongodb": 27017,
    "elasticsearch": 9200,
    "kafka": 9092,
    "rabbitmq": 5672,
    "object_store": 9000,
    "service": 8080,
    "host": 7777,
}
_SYMPTOMS = {
    **dict.fromkeys(("500", "502", "503", "504"), "server_error"),
    **dict.fromkeys(("401", "403", "404"), "rejected"),
    **dict.fromkeys(("429", "too_many", "slots", "redis_4", "redis_7"), "overloaded"),
    **dict.fromkeys(("starting", "stopping", "redis_0", "redis_1", "redis_2", "redis_3"), "server_error"),
    **dict.fromkeys(("password", "no_database", "redis_5", "redis_6"), "rejected"),
    **dict.fromkeys(("hangup", "midway"), "reset"),
    "html": "garbage",
}


def shapes(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    for line in lines:
        row = json.loads(line)
        chain = [_general(link, str(row["host"]), str(row["port"])) for link in row["chain"]]
        same = json.dumps([re.sub(r"\d+", "0", f"{link['type']} {link['value']}") for link in chain])
        key = f"{row['driver']} {same}"
        if key in seen:
            continue
        seen.add(key)
        yield {
            "language": row["language"],
            "driver": row["driver"],
            "version": row["version"],
            "how": "run",
            "fault": row["fault"],
            "chain": chain,
            **expectation(row["driver"], row["fault"], chain),
        }


def expectation(driver: str, fault: str, chain: list[dict[str, Any]]) -> dict[str, Any]:
    """`target` is None where nobody can tell which system it was; the error is a consequence all the same."""
    words = "\n".join(f"{link['type']}: {link['value']}" for link in chain)
    kind = _kind(driver, chain, words)
    if "<PORT>" not in words and _anonymous(kind, chain):
        kind = "host"
    symptom = next((says for words_of, says in _SAYS if re.search(words_of, words, re.MULTILINE)), None)
    named = "<HOST>" in words
    if kind in ("service", "sql") and not named:
        return {"target": None}
    if not named and kind == "host":
        return {"target": None}
    told = symptom or _SYMPTOMS.get(fault, fault)
    return {"target": {"kind": kind, "name": "<HOST>" if named else None, "symptom": told}}


def _general(link: dict[str, Any], host: str, port: str) -> dict[str, Any]:
    value = re.sub(r" on [0-9.]{7,15}:53\b", " on 10.96.0.10:53", link["value"])  # our resolver is nobody's
    if host:
        value = re.sub(rf"\b{re.escape(host)}\b", "<HOST>", value)
        value = re.sub(rf"(?<!\d){port}(?!\d)", "<PORT>", value)
    return {**link, "value": value[:4000]}


def _kind(driver: str, chain: list[dict[str, Any]], words: str) -> str:
    if re.search("QueuePool|obtain a connection from the pool", words):
        return "sql"  # some database, which one is not said
    if driver == "SQLAlchemy":
        return "mysql" if "pymysql" in words else "postgres"
    if "ListBuckets" in words:
        return "object_store"
    return KIND_OF.get(driver, "service")


# What gives a kind of system away where no address does.
_TRACES = {
    "postgres": r"psycopg|asyncpg|\bpg\b|PG::|postgres|\bpgx|pgconn|\bpq:|pg-p|QueuePool|ActiveRecord|FATAL",
    "mysql": r"mysql|mariadb",
    "redis": r"redis",
    "mongodb": r"mongo|topology",
    "elasticsearch": r"elastic",
    "kafka": r"kafka",
    "rabbitmq": r"pika|amqp|aiormq|rabbit|bunny",
    "object_store": r"\bs3\b|ListBuckets",
    "sql": r"",
    "host": r"",
    "service": r"http|grpc|rpc error|axios|FetchError|\bgot/|undici|requests|RestClient|Faraday|AWS|endpoint",
}

# What the words say where it is not what was provoked: a server that is silent before a client that hangs up
# looks like a timeout, and a TLS client cannot tell rubbish from a wrong version.
_SAYS: tuple[tuple[str, str], ...] = (
    (r"exceeded when trying to connect", "pool_exhausted"),
    (r"^AMQPConnectionError: $|to bootstrap|Broker transport failure|max retries per request", "unreachable"),
    (r"on '<HOST>' \(115\)$", "unreachable"),
    (r"No server is available matching", "timeout"),
    (r"Server selection timed out after|Waiting for LB pick", "timeout"),
    (r"use of closed network|Transport indicated EOF|closed before we received a valid", "reset"),
)


def _anonymous(kind: str, chain: list[dict[str, Any]]) -> bool:
    """Neither words nor type nor module nor the files nearest the crash speak of that kind of system."""
    return not re.search(_TRACES[kind], json.dumps(chain), re.IGNORECASE)


def main(paths: list[str]) -> None:
    lines = (line for path in paths for line in Path(path).read_text().splitlines())
    for shape in shapes(lines):
        print(json.dumps(shape))


if __name__ == "__main__":
    main(sys.argv[1:])
