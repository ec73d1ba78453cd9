"""`pilot up`: children live as long as they should, and not a moment longer."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.supervisor import Child, Place, Supervisor
from investigator.errors import ConfigurationError
from investigator.spool import Spool
from sandbox.sentry import SentrySandbox
from sandbox.sentry.server import serialize

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[2]
NOWHERE = "redis://127.0.0.1:1/0"
CREDENTIALS = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "SENTRY_CLIENT_SECRET": "c"}


def python(code: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-S", "-c", code, *arguments)


def place(directory: Path) -> Place:
    return Place({"PATH": os.environ["PATH"]}, directory)


async def until(condition: Callable[[], object], what: str, seconds: float = 10) -> None:
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{what}: not within {seconds} s")


COUNT_AND_DIE = "open('lives', 'a').write('x')"
STAY = "import time; open('here', 'w').write('x'); time.sleep(60)"


async def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    stop = asyncio.Event()
    children = [Child("flaky", python(COUNT_AND_DIE)), Child("steady", python(STAY))]
    running = asyncio.create_task(Supervisor(children, place(tmp_path), first_pause=0.01).run(stop))
    lives = tmp_path / "lives"
    await until(lambda: lives.exists() and len(lives.read_text()) >= 3, "it lives again and again")
    steady = children[1].process
    assert steady
    assert steady.returncode is None, "the others live on"
    stop.set()
    await asyncio.wait_for(running, 10)
    assert steady.returncode == -signal.SIGTERM, "stopped politely"


async def test_a_command_that_cannot_be_started_does_not_take_the_others_down(tmp_path: Path) -> None:
    stop = asyncio.Event()
    children = [Child("missing", ("/no/such/program",)), Child("flaky", python(COUNT_AND_DIE))]
    running = asyncio.create_task(Supervisor(children, place(tmp_path), first_pause=0.01).run(stop))
    lives = tmp_path / "lives"
    await until(lambda: lives.exists() and len(lives.read_text()) >= 2, "the other one is looked after")
    stop.set()
    await asyncio.wait_for(running, 10)


async def test_a_wrong_configuration_stops_everything(tmp_path: Path) -> None:
    children = [Child("web", python("raise SystemExit(2)")), Child("worker", python(STAY))]
    with pytest.raises(ConfigurationError, match="web cannot start"):
        await asyncio.wait_for(Supervisor(children, place(tmp_path)).run(asyncio.Event()), 10)
    worker = children[1].process
    assert worker
    assert worker.returncode is not None, "nothing is left running"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the children of a killed parent")
def test_children_end_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    code = f"""
import asyncio
from bot.supervisor import Child, Place, Supervisor
child = Child("steady", {python("import os,time; open('pid','w').write(str(os.getpid())); time.sleep(60)")!r})
asyncio.run(Supervisor([child], Place({{}}, {str(tmp_path)!r})).run(asyncio.Event()))
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) as supervisor:
        pid = tmp_path / "pid"
        asyncio.run(until(lambda: pid.exists() and pid.read_text(), "the child is there"))
        supervisor.kill()
        supervisor.wait()
    asyncio.run(until(lambda: _is_gone(int(pid.read_text())), "the child has ended"))


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


@contextmanager
def pilot(directory: Path, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        cwd=directory,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PILOT_HOST": "127.0.0.1", **environment},
        stderr=subprocess.PIPE,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_without_credentials_it_names_them_in_one_line(tmp_path: Path) -> None:
    with pilot(tmp_path, "up", SLACK_BOT_TOKEN="xoxb-1", SLACK_SIGNING_SECRET="s") as up:
        _, errors = up.communicate(timeout=50)
    assert up.returncode == 2
    assert errors.decode().count("\n") == 1, "one line"
    assert "SENTRY_CLIENT_SECRET not set" in errors.decode()
    assert "SLACK" not in errors.decode(), "what is set is not complained about"


def test_an_address_that_is_no_stores_is_refused(tmp_path: Path) -> None:
    with pilot(tmp_path, "web", REDIS_URL="localhost", **CREDENTIALS) as web:
        _, errors = web.communicate(timeout=50)
    assert (web.returncode, errors.decode().count("\n")) == (2, 1)
    assert "REDIS_URL" in errors.decode()


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with pilot(tmp_path, "web", REDIS_URL=NOWHERE, PILOT_PORT=port, **CREDENTIALS) as web:
            _, errors = web.communicate(timeout=50)
    assert web.returncode == 2, "which stops `pilot up` as well"
    assert f"port {port} on 127.0.0.1 is taken" in errors.decode()


async def test_a_store_that_is_nowhere_does_not_keep_webhooks_out(tmp_path: Path) -> None:
    port = _free_port()
    environment = CREDENTIALS | {"REDIS_URL": NOWHERE, "PILOT_PORT": str(port)}
    sentry = SentrySandbox(client_secret="c")
    body = {"action": "created", "data": {"issue": {"id": "1"}}, "installation": {"uuid": "u"}}
    url = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession() as session:
        with pilot(tmp_path, "web", **environment) as web:
            assert await _answers(session, f"{url}/healthz") == {"status": "alive"}
            headers = sentry.headers("issue", serialize(body))
            async with session.post(f"{url}/sentry/webhook", data=serialize(body), headers=headers) as answer:
                assert answer.status == 200, "accepted without the store"
            assert (await _answers(session, f"{url}/readyz"))["status"] == "degraded"
            web.terminate()
            _, errors = await asyncio.to_thread(web.communicate, timeout=10)
    assert web.returncode == 0, errors.decode()[-2000:]
    assert b"Traceback" not in errors, "an outage is logged in words"
    spool = Spool(tmp_path / ".pilot/spool")
    assert await spool.count() == 1, "the delivery waits on disk"
    await spool.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _answers(session: aiohttp.ClientSession, url: str) -> dict[str, object]:
    """The answer, as soon as somebody listens."""
    for _ in range(900):
        try:
            async with session.get(url) as answer:
                found: dict[str, object] = await answer.json()
                return found
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(0.05)
    raise AssertionError(f"nobody listens on {url}")
