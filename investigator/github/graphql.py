"""GraphQL answers, with the part that came although another part failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from investigator.errors import OutsideCallFailed
from investigator.github.failures import DETAIL_LIMIT, SERVICE, RateLimited, bad_answer, retry_after
from investigator.models.base import Value

KINDS = {
    "NOT_FOUND": "not_found",
    "FORBIDDEN": "forbidden",
    "INSUFFICIENT_SCOPES": "forbidden",
    "SERVICE_UNAVAILABLE": "server_error",
}
# GitHub's words for a query that took too long or broke inside; they come with HTTP 200 and no type.
BROKE_INSIDE = "something went wrong while executing your query"


class GraphQLError(Value):
    """One entry of `errors`; `path` starts at the root of `data`."""

    type: str = ""
    message: str = ""
    path: tuple[str | int, ...] = ()


class GraphQLAnswer(Value):
    """`data` as far as it came; what is missing has its reason in `errors`."""

    data: dict[str, Any]
    errors: tuple[GraphQLError, ...] = ()


def read_answer(payload: object, headers: Mapping[str, str], *, now: float) -> GraphQLAnswer:
    """Understand the body of an HTTP 200.

    Raises:
        OutsideCallFailed: rate_limited (GitHub says so at HTTP 200), bad_answer, or by the kind of the first
            error when there is no data at all.
    """
    if not isinstance(payload, dict):
        raise bad_answer("a GraphQL answer must be a JSON object")
    listed = payload.get("errors")
    errors = tuple(_error(entry) for entry in (listed if isinstance(listed, list) else ()))
    limited = next((error for error in errors if error.type == "RATE_LIMITED"), None)
    if limited:
        secondary = "secondary" in limited.message.lower()
        wait = retry_after(headers, now)
        raise RateLimited(_clip(limited.message), retry_after=wait, secondary=secondary)
    data = payload.get("data")
    if isinstance(data, dict):
        return GraphQLAnswer(data=data, errors=errors)
    if not errors:
        raise bad_answer("a GraphQL answer without data and without errors")
    raise failure_of(errors[0])


def failure_of(error: GraphQLError) -> OutsideCallFailed:
    """The failure behind an answer of which nothing can be used."""
    return OutsideCallFailed(SERVICE, _kind(error), _clip(error.message))


def _error(entry: object) -> GraphQLError:
    if not isinstance(entry, dict):
        return GraphQLError(message=_clip(str(entry)))
    known = {key: entry[key] for key in GraphQLError.model_fields if entry.get(key)}
    try:
        return GraphQLError.model_validate(known)
    except ValidationError:
        return GraphQLError(message=_clip(str(entry.get("message", ""))))


def _kind(error: GraphQLError) -> str:
    if error.message.lower().startswith(BROKE_INSIDE):
        return "server_error"
    return KINDS.get(error.type, "rejected")


def _clip(message: str) -> str:
    return message[:DETAIL_LIMIT]
