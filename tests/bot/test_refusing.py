"""What is refused in an overload is refused before it is parsed, and only what is one whole webhook."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.admission import Admission
from bot.refusing import Refusing, length_of

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]

HEAD = b"POST /sentry/webhook HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\n\r\n"


class Line(Admission):
    """Full when the test says so."""

    full = True

    @property
    def is_full(self) -> bool:
        return self.full


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
async def connection(line: Line) -> AsyncIterator[Connection]:
    """To a server that answers with the body it was sent."""

    async def echo(request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    app = web.Application()
    app.router.add_post("/sentry/webhook", echo)
    app.router.add_post("/other", echo)
    runner = web.AppRunner(app)
    await runner.setup()
    inner = runner.server
    assert inner
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Refusing(inner(), line), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    yield reader, writer
    writer.close()
    server.close()
    await runner.cleanup()


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Status and body."""
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return int(head.split()[1]), await asyncio.wait_for(reader.readexactly(length), 10)


async def test_a_refused_webhook_may_be_sent_again_on_the_same_connection(
    connection: Connection, line: Line
) -> None:
    reader, writer = connection
    for full, expected in ((True, 503), (False, 200), (True, 503)):
        line.full = full
        writer.write(HEAD + b"abcd")
        status, _ = await answer(reader)
        assert status == expected
        await asyncio.sleep(0.05)  # aiohttp, on the same loop, goes back to waiting


async def test_the_body_of_a_refused_webhook_is_passed_over_however_it_comes(
    connection: Connection, line: Line
) -> None:
    reader, writer = connection
    writer.write(HEAD + b"ab")
    assert (await answer(reader))[0] == 503
    line.full = False
    writer.write(b"cd" + HEAD + b"efgh")
    assert await answer(reader) == (200, b"efgh"), "the rest of a refused body was taken for a request"


async def test_what_is_under_way_when_the_line_gets_full_is_finished(
    connection: Connection, line: Line
) -> None:
    reader, writer = connection
    line.full = False
    writer.write(HEAD)
    await asyncio.sleep(0.05)
    line.full = True
    inside = HEAD.replace(b"4", b"0")  # a body that looks like a request
    writer.write(inside[:4])
    assert await answer(reader) == (200, inside[:4])


async def test_only_webhooks_are_refused(connection: Connection) -> None:
    reader, writer = connection
    writer.write(HEAD.replace(b"/sentry/webhook", b"/other") + b"abcd")
    assert (await answer(reader)) == (200, b"abcd")


@pytest.mark.parametrize(
    "head",
    [
        HEAD[:-2],
        HEAD.replace(b"1.1", b"1.0"),
        HEAD.replace(b"Content-Length: 4", b"Transfer-Encoding: chunked"),
        HEAD.replace(b"Host: here", b"Transfer-Encoding: chunked"),
        HEAD.replace(b"Host: here", b"Content-Length: 5"),
        HEAD.replace(b"Content-Length: 4", b"Content-Length: +4"),
        HEAD.replace(b"Host: here", b"Expect: 100-continue"),
        HEAD.replace(b"Host: here", b"Connection: close"),
    ],
)
def test_what_is_not_plain_is_left_to_aiohttp(head: bytes) -> None:
    assert length_of(head + b"abcd") == 0


def test_the_length_is_that_of_head_and_body() -> None:
    assert length_of(HEAD + b"ab") == len(HEAD) + 4
    assert length_of(HEAD.replace(b"Host: here", b"Connection: keep-alive")) > 0
