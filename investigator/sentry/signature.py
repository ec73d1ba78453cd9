"""Sentry signs the body of a webhook, and nothing but the body."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence


def sign(body: bytes, secret: str) -> str:
    """The hexadecimal HMAC-SHA256 of the raw body, as in the `Sentry-Hook-Signature` header."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def verify(body: bytes, signature: str | None, secrets: Sequence[str]) -> bool:
    """Whether any of our client secrets made this signature; several are valid while one is rotated.

    Every secret is tried, so that the time taken does not tell which one fits. Signatures are compared as
    bytes because `hmac.compare_digest` refuses text that is not ASCII, which a header can be.
    """
    given = (signature or "").encode("utf-8", "surrogatepass")
    matches = [hmac.compare_digest(sign(body, secret).encode(), given) for secret in secrets if secret]
    return any(matches)
