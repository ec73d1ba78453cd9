"""What can be made to go wrong, and what Sentry would know about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_CART = {
    "customer_id": None,
    "country": "DE",
    "lines": [
        {"sku": "LAMP-3", "quantity": 1, "unit_price": 5000},
        {"sku": "MUG-1", "quantity": 2, "unit_price": 1250},
    ],
}


@dataclass(frozen=True, slots=True)
class Scenario:
    """One request that fails. `events` and `users` are how often and for whom it did so by now."""

    issue_id: str
    short_id: str
    path: str
    document: Mapping[str, Any]
    events: int
    users: int
    method: str = "POST"


# The culprit's bug: a coupon without any limit.
COUPON = Scenario(
    issue_id="5904217711",
    short_id="CHECKOUT-3K",
    path="/v1/quotes",
    document={**_CART, "coupon": "SPRING10"},
    events=14,
    users=11,
)

# Nobody's commit: the payment provider does not accept connections.
UPSTREAM = Scenario(
    issue_id="5904217698",
    short_id="CHECKOUT-3J",
    path="/v1/orders",
    document={**_CART, "customer_id": 80412},
    events=9,
    users=9,
)

SCENARIOS = {"coupon": COUPON, "upstream": UPSTREAM}

COUPONS = (
    {"code": "SPRING10", "percent": 10, "max_uses": None},
    {"code": "MUGS20", "percent": 20, "max_uses": 500},
)
