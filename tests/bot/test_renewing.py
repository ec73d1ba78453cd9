"""`pilot web` takes changed secrets over while it serves: a real process, secrets in a mounted directory."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientConnectionError, ClientSession
from slack_sdk.signature import SignatureVerifier

from investigator.embedded_store import free_port
from investigator.sentry.signature import sign
from tests.fixtures.mounted_secrets import Mount
from tests.fixtures.roles import Role, running, until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(200)]

BODY = b'{"action":"created","data":{"issue":{"id":"1"}},"installation":{"uuid":"u"}}'
CHALLENGE = b'{"type":"url_verification","challenge":"c"}'
FIRST = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "slack-1",
    "SENTRY_CLIENT_SECRET": "sentry-1",
    "PILOT_METRICS_TOKEN": "metrics-1",
}


class Web:
    def __init__(self, session: ClientSession) -> None:
        self._session = session

    async def listens(self) -> bool:
        try:
            async with self._session.get("/healthz") as answer:
                return answer.status == 200
        except ClientConnectionError:
            return False

    async def sentry(self, secret: str) -> int:
        headers = {"Sentry-Hook-Signature": sign(BODY, secret), "Sentry-Hook-Resource": "issue"}
        async with self._session.post("/sentry/webhook", data=BODY, headers=headers) as answer:
            return answer.status

    async def slack(self, secret: str) -> int:
        at = str(int(time.time()))
        signature = SignatureVerifier(secret).generate_signature(timestamp=at, body=CHALLENGE)
        headers = {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": signature or ""}
        headers["Content-Type"] = "application/json"
        async with self._session.post("/slack/events", data=CHALLENGE, headers=headers) as answer:
            return answer.status

    async def status(self, token: str) -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {token}"}
        async with self._session.get("/status", headers=headers) as answer:
            return answer.status, await answer.text()


@asynccontextmanager
async def web(tmp_path: Path, store_url: str, mount: Mount) -> AsyncIterator[tuple[Web, Role]]:
    port = free_port()
    environment = {
        "REDIS_URL": store_url,
        "PILOT_HOST": "127.0.0.1",
        "PILOT_PORT": str(port),
        "PILOT_SECRETS_DIR": str(mount.directory),
        "PILOT_DATA_DIR": str(tmp_path / "data"),
        "SLACK_API_URL": "http://127.0.0.1:9",
    }
    async with running("web", environment, tmp_path) as role:
        async with ClientSession(f"http://127.0.0.1:{port}") as session:
            there = Web(session)
            await until(there.listens, "web listens")
            yield there, role
        await role.stop(within=20)


async def test_new_secrets_are_believed_without_a_request_being_refused(
    tmp_path: Path, store_url: str
) -> None:
    mount = Mount(tmp_path / "secrets")
    mount.write(FIRST)
    async with web(tmp_path, store_url, mount) as (there, role):
        assert (await there.sentry("sentry-1"), await there.slack("slack-1")) == (200, 200)
        assert (await there.sentry("sentry-2"), await there.slack("slack-2")) == (401, 401)
        assert (await there.status("metrics-2"))[0] == 401

        mount.write({name: value.replace("-1", "-2") for name, value in FIRST.items()})
        old: list[int] = []

        async def believed() -> bool:
            old.append(await there.sentry("sentry-1"))
            return await there.sentry("sentry-2") == 200

        await until(believed, "the new secret is believed")
        assert set(old) == {200}, "a sender with the old secret was refused while secrets change"
        assert (await there.slack("slack-2"), await there.slack("slack-1")) == (200, 200)
        assert (await there.status("metrics-2"))[0] == 200
        [line] = [each for each in role.lines() if each["event"] == "settings_changed"]
        assert sorted(line["names"]) == sorted(FIRST)
        assert "sentry-2" not in role.log.read_text(), "a secret is in the log"


async def test_what_cannot_be_used_changes_nothing_and_is_told(tmp_path: Path, store_url: str) -> None:
    mount = Mount(tmp_path / "secrets")
    mount.write(FIRST)
    async with web(tmp_path, store_url, mount) as (there, role):
        mount.write(FIRST | {"SENTRY_CLIENT_SECRET": " \n"})

        async def told() -> bool:
            return "SENTRY_CLIENT_SECRET" in (await there.status("metrics-1"))[1]

        await until(told, "/status says what is wrong")
        assert await there.sentry("sentry-1") == 200
        assert "settings_refused" in role.events()

        mount.write(FIRST)

        async def mended() -> bool:
            return "SENTRY_CLIENT_SECRET" not in (await there.status("metrics-1"))[1]

        await until(mended, "/status says that it is mended")
