"""Runs one GraphQL request: parse, validate, price, execute."""

from __future__ import annotations

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

from sandbox.github.graphql_api import (
    mutations,
    resolve_commit,
    resolve_hosted,
    resolve_pull_request,
    resolve_query,
    resolve_ref,
)
from sandbox.github.graphql_api.nodes import FIELDS, Call
from sandbox.github.graphql_api.price import MAX_NODES, price
from sandbox.github.graphql_api.wording import failed_field, refused_query
from sandbox.github.host import RATE_LIMITED, Host, Urls
from sandbox.github.repository import Repository

# Importing a module registers its resolvers.
RESOLVER_MODULES = (
    mutations,
    resolve_commit,
    resolve_hosted,
    resolve_pull_request,
    resolve_query,
    resolve_ref,
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
    if not isinstance(variables, Mapping):
        return {"errors": [{"message": "Variables must be a JSON object."}]}
    if not host.graphql_budget.remaining:
        return {"errors": [{"type": "RATE_LIMITED", "message": RATE_LIMITED}]}
    try:
        document = parse(query)
    except GraphQLError as error:
        return {"errors": [refused_query(error)]}
    problems = validate(schema(), document)
    if problems:
        return {"errors": [refused_query(problem) for problem in problems]}
    cost = price(document, variables)
    if cost.nodes > MAX_NODES:
        message = f"This query requests up to {cost.nodes:,} possible nodes; the maximum is {MAX_NODES:,}."
        return {"errors": [{"type": "MAX_NODE_LIMIT_EXCEEDED", "message": message}]}
    host.graphql_budget.spend(cost.cost)
    call = Call(host, urls, cost.cost, cost.nodes)
    return await _execute(document, variables, body.get("operationName"), call)


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
    errors = [failed_field(error) for error in done.errors]
    if done.data is None and not any(error.path for error in done.errors):
        return {"errors": errors}
    return {"data": done.data, "errors": errors}
