"""What people paste to name an issue."""

from __future__ import annotations

import pytest

from investigator.references import parse_reference


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("1635244907", "issue_id", "1635244907"),
        ("shop-4f", "short_id", "SHOP-4F"),
        ("ZULIP-INTEGRATION-TESTING-2", "short_id", "ZULIP-INTEGRATION-TESTING-2"),
        ("<https://acme.sentry.io/issues/6507376925/?project=1|acme.sentry.io>", "issue_id", "6507376925"),
        ("https://sentry.io/organizations/acme/issues/42/events/abc/", "issue_id", "42"),
        ("`SHOP-4F`", "short_id", "SHOP-4F"),
        ("https://acme.sentry.io/issues/SHOP-4F", "short_id", "SHOP-4F"),
    ],
)
def test_a_reference_is_understood(text: str, kind: str, value: str) -> None:
    reference = parse_reference(text)
    assert reference is not None
    assert (reference.kind, reference.value) == (kind, value)


@pytest.mark.parametrize(
    "text", ["", "hello world", "../../etc/passwd", "https://example.com/", "#42", "1; DROP"]
)
def test_anything_else_is_refused(text: str) -> None:
    assert parse_reference(text) is None
