"""Trouble can be ordered, and everything that was asked is on record."""

from __future__ import annotations

from typing import Any

import pytest
from github import Github, GithubException, RateLimitExceededException

from tests.fixtures.host_clone import NAME, Served


async def test_ordered_trouble_strikes_and_is_over(served: Served) -> None:
    served.sandbox.faults.add("/graphql", status=502, body=b"<html>", content_type="text/html", times=1)

    def ask(github: Github) -> Any:
        return github.requester.graphql_query("{ viewer { login } }", {})

    with pytest.raises(GithubException) as failed:
        await served.sdk(ask)
    _, answer = await served.sdk(ask)

    assert failed.value.status == 502
    assert answer["data"]["viewer"]["login"]


async def test_every_request_is_recorded_in_order(served: Served) -> None:
    served.sandbox.faults.add("/repos", status=500, times=1)
    await served.get("", status=500)
    await served.get("/tags")
    await served.graphql("{ viewer { login } }")

    assert served.sandbox.requests == [
        ("GET", f"/repos/{NAME}"),
        ("GET", f"/repos/{NAME}/tags"),
        ("POST", "/graphql"),
    ]


async def test_rest_requests_are_counted_against_the_limit(served: Served) -> None:
    async with served.http.get(f"/repos/{NAME}") as first, served.http.get(f"/repos/{NAME}/tags") as second:
        left = [int(response.headers["x-ratelimit-remaining"]) for response in (first, second)]
    async with served.http.get("/rate_limit") as response:
        told = (await response.json())["resources"]["core"]["remaining"]

    assert left[0] - left[1] == 1
    assert told == left[1], "asking for the limit is free"


async def test_a_spent_budget_refuses_as_github_does(served: Served) -> None:
    host = served.sandbox.host
    host.rest_budget.limit = host.graphql_budget.limit = 1
    await served.get("")
    await served.graphql("{ viewer { login } }")

    refused = await served.graphql("{ viewer { login } }")
    with pytest.raises(RateLimitExceededException):
        await served.sdk(lambda github: github.get_repo(NAME).full_name)

    assert refused["errors"][0]["type"] == "RATE_LIMITED", "told at HTTP 200"
