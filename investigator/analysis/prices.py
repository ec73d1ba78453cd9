"""What tokens cost. Pure.

Dollars for a million tokens, in and out, as of November 2026. Vendors change them: PILOT_AI_PRICES has the
last word, and is the only one about models that are not listed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

Price = tuple[float, float]
Prices = Mapping[str, Price]

LISTED: Prices = {
    "claude-opus-5-5": (4.0, 20.0),
    "claude-sonnet-5-5": (2.0, 10.0),
    "claude-haiku-5-5": (0.1, 0.5),
    "gpt-6-astra": (10.0, 50.0),
    "gpt-6.1-sol": (2.0, 10.0),
    "gpt-6.1-terra": (1.0, 5.0),
    "gpt-6-sol": (2.0, 10.0),
    "gpt-6-luna": (0.1, 0.5),
    "gpt-5.5": (5.0, 30.0),
    "gpt-5.4-mini": (0.75, 4.5),
}


def parse_prices(text: str | None) -> Prices:
    """`model=IN/OUT,…` on top of the listed ones.

    Raises:
        ValueError: which entry is wrong, and how one looks.
    """
    prices = dict(LISTED)
    for entry in filter(None, (part.strip() for part in (text or "").split(","))):
        model, _, numbers = entry.rpartition("=")
        tokens_in, slash, tokens_out = numbers.partition("/")
        try:
            price = float(tokens_in), float(tokens_out)
        except ValueError:
            price = (math.nan, math.nan)
        if not (model and slash and min(price) >= 0 and math.isfinite(sum(price))):
            raise ValueError(f"“{entry}”: write model=IN/OUT, dollars for a million tokens, as in local=0/0")
        prices[model] = price
    return prices


def dollars(prices: Prices, model: str, tokens_in: int, tokens_out: int) -> float | None:
    """None when the model has no price."""
    price = prices.get(model)
    return None if price is None else (tokens_in * price[0] + tokens_out * price[1]) / 1_000_000
