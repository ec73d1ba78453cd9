"""The system an error names is found; nothing is made up."""

from __future__ import annotations

import pytest

from investigator.models.sentry import SentryEvent, SentryException
from investigator.upstream import upstream_named


@pytest.mark.parametrize(
    ("kind", "message", "upstream"),
    [
        (
            "OperationalError",
            'connection to server at "db.internal" (10.0.0.7), port 5432 failed',
            "db.internal:5432",
        ),
        ("Error", "connect ECONNREFUSED 10.0.0.1:6379", "10.0.0.1:6379"),
        ("Error", "getaddrinfo ENOTFOUND api.stripe.com", "api.stripe.com"),
        ("OpError", "dial tcp 10.1.2.3:5432: connect: connection refused", "10.1.2.3:5432"),
        (
            "HTTPError",
            "502 Server Error: Bad Gateway for url: https://mail.example.com/send",
            "mail.example.com",
        ),
        ("ConnectionError", "HTTPConnectionPool(host='payments', port=80): Max retries exceeded", "payments"),
        ("Unavailable", "POST /send to mail.acme.internal:8443 failed", "mail.acme.internal:8443"),
        ("ReadTimeout", "orders did not answer in time: timed out", "postgres:orders"),
    ],
)
def test_an_error_about_talking_names_whom_it_talked_to(kind: str, message: str, upstream: str) -> None:
    event = SentryEvent(exceptions=(SentryException(type=kind, value=message),))
    assert upstream_named(event, ("payments", "postgres:orders")) == upstream


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("ValueError", "invalid literal for int(): 'https://example.com/'"),
        ("KeyError", "'payments'"),
        ("TimeoutError", "timed out"),
    ],
)
def test_other_errors_name_no_upstream(kind: str, message: str) -> None:
    event = SentryEvent(exceptions=(SentryException(type=kind, value=message),))
    assert upstream_named(event, ("payments",)) is None


@pytest.mark.parametrize(
    ("depends_on", "upstream"),
    [(("redis:sessions",), "redis:sessions"), (("redis:sessions", "redis:carts"), None)],
)
def test_a_kind_names_one_of_ours_only_where_there_is_one_of_it(
    depends_on: tuple[str, ...], upstream: str | None
) -> None:
    event = SentryEvent(exceptions=(SentryException(type="RedisError", value="redis: connection refused"),))
    assert upstream_named(event, depends_on) == upstream
