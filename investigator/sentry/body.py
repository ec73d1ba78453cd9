"""From the bytes of a body to the JSON in them."""

from __future__ import annotations

import json
from collections.abc import Mapping

import orjson

from investigator.errors import BadPayload
from investigator.sentry.coerce import Object


def read_object(body: bytes) -> Object:
    """Parse a JSON object.

    Raises:
        BadPayload: not JSON, nested too deeply, or not an object.
    """
    value = read_json(body)
    if not isinstance(value, Mapping):
        raise BadPayload(f"a JSON object was expected, the body is {_in_words(value)}")
    return value


def read_json(body: bytes) -> object:
    """Parse any JSON.

    Lone surrogates, which Sentry passes on from events and `orjson` refuses, are accepted here; they are
    replaced when text is read out of the value. Of two keys of the same name the second wins.

    Raises:
        BadPayload: not JSON (NaN is none), or nested too deeply.
    """
    try:
        value: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _read_patiently(body)
    return value


def _read_patiently(body: bytes) -> object:
    try:
        return json.loads(body.decode("utf-8-sig", "surrogatepass"), parse_constant=_refuse)
    except RecursionError:
        raise BadPayload(
            "the body is nested more than a thousand levels deep; Sentry sends no such thing"
        ) from None
    except ValueError as error:
        raise BadPayload(f"the body is not JSON: {error}") from None


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not a JSON value")


def _in_words(value: object) -> str:
    kinds = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")
