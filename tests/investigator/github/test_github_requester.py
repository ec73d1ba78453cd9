"""Every failure of GitHub becomes one typed error, in time, and safe reads get a second chance."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from investigator.deadline import Deadline
from investigator.errors import OutsideCallFailed
from investigator.github.client import GitHub
from investigator.github.credentials import Credentials, PersonalToken
from investigator.github.repository import Repository
from tests.fixtures.github_repository import START, TOKEN, Change, Served, served, write_repository


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("github") / "shop"
    write_repository(
        path, [Change("First", {"shop.py": "a = 1\n"}), Change("Second", {"shop.py": "a = 2\n"})]
    )
    return path


@pytest.fixture
async def host(clone: Path) -> AsyncIterator[Served]:
    async with served(clone) as running:
        yield running


def within(host: Served, seconds: float = 10.0) -> Repository:
    return host.github.repository("acme/shop", Deadline.after(seconds))


async def failure_of(repository: Repository) -> OutsideCallFailed:
    with pytest.raises(OutsideCallFailed) as caught:
        await repository.commit("main")
    assert caught.value.service == "GitHub"
    assert TOKEN not in str(caught.value), "an error must never show the credential"
    return caught.value


async def test_a_commit_is_read_with_its_patch(host: Served) -> None:
    repository = within(host)
    commit = await repository.commit("main")
    assert commit.message == "Second"
    assert commit.files is not None
    assert commit.files[0].path == "shop.py"
    assert "+a = 2" in (commit.files[0].patch or ""), "the patch of the commit is missing"
    assert repository.requests == 1


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind"),
    [
        (401, {}, b'{"message": "Bad credentials"}', "unauthorized"),
        (403, {}, b'{"message": "Resource not accessible by integration"}', "forbidden"),
        (403, {}, b'{"message": "You have exceeded a secondary rate limit"}', "rate_limited"),
        (403, {"retry-after": "30"}, b"{}", "rate_limited"),
        (429, {}, b"{}", "rate_limited"),
        (404, {}, b'{"message": "Not Found"}', "not_found"),
        (422, {}, b'{"message": "No commit found"}', "rejected"),
        (200, {}, b'{"sha": "abc", "commit"', "bad_answer"),
        (200, {}, b"[]", "bad_answer"),
        (302, {"location": "https://elsewhere.test/"}, b"", "bad_answer"),
    ],
)
async def test_each_answer_has_its_kind(
    host: Served, status: int, headers: dict[str, str], body: bytes, kind: str
) -> None:
    host.sandbox.faults.add("/repos/", status=status, headers=headers, body=body)
    repository = within(host)
    assert (await failure_of(repository)).kind == kind
    assert repository.requests == 1, "only broken connections and 5xx are worth a second try"


async def test_html_instead_of_json_is_a_bad_answer(host: Served) -> None:
    host.sandbox.faults.add("/", status=200, body=b"<html>Sign in</html>", content_type="text/html")
    assert "HTML" in (await failure_of(within(host))).detail


async def test_a_limit_says_how_long_to_wait(host: Served) -> None:
    reset = str(int(time.time()) + 600)
    host.sandbox.faults.add(
        "/repos/", status=403, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}
    )
    failure = await failure_of(within(host))
    assert failure.retry_after is not None
    assert 590 <= failure.retry_after <= 600


async def test_a_safe_read_survives_one_server_error(host: Served) -> None:
    host.sandbox.faults.add("/", status=502, times=1)
    repository = within(host)
    assert (await repository.commit("main")).message == "Second"
    assert repository.requests == 2
    host.sandbox.faults.add("/graphql", status=502, times=1)
    facts = await repository.head_facts(environments=("production",), until=START)
    assert facts.repository == "acme/shop", "a GraphQL query is a safe read too"


async def test_a_second_server_error_ends_it(host: Served) -> None:
    host.sandbox.faults.add("/", status=503)
    repository = within(host)
    assert (await failure_of(repository)).kind == "server_error"
    assert repository.requests == 2


async def test_a_hanging_server_costs_no_more_than_the_deadline(host: Served) -> None:
    host.sandbox.faults.add("/", hang=True)
    started = time.monotonic()
    failure = await failure_of(within(host, 0.3))
    assert failure.kind in ("cut", "timeout")
    assert time.monotonic() - started < 0.8, "the deadline did not hold"


async def test_nothing_is_sent_after_the_deadline(host: Served) -> None:
    repository = within(host, 0.0)
    assert (await failure_of(repository)).kind == "cut"
    assert host.sandbox.requests == []


async def test_a_dripping_answer_is_cut_at_the_deadline() -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n")
        try:
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.02)
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    github = GitHub(f"http://127.0.0.1:{port}", Credentials([PersonalToken(TOKEN)]))
    try:
        failure = await failure_of(github.repository("acme/shop", Deadline.after(0.3)))
        assert failure.kind == "cut"
    finally:
        github.close()
        server.close()


async def test_an_answer_that_breaks_off_is_a_bad_answer() -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"sha"'
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(break_off, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    github = GitHub(f"http://127.0.0.1:{port}", Credentials([PersonalToken(TOKEN)]))
    try:
        assert (await failure_of(github.repository("acme/shop", Deadline.after(5)))).kind == "bad_answer"
    finally:
        github.close()
        server.close()


async def test_nobody_listening_is_unreachable(host: Served, unused_tcp_port: int) -> None:
    github = GitHub(f"http://127.0.0.1:{unused_tcp_port}", Credentials([PersonalToken(TOKEN)]))
    try:
        assert (await failure_of(github.repository("acme/shop", Deadline.after(5)))).kind == "unreachable"
    finally:
        github.close()


async def test_wrong_credentials_are_named(clone: Path) -> None:
    async with served(clone, token="wrong") as host:
        assert (await failure_of(within(host))).kind == "unauthorized"


async def test_a_graphql_limit_at_http_200_is_recognised(host: Served) -> None:
    body = b'{"data": null, "errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}'
    host.sandbox.faults.add("/graphql", status=200, body=body)
    with pytest.raises(OutsideCallFailed) as caught:
        await within(host).head_facts(environments=(), until=START)
    assert caught.value.kind == "rate_limited"


async def test_partial_graphql_data_is_kept(host: Served, clone: Path) -> None:
    repository = within(host)
    head = (await repository.commit("main")).sha
    facts = await repository.range_facts(
        head=head, since=START, files=("gone.py", "shop.py"), touched=("shop.py",)
    )
    assert set(facts.sources) == {"shop.py"}, "a missing file must take nothing else away"
    assert [each.sha for each in facts.blame["shop.py"]] == [head]
    assert len(facts.touched["shop.py"]) == 2


async def test_an_unknown_repository_is_not_found(host: Served) -> None:
    repository = host.github.repository("acme/secret", Deadline.after(5))
    with pytest.raises(OutsideCallFailed) as caught:
        await repository.head_facts(environments=(), until=START)
    assert caught.value.kind == "not_found"


@pytest.mark.parametrize("name", ["shop", "a/b/c", "../x", "acme/sh op", "acme/shop?x", ""])
async def test_a_name_that_is_no_repository_is_never_asked_for(host: Served, name: str) -> None:
    with pytest.raises(OutsideCallFailed) as caught:
        host.github.repository(name, Deadline.after(5))
    assert caught.value.kind == "rejected"


async def test_requests_run_side_by_side(host: Served) -> None:
    host.sandbox.faults.latency = 0.2
    repository = within(host)
    started = time.monotonic()
    await asyncio.gather(*(repository.commit("main") for _ in range(4)))
    assert time.monotonic() - started < 0.6, "four requests of 0.2 s each were sent one after the other"
    assert repository.requests == 4
