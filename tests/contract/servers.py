"""GitHub as others describe it (Prism on its OpenAPI description, mocks on its GraphQL schema), and models
as others imitate them (aimock).

All come from npm, into `node_modules` beside this file; the versions are pinned in `package.json`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
STAMP = MODULES / ".installed-for"
DESCRIPTION = MODULES / "@octokit/openapi/generated/api.github.com.json"
AIMOCK = MODULES / "@copilotkit/aimock/dist/cli.js"
PRISM = MODULES / "@stoplight/prism-cli/dist/index.js"
# Of 800 paths those around ours; Prism takes long to read all of them.
NEIGHBOURHOOD = re.compile(
    r"/repos/\{owner\}/\{repo\}/(commits|compare|contents|deployments|git|installation|pulls)(/|$)"
    r"|/repos/\{owner\}/\{repo\}/issues/\{issue_number\}/labels|/app/installations"
)
START_SECONDS = 90


def install() -> None:
    """Have the packages there. Skips the test where there is no npm, except in CI."""
    if not (shutil.which("npm") and shutil.which("node")):
        why = "the contract servers need node and npm (Debian: apt install nodejs npm)"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    wanted = (HERE / "package.json").read_text()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"]
    done = subprocess.run(command, check=False, cwd=HERE, capture_output=True, text=True, timeout=280)
    if done.returncode:
        pytest.fail(f"npm install failed: {done.stderr[-2000:]}")
    STAMP.write_text(wanted)


@contextmanager
def prism(folder: Path, port: int) -> Iterator[str]:
    """Validates requests by GitHub's description and answers with its examples."""
    sliced = folder / "api.json"
    sliced.write_text(json.dumps(_neighbourhood(json.loads(DESCRIPTION.read_text()))))
    arguments = [str(PRISM), "mock", "--errors", "--host", "127.0.0.1", "--port", str(port), str(sliced)]
    with _running(arguments, port, folder / "prism.log") as url:
        yield url


@contextmanager
def graphql(folder: Path, port: int) -> Iterator[str]:
    """Validates queries by GitHub's schema and answers with made-up values."""
    arguments = [str(HERE / "graphql_server.js"), str(port)]
    with _running(arguments, port, folder / "graphql.log") as url:
        yield url


@contextmanager
def aimock(folder: Path, port: int, fixtures: list[dict[str, Any]]) -> Iterator[str]:
    """Speaks OpenAI's and Anthropic's protocols; each fixture says what it matches and what it answers."""
    listed = folder / "fixtures.json"
    listed.write_text(json.dumps({"fixtures": fixtures}))
    arguments = [
        str(AIMOCK),
        "--strict",
        "--validate-on-load",
        "--port",
        str(port),
        "--fixtures",
        str(listed),
    ]
    with _running(arguments, port, folder / "aimock.log") as url:
        yield url


def one_host(rest: str, graphql_: str) -> web.Application:
    """Both behind one address, as GitHub has them.

    Prism takes neither GitHub's own media types nor sends addresses of its own: `Accept` is replaced,
    GitHub's addresses become ours, and the example's link to a next page, which is not there, is dropped.
    """

    async def forward(request: web.Request) -> web.Response:
        target = graphql_ if request.path == "/graphql" else rest + request.path_qs
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if "Authorization" in request.headers:
            headers["Authorization"] = request.headers["Authorization"]
        body = await request.read()
        async with (
            aiohttp.ClientSession() as session,
            session.request(request.method, target, data=body or None, headers=headers) as answer,
        ):
            text = (await answer.text()).replace("https://api.github.com", f"http://{request.host}")
            return web.Response(status=answer.status, text=text, content_type="application/json")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", forward)
    return app


@contextmanager
def _running(arguments: list[str], port: int, log: Path) -> Iterator[str]:
    with log.open("wb") as output:
        process = subprocess.Popen(["node", *arguments], cwd=HERE, stdout=output, stderr=output)
        try:
            _await(process, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"{process.args!r} did not start: {log.read_text()[-2000:]}")


def _neighbourhood(description: dict[str, Any]) -> dict[str, Any]:
    """GitHub's description, word for word, without paths far from ours and what only those refer to."""
    paths = {path: item for path, item in description["paths"].items() if NEIGHBOURHOOD.match(path)}
    components: dict[str, dict[str, Any]] = {}
    pending = _references(paths)
    while pending:
        kind, name = pending.pop()
        if name not in components.setdefault(kind, {}):
            found = components[kind][name] = description["components"][kind][name]
            pending |= _references(found)
    kept = {key: description[key] for key in ("openapi", "info", "servers")}
    return {**kept, "paths": paths, "components": components}


def _references(part: object) -> set[tuple[str, str]]:
    found = re.findall(r'"\$ref": "#/components/([^/"]+)/([^/"]+)"', json.dumps(part))
    return {(kind, name) for kind, name in found}
