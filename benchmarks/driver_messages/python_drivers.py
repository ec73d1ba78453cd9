"""What Python's drivers say of each fault. Needs the packages that README.md names; run under faults.py."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import traceback
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

Provoke = Callable[[], Any]

LOCAL = "127.0.0.1"
UNKNOWN = os.environ["FAULT_UNKNOWN"]
NETWORK = {
    "refused": (LOCAL, int(os.environ["FAULT_CLOSED"])),
    "unknown_host": (UNKNOWN, 7777),
    "timeout": (LOCAL, int(os.environ["FAULT_SILENT"])),
    "garbage": (LOCAL, int(os.environ["FAULT_RUBBISH"])),
    "reset": (LOCAL, int(os.environ["FAULT_RESET"])),
    "hangup": (LOCAL, int(os.environ["FAULT_HANGUP"])),
}
HTTP = int(os.environ["FAULT_HTTP"])
MIDWAY = int(os.environ["FAULT_MIDWAY"])
TLS = int(os.environ["FAULT_TLS"])
REDIS = int(os.environ["FAULT_REDIS"])
POSTGRES = int(os.environ["FAULT_POSTGRES"])
MYSQL = int(os.environ["FAULT_MYSQL"])
STATUSES = (401, 404, 429, 500, 502, 503, 504)
POSTGRES_REFUSALS = ("too_many", "starting", "stopping", "password", "no_database", "slots")


def chain(error: BaseException | None) -> list[dict[str, Any]]:
    """As Sentry's SDK reports it: the cause first."""
    links: list[dict[str, Any]] = []
    while error is not None and len(links) < 8:
        kind = type(error)
        link = {"type": kind.__name__, "module": kind.__module__, "value": str(error)}
        links.append({**link, "frames": places(error)})
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return links[::-1]


def places(error: BaseException) -> list[str]:
    """The modules nearest the crash, oldest call first."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return [str(frame.f_globals.get("__name__", "")) for frame in frames if frame.f_globals is not globals()][
        -4:
    ]


async def tell(driver: str, fault: str, host: str, port: int, provoke: Provoke) -> None:
    try:
        answer = provoke()
        if inspect.isawaitable(answer):
            answer = await asyncio.wait_for(answer, 8)
    except Exception as error:  # noqa: BLE001  (whatever a driver raises is the harvest)
        row = {"language": "python", "driver": driver, "version": version(driver), "fault": fault}
        print(json.dumps({**row, "host": host, "port": port, "chain": chain(error)}), flush=True)
    else:
        raise SystemExit(f"{driver}, {fault}: nothing failed, it answered {answer!r}")


async def main() -> None:
    for family in (databases, documents, caches, brokers, http_clients, rpc, clouds):
        for arguments in family():
            await tell(*arguments)


Row = tuple[str, str, str, int, Provoke]


def databases() -> Iterator[Row]:
    import aiomysql
    import asyncpg
    import psycopg
    import psycopg2
    import pymysql
    import sqlalchemy

    for fault, (host, port) in NETWORK.items():
        dsn = f"host={host} port={port} dbname=orders user=app password=x connect_timeout=2 sslmode=disable"
        yield "psycopg", fault, host, port, lambda dsn=dsn: psycopg.connect(dsn)
        yield "psycopg2-binary", fault, host, port, lambda dsn=dsn: psycopg2.connect(dsn)
        at: dict[str, Any] = {"host": host, "port": port, "user": "app", "password": "x"}
        yield (
            "asyncpg",
            fault,
            host,
            port,
            lambda at=at: asyncpg.connect(**at, database="orders", timeout=1, ssl=False),
        )
        timeouts = {"connect_timeout": 1}
        yield (
            "PyMySQL",
            fault,
            host,
            port,
            lambda at=at: pymysql.connect(**at, database="orders", connect_timeout=1, read_timeout=1),
        )
        yield (
            "aiomysql",
            fault,
            host,
            port,
            lambda at=at: aiomysql.connect(**at, db="orders", connect_timeout=1),
        )
        url = f"postgresql+psycopg2://app:x@{host}:{port}/orders?sslmode=disable"
        engine = sqlalchemy.create_engine(url, connect_args={**timeouts, "connect_timeout": 2})
        yield "SQLAlchemy", fault, host, port, engine.connect
        url = f"mysql+pymysql://app:x@{host}:{port}/orders"
        engine = sqlalchemy.create_engine(url, connect_args={**timeouts, "read_timeout": 1})
        yield "SQLAlchemy", fault, host, port, engine.connect
    for refusal in POSTGRES_REFUSALS:
        dsn = f"host={LOCAL} port={POSTGRES} dbname={refusal} user=app password=x connect_timeout=2"
        yield "psycopg", refusal, LOCAL, POSTGRES, lambda dsn=dsn: psycopg.connect(dsn)
        yield "psycopg2-binary", refusal, LOCAL, POSTGRES, lambda dsn=dsn: psycopg2.connect(dsn)
        yield (
            "asyncpg",
            refusal,
            LOCAL,
            POSTGRES,
            lambda refusal=refusal: asyncpg.connect(
                host=LOCAL, port=POSTGRES, user="app", database=refusal, ssl=False
            ),
        )
    yield "PyMySQL", "too_many", LOCAL, MYSQL, lambda: pymysql.connect(host=LOCAL, port=MYSQL, user="app")
    yield "SQLAlchemy", "pool_exhausted", "", 0, _alchemy_pool
    yield "psycopg_pool", "pool_exhausted", "", 0, _psycopg_pool
    tls = (
        f"host={LOCAL} port={NETWORK['garbage'][1]} dbname=orders user=app sslmode=require connect_timeout=2"
    )
    yield "psycopg", "tls", LOCAL, NETWORK["garbage"][1], lambda: psycopg.connect(tls)


def _alchemy_pool() -> None:
    import sqlalchemy

    pool = {"poolclass": sqlalchemy.pool.QueuePool, "pool_size": 1, "max_overflow": 0, "pool_timeout": 0.1}
    engine = sqlalchemy.create_engine("sqlite://", **pool)  # the pool words it, whatever the database
    with engine.connect():
        engine.connect()


def _psycopg_pool() -> None:
    import psycopg_pool

    with psycopg_pool.ConnectionPool(
        f"host={LOCAL} port={NETWORK['refused'][1]} dbname=orders", open=False, min_size=1
    ) as pool:
        pool.getconn(timeout=0.3)


def documents() -> Iterator[Row]:
    import pymongo
    from elasticsearch import Elasticsearch

    for fault, (host, port) in NETWORK.items():
        client: Any = pymongo.MongoClient(
            host, port, serverSelectionTimeoutMS=500, connectTimeoutMS=400, socketTimeoutMS=400
        )
        yield "pymongo", fault, host, port, client.orders.items.find_one
        elastic = Elasticsearch(f"http://{host}:{port}", request_timeout=1, max_retries=0)
        yield "elasticsearch", fault, host, port, lambda elastic=elastic: elastic.search(index="orders")
    client = pymongo.MongoClient(LOCAL, TLS, tls=True, serverSelectionTimeoutMS=500)
    yield "pymongo", "tls", LOCAL, TLS, client.orders.items.find_one
    for status in (401, 429, 503):
        elastic = Elasticsearch(f"http://{LOCAL}:{HTTP}/{status}", max_retries=0)
        yield "elasticsearch", str(status), LOCAL, HTTP, lambda elastic=elastic: elastic.info()
    secure = Elasticsearch(f"https://{LOCAL}:{TLS}", request_timeout=1, max_retries=0)
    yield "elasticsearch", "tls", LOCAL, TLS, secure.info


def caches() -> Iterator[Row]:
    import redis
    import redis.asyncio

    for fault, (host, port) in NETWORK.items():
        options: dict[str, Any] = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "protocol": 2}
        client = redis.Redis(host, port, retry=None, **options)
        yield "redis", fault, host, port, lambda client=client: client.get("key")
        later: Any = redis.asyncio.Redis(host=host, port=port, retry=None, **options)
        yield "redis", fault, host, port, lambda later=later: later.get("key")
    for number in range(8):
        answered = redis.Redis(LOCAL, REDIS, retry=None, protocol=2)
        yield "redis", f"redis_{number}", LOCAL, REDIS, lambda c=answered, n=number: c.get(str(n))
    secure = redis.Redis(LOCAL, TLS, ssl=True, retry=None, socket_timeout=1, protocol=2)
    yield "redis", "tls", LOCAL, TLS, lambda: secure.get("key")
    yield "redis", "pool_exhausted", "", 0, _redis_pool


def _redis_pool() -> None:
    import redis

    pool = redis.BlockingConnectionPool(host=LOCAL, port=REDIS, max_connections=1, timeout=1, protocol=2)
    pool.get_connection()
    pool.get_connection()


def brokers() -> Iterator[Row]:
    import aio_pika
    import aiokafka
    import confluent_kafka
    import kafka
    import pika

    for fault, (host, port) in NETWORK.items():
        servers = f"{host}:{port}"
        yield (
            "pika",
            fault,
            host,
            port,
            lambda host=host, port=port: pika.BlockingConnection(
                pika.ConnectionParameters(
                    host,
                    port,
                    socket_timeout=1,
                    stack_timeout=2,
                    blocked_connection_timeout=1,
                    connection_attempts=1,
                )
            ),
        )
        url = f"amqp://guest:guest@{servers}/"
        yield "aio-pika", fault, host, port, lambda url=url: aio_pika.connect(url, timeout=1)
        yield (
            "kafka-python",
            fault,
            host,
            port,
            lambda servers=servers: (
                kafka.KafkaProducer(bootstrap_servers=servers, max_block_ms=800).send("orders", b"x").get(1)
            ),
        )
        yield (
            "aiokafka",
            fault,
            host,
            port,
            lambda servers=servers: aiokafka.AIOKafkaProducer(
                bootstrap_servers=servers, request_timeout_ms=800
            ).start(),
        )
        yield (
            "confluent-kafka",
            fault,
            host,
            port,
            lambda servers=servers: confluent_kafka.Producer(
                {"bootstrap.servers": servers, "log_level": 0}
            ).list_topics(timeout=0.8),
        )


def http_clients() -> Iterator[Row]:
    import aiohttp
    import httpx
    import requests
    import urllib3

    async def aio(url: str) -> Any:
        timeout = aiohttp.ClientTimeout(total=1)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as answer:
            answer.raise_for_status()
            return await answer.json()

    def checked(client: Any, url: str) -> Any:
        answer = client.get(url, timeout=1)
        answer.raise_for_status()
        return answer.json()

    places = [(fault, host, port, f"http://{host}:{port}/") for fault, (host, port) in NETWORK.items()]
    places += [(str(status), LOCAL, HTTP, f"http://{LOCAL}:{HTTP}/{status}") for status in STATUSES]
    places += [
        ("html", LOCAL, HTTP, f"http://{LOCAL}:{HTTP}/html"),
        ("midway", LOCAL, MIDWAY, f"http://{LOCAL}:{MIDWAY}/"),
    ]
    places += [
        ("tls", LOCAL, TLS, f"https://{LOCAL}:{TLS}/"),
        ("tls", LOCAL, HTTP, f"https://{LOCAL}:{NETWORK['garbage'][1]}/"),
    ]
    for fault, host, port, url in places:
        yield "requests", fault, host, port, lambda url=url: checked(requests, url)
        yield "httpx", fault, host, port, lambda url=url: checked(httpx, url)
        yield "aiohttp", fault, host, port, lambda url=url: aio(url)
        if not fault.isdigit() and fault != "html":
            yield (
                "urllib3",
                fault,
                host,
                port,
                lambda url=url: urllib3.PoolManager().request("GET", url, timeout=1, retries=1),
            )
    retried = urllib3.Retry(2, status_forcelist=[503], backoff_factor=0)
    url = f"http://{LOCAL}:{HTTP}/503"
    yield "urllib3", "503", LOCAL, HTTP, lambda: urllib3.PoolManager().request("GET", url, retries=retried)


def rpc() -> Iterator[Row]:
    import grpc

    for fault, (host, port) in NETWORK.items():
        for wait in (False, True):
            channel = grpc.insecure_channel(f"{host}:{port}")
            call = channel.unary_unary("/payments.Payments/Charge")
            yield (
                "grpcio",
                fault,
                host,
                port,
                lambda call=call, wait=wait: call(b"", timeout=1, wait_for_ready=wait),
            )


def clouds() -> Iterator[Row]:
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=1, read_timeout=1, retries={"max_attempts": 0})
    keys: dict[str, Any] = {
        "region_name": "eu-west-1", "aws_access_key_id": "x", "aws_secret_access_key": "x", "config": config,
    }  # fmt: skip
    for fault, (host, port) in NETWORK.items():
        s3 = boto3.client("s3", endpoint_url=f"http://{host}:{port}", **keys)
        yield "boto3", fault, host, port, s3.list_buckets
    queue = boto3.client("sqs", endpoint_url=f"http://{LOCAL}:{NETWORK['refused'][1]}", **keys)
    yield "boto3", "refused", LOCAL, NETWORK["refused"][1], queue.list_queues
    secure = boto3.client("s3", endpoint_url=f"https://{LOCAL}:{TLS}", **keys)
    yield "boto3", "tls", LOCAL, TLS, secure.list_buckets
    for status in (503,):
        s3 = boto3.client("s3", endpoint_url=f"http://{LOCAL}:{HTTP}/{status}", **keys)
        yield "boto3", str(status), LOCAL, HTTP, s3.list_buckets


if __name__ == "__main__":
    asyncio.run(main())
