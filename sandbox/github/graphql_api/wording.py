"""GraphQL errors in GitHub's words and shape."""

from __future__ import annotations

import re
from typing import Any

from graphql import GraphQLError

from sandbox.github.git import GitFailed
from sandbox.github.graphql_api.connection import Refusal
from sandbox.github.writer import Rejected

# What graphql-core says, what GitHub says instead, and GitHub's code for it.
_REWORDED: tuple[tuple[str, str, str], ...] = (
    (
        r"Cannot query field '(\w+)' on type '(\w+)'\..*",
        r"Field '\1' doesn't exist on type '\2'",
        "undefinedField",
    ),
    (
        r"Unknown argument '(\w+)' on field '\w+\.(\w+)'\..*",
        r"Field '\2' doesn't accept argument '\1'",
        "argumentNotAccepted",
    ),
    (
        r"Field '(\w+)' of type '([^']+)' must have a selection of subfields\..*",
        r"Field must have selections (field '\1' returns \2 but has no selections. "
        r"Did you mean '\1 { ... }'?)",
        "selectionMismatch",
    ),
    (
        r"Argument '\w+\.(\w+)\((\w+):\)' of type '[^']+' is required, but it was not provided\.",
        r"Field '\1' is missing required arguments: \2",
        "missingRequiredArguments",
    ),
    (
        r"Variable '\$(\w+)' has invalid value: Expected .*non-null type '([^']+)' .*",
        r"Variable $\1 of type \2 was provided invalid value",
        "",
    ),
    (r"Variable '\$(\w+)' is never used\..*", r"Variable $\1 is declared but not used", "variableNotUsed"),
)


def refused_query(error: GraphQLError) -> dict[str, Any]:
    """A query that does not fit the schema, or cannot be read at all."""
    message, code = _reword(error.message)
    extensions = {"extensions": {"code": code}} if code else {}
    return {**_located(error, message), **extensions}


def failed_field(error: GraphQLError) -> dict[str, Any]:
    """A field that could not be answered, beside those that were."""
    cause = error.original_error
    path = {"path": error.path} if error.path else {}
    if isinstance(cause, Refusal | Rejected):
        return {"type": cause.kind, **path, **_located(error, str(cause))}
    if isinstance(cause, GitFailed):
        message = "Something went wrong while executing your query."
        return {"type": "SERVICE_UNAVAILABLE", **path, **_located(error, message)}
    return {**path, **_located(error, _reword(error.message)[0])}


def _located(error: GraphQLError, message: str) -> dict[str, Any]:
    places = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    return {"message": message, **({"locations": places} if places else {})}


def _reword(message: str) -> tuple[str, str]:
    for pattern, replacement, code in _REWORDED:
        if re.fullmatch(pattern, message):
            return re.sub(pattern, replacement, message), code
    return message, ""
