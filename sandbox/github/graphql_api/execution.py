"""Runs one GraphQL request and words its errors as GitHub does, all at HTTP 200."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    execute,
    parse,
    validate,
)

from sandbox.github.git import GitFailed
from sandbox.github.graphql_api import mutations, resolve_commit, resolve_hosted, resolve_pull_request
from sandbox.github.graphql_api.connection import Refusal
from sandbox.github.graphql_api.nodes import FIELDS, Call
from sandbox.github.graphql_api.price import MAX_NODES, price
from sandbox.github.host import Host, Urls
from sandbox.github.repository import Repository
from sandbox.github.writer import Rejected

RESOLVER_MODULES = (mutations, resolve_commit, resolve_hosted, resolve_pull_request)

_REWORDED: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), replacement, code)
    for pattern, replacement, code in (
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
            r"Field '(\w+)' argument '(\w+)' of type '[^']+' is required, but it was not provided\.",
            r"Field '\1' is missing required arguments: \2",
            "missingRequiredArguments",
        ),
        (
            r"Variable '\$(\w+)' of (?:required|non-null) type '([^']+)' .*",
            r"Variable $\1 of type \2 was provided invalid value",
            "",
        ),
        (
            r"Variable '\$(\w+)' is never used.*",
            r"Variable $\1 is declared by anonymous query but not used",
            "variableNotUsed",
        ),
    )
)


@cache
def schema() -> GraphQLSchema:
    """The schema with every registered resolver bound. Raises KeyError for a resolver without a field."""
    built = build_schema(resources.files("sandbox.github").joinpath("schema.graphql").read_text("utf-8"))
    for (type_name, field_name), resolver in FIELDS.items():
        built.type_map[type_name].fields[field_name].resolve = resolver  # type: ignore[attr-defined]  # objects only
    for kind in built.type_map.values():
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            kind.resolve_type = lambda value, info, abstract: _type_of(value)
        if isinstance(kind, GraphQLScalarType) and kind.name in ("DateTime", "GitTimestamp"):
            kind.coerce_output_value = _utc if kind.name == "DateTime" else _with_offset
    return built


def _type_of(value: Any) -> str:
    if isinstance(value, Repository):
        return "Repository"
    return str(value["__typename"] if isinstance(value, dict) else value.TYPE)


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _with_offset(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


async def run(host: Host, urls: Urls, body: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON document answering `{"query", "variables", "operationName"}`."""
    query, variables = body.get("query"), body.get("variables") or {}
    if not isinstance(query, str) or not query.strip():
        return {"errors": [{"message": "A query attribute must be specified and must be a string."}]}
    try:
        document = parse(query)
    except GraphQLError as error:
        return {"errors": [_located(error, error.message)]}
    problems = validate(schema(), document)
    if problems:
        return {"errors": [_validation_error(problem) for problem in problems]}
    cost = price(document, variables)
    if cost.nodes > MAX_NODES:
        message = (
            f"This query requests up to {cost.nodes:,} possible nodes which exceeds "
            f"the maximum limit of {MAX_NODES:,}."
        )
        return {"errors": [{"type": "MAX_NODE_LIMIT_EXCEEDED", "message": message}]}
    host.graphql_budget.spend(cost.cost)
    return await _execute(
        document, variables, body.get("operationName"), Call(host, urls, cost.cost, cost.nodes)
    )


async def _execute(
    document: DocumentNode, variables: Mapping[str, Any], operation: str | None, call: Call
) -> dict[str, Any]:
    result = execute(
        schema(),
        document,
        context_value=call,
        variable_values=dict(variables),
        operation_name=operation,
    )
    done = result if isinstance(result, ExecutionResult) else await result
    if not done.errors:
        return {"data": done.data}
    errors = [_execution_error(error) for error in done.errors]
    if done.data is None and not any(error.path for error in done.errors):
        return {"errors": errors}
    return {"data": done.data, "errors": errors}


def _located(error: GraphQLError, message: str) -> dict[str, Any]:
    places = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    return {"message": message, **({"locations": places} if places else {})}


def _validation_error(error: GraphQLError) -> dict[str, Any]:
    message, code = _reword(error.message)
    extensions = {"extensions": {"code": code}} if code else {}
    return {**_located(error, message), **extensions}


def _reword(message: str) -> tuple[str, str]:
    for pattern, replacement, code in _REWORDED:
        if pattern.fullmatch(message):
            return pattern.sub(replacement, message), code
    return message, ""


def _execution_error(error: GraphQLError) -> dict[str, Any]:
    cause = error.original_error
    path = {"path": error.path} if error.path else {}
    if isinstance(cause, Refusal | Rejected):
        return {"type": cause.kind, **path, **_located(error, str(cause))}
    if isinstance(cause, GitFailed):
        message = "Something went wrong while executing your query."
        return {"type": "SERVICE_UNAVAILABLE", **path, **_located(error, message)}
    return {**path, **_located(error, _reword(error.message)[0])}
