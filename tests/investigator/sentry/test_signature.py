from __future__ import annotations

import hashlib
import hmac

import pytest

from investigator.sentry.signature import sign, verify

BODY = b'{"action":"triggered","data":{"title":"caf\\u00e9"}}'


def test_signature_is_the_hex_hmac_of_the_raw_body() -> None:
    expected = hmac.new(b"s3cret", BODY, hashlib.sha256).hexdigest()
    assert sign(BODY, "s3cret") == expected, "Sentry would sign this body differently"


def test_signature_of_any_current_secret_is_accepted() -> None:
    signature = sign(BODY, "new")
    assert verify(BODY, signature, ["old", "new"]), "a rotated secret must be accepted beside the old one"


@pytest.mark.parametrize(
    ("signature", "secrets"),
    [
        (None, ["s3cret"]),
        ("", ["s3cret"]),
        (sign(BODY, "other"), ["s3cret"]),
        (sign(BODY + b" ", "s3cret"), ["s3cret"]),
        (sign(BODY, "s3cret").upper(), ["s3cret"]),
        ("s\u00efgn\u00e4ture", ["s3cret"]),
        ("\udcff\udc80", ["s3cret"]),
        ("\ud83d", ["s3cret"]),
        (sign(BODY, "s3cret"), []),
        (sign(BODY, ""), [""]),
    ],
)
def test_anything_else_is_refused_without_an_error(signature: str | None, secrets: list[str]) -> None:
    assert verify(BODY, signature, secrets) is False, f"{signature!a} was accepted or not answered"
