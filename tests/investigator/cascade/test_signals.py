from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.cascade.signals import signals_of
from investigator.models.cascade import Signals, Target
from investigator.models.sentry import Frame, SentryEvent, SentryException, SentryIssue
from investigator.sentry.parse import parse_event

REFUSED = SentryException(type="Error", value="connect ECONNREFUSED 10.0.0.9:5432")


def said(kind: str, value: str, **event: object) -> Signals:
    exception = SentryException(type=kind, value=value)
    return signals_of(SentryEvent.model_validate({"exceptions": (exception,), **event}), None)


def names(signals: Signals) -> list[tuple[str, str | None, int | None]]:
    return [(target.kind, target.name, target.port) for target in signals.targets]


@pytest.mark.parametrize(
    ("text", "kind", "name", "port"),
    [
        (
            "could not connect to postgres://app:s3cret@orders-db:5433/orders: timed out",
            "postgres",
            "orders-db",
            5433,
        ),
        ("redis://:pw@cache.internal:6380/0 connection reset", "redis", "cache.internal", 6380),
        ("amqp://guest:guest@mq:5672/ connection refused", "rabbitmq", "mq", 5672),
        ("jdbc:postgresql://pg-1/orders: Connection refused", "postgres", "pg-1", None),
        ("dns:///payments:50051: name resolution failed", "service", "payments", 50051),
        (
            "ipv4:10.0.0.1:50051: Failed to connect to remote host: Connection refused",
            "service",
            "10.0.0.1",
            50051,
        ),
        (
            "I/O error on GET http://payments.prod.svc.cluster.local/api: Connection refused",
            "service",
            "payments.prod.svc.cluster.local",
            None,
        ),
        (
            'Could not connect to the endpoint URL: "https://shop.s3.eu-west-1.amazonaws.com/a"',
            "object_store",
            "shop.s3.eu-west-1.amazonaws.com",
            None,
        ),
        ("CircuitBreaker 'payments' is OPEN and does not permit further calls", "service", "payments", None),
        ("payment-service returned 503", "service", "payment-service", None),
        ("No instances available for inventory", "service", "inventory", None),
    ],
)
def test_an_address_in_any_spelling_is_read(text: str, kind: str, name: str, port: int | None) -> None:
    assert names(said("Error", text)) == [(kind, name, port)]


def test_every_broker_of_a_list_is_named() -> None:
    signals = said("KafkaError", "kafka://k1:9092,k2:9092,k3:9092 all brokers down: connection refused")

    assert [name for _, name, _ in names(signals)] == ["k1", "k2", "k3"]


def test_the_database_is_told_apart_from_its_host() -> None:
    signals = said(
        "OperationalError",
        'connection to server at "db" (10.0.0.1), port 5432 failed: FATAL:  database "orders" does not exist',
    )

    assert signals.targets == (
        Target(kind="postgres", name="db", port=5432, database="orders", symptom="rejected"),
    )


def test_a_wrapper_tells_the_system_and_its_cause_the_symptom() -> None:
    cause = SentryException(type="gaierror", value="[Errno -2] Name or service not known")
    outer = SentryException(
        type="OperationalError",
        module="pymysql.err",
        value="(2003, \"Can't connect to MySQL server on 'db'\")",
    )

    signals = signals_of(SentryEvent(exceptions=(cause, outer)), None)

    assert signals.targets == (Target(kind="mysql", name="db", symptom="unknown_host"),)


def test_our_own_host_and_address_are_no_targets() -> None:
    signals = said(
        "HTTPError",
        "502 Server Error: Bad Gateway for url: https://shop.example.com/checkout (host web-1: timed out)",
        request_url="https://shop.example.com/checkout",
        server_name="web-1",
    )

    assert signals.targets == ()


def test_a_store_on_our_own_host_is_a_target() -> None:
    event = SentryEvent(exceptions=(REFUSED,), server_name="10.0.0.9", request_url="http://10.0.0.9/x")

    assert names(signals_of(event, None)) == [("postgres", "10.0.0.9", 5432)]


def test_a_request_that_failed_before_the_crash_is_named() -> None:
    event = parse_event(
        {
            "exception": {"values": [{"type": "KeyError", "value": "'total'"}]},
            "breadcrumbs": {
                "values": [
                    {"category": "httplib", "data": {"url": "http://pricing:8080/quote", "status_code": 503}},
                    {"category": "httplib", "data": {"url": "http://stock:8080/items", "status_code": 200}},
                ]
            },
        }
    )

    assert names(signals_of(event, None)) == [("service", "pricing", 8080)]


def test_the_peer_tag_names_whom_a_bland_timeout_waited_for() -> None:
    signals = said("TimeoutError", "timed out", tags=(("peer.service", "payments"),))

    assert names(signals) == [("service", "payments", None)]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("TimeoutError", "timed out"),
        ("AttributeError", "'NoneType' object has no attribute 'get'"),
        ("JSONDecodeError", "Expecting value: line 1 column 1 (char 0)"),
        ("SyntaxError", "Unexpected token < in JSON at position 0"),
        ("Error", "Request failed with status code 502"),
        ("Error", "upstream connect error or disconnect/reset before headers. reset reason: overflow"),
        ("BrokenCircuitException", "The circuit is now open and is not allowing calls."),
        ("context.deadlineExceededError", "context deadline exceeded"),
    ],
)
def test_a_consequence_that_names_nobody_is_known_as_one(kind: str, value: str) -> None:
    signals = said(kind, value)

    assert signals.dependent
    assert signals.targets == ()


def test_a_missing_key_below_a_client_is_a_consequence_and_elsewhere_is_none() -> None:
    def crash(module: str) -> Signals:
        frames = (Frame(module=module, function="total", in_app=True),)
        error = SentryException(type="KeyError", value="'total'", frames=frames)
        return signals_of(SentryEvent(exceptions=(error,)), None)

    assert crash("shop.clients.pricing_client").dependent
    assert not crash("shop.orders.totals").dependent


def test_errors_of_one_kind_share_a_signature() -> None:
    one = said("KeyError", "order 4711 of 'anna' at 10.0.0.1:5432 (0xdeadbeef)")
    other = said("KeyError", "order 12 of 'ben' at db-7.internal:5433 (0xbeefcafe)")

    assert one.signature == other.signature
    assert said("ValueError", "order 12").signature != said("KeyError", "order 12").signature


def test_of_an_issue_without_event_the_title_is_read() -> None:
    issue = SentryIssue(id="1", error_type="Error", error_value="connect ECONNREFUSED 10.0.0.9:6379")

    assert names(signals_of(None, issue)) == [("redis", "10.0.0.9", 6379)]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("TypeError", "fetch failed"),
        ("HTTPParserError", "Response does not match the HTTP/1.1 protocol (Expected HTTP/)"),
        ("InternalError", "Packet sequence number wrong - got 116 expected 0"),
        ("InvalidResponse", "Protocol Error: b'What is this?'"),
        ("Error", "Frame size 1948281203 exceeds maxFrameSize 67108864"),
        ("RestClient::ServerBrokeConnection", "Server broke connection"),
    ],
)
def test_a_title_of_what_somebody_else_answered_is_known_as_a_consequence(kind: str, value: str) -> None:
    assert signals_of(None, SentryIssue(id="1", error_type=kind, error_value=value)).dependent


def test_nothing_known_is_no_signal() -> None:
    assert signals_of(None, None) == Signals()
    assert signals_of(SentryEvent(), None) == Signals()


@given(st.text(max_size=400), st.text(max_size=400))
@settings(max_examples=60, deadline=None)
def test_no_text_makes_it_raise(kind: str, value: str) -> None:
    said(
        kind, f"connection refused http://[{value}", request_url=f"http://[{value}", server_name=kind or None
    )


@pytest.mark.parametrize(
    "piece",
    [
        "a.",
        "http://",
        "host=",
        "'",
        '"',
        "1.1.1.1:",
        "(",
        "to a:",
        "[a:",
        "-",
        "a-b_",
        "0x",
        "\n",
        "circuit ",
    ],
)
def test_a_long_message_costs_little(piece: str) -> None:
    text = "timed out " + piece * (100_000 // len(piece))
    began = time.process_time()

    said("TimeoutError", text)

    assert time.process_time() - began < 0.5, "a hostile message slows intake down"


def test_being_asked_through_an_api_makes_no_consequence_of_a_services_own_fault() -> None:
    def signals(*modules: str) -> bool:
        frames = tuple(Frame(module=module) for module in modules)
        fault = SentryException(type="TypeError", value="'<' not supported", frames=frames)
        return signals_of(SentryEvent(exceptions=(fault,)), None).dependent

    assert not signals("shop.app", "shop.api", "shop.cart", "shop.prices", "shop.units")
    assert signals("shop.app", "shop.api", "shop.cart", "shop.clients.prices")


def test_the_name_of_the_program_itself_makes_no_consequence_of_its_faults() -> None:
    frames = (Frame(module="api_gateway.prices", filename="api_gateway/prices.py"),)
    fault = SentryException(type="TypeError", value="'<' not supported", frames=frames)

    assert not signals_of(SentryEvent(project="api-gateway", exceptions=(fault,)), None).dependent
    assert signals_of(SentryEvent(project="shop", exceptions=(fault,)), None).dependent
