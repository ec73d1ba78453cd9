"""Each fault: how it is done, and how long it is given."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from investigator.store import connect_sync
from sandbox.faults import Faults
from tests.faults.stage import Stage

Play = Callable[[Stage], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """`name` is the row's. `pages`: the key of the page that must come, or None: nobody is to be woken.

    `environment` is what every process is started with besides; `patience` (seconds) is for what has to show
    while the fault lasts.
    """

    name: str
    play: Play
    pages: str | None = None
    patience: float = 75.0
    environment: dict[str, str] = field(default_factory=dict)


@asynccontextmanager
async def store_killed(stage: Stage) -> AsyncIterator[None]:
    stage.store.stop()
    try:
        yield
    finally:
        stage.store.start()


@asynccontextmanager
async def store_frozen(stage: Stage) -> AsyncIterator[None]:
    stage.freeze_store()
    try:
        yield
    finally:
        stage.thaw_store()


@asynccontextmanager
async def store_slow(stage: Stage) -> AsyncIterator[None]:
    stage.way.delay = 0.6
    try:
        yield
    finally:
        stage.way.delay = 0.0


@asynccontextmanager
async def store_unreachable(stage: Stage) -> AsyncIterator[None]:
    stage.way.close()
    try:
        yield
    finally:
        stage.way.open()


def store_set(name: str, bad: str, good: str) -> Play:
    @asynccontextmanager
    async def play(stage: Stage) -> AsyncIterator[None]:
        with connect_sync(stage.store.url) as client:
            client.config_set(name, bad)
            try:
                yield
            finally:
                client.config_set(name, good)

    return play


def gone(kind: str) -> Play:
    @asynccontextmanager
    async def play(stage: Stage) -> AsyncIterator[None]:
        stage.hold(kind)
        try:
            yield
        finally:
            stage.release(kind)

    return play


def outside(of: Callable[[Stage], list[Faults]], **how: object) -> Play:
    @asynccontextmanager
    async def play(stage: Stage) -> AsyncIterator[None]:
        for faults in of(stage):
            faults.add("/", **how)  # type: ignore[arg-type]  # the keywords of `Faults.add`
        try:
            yield
        finally:
            for faults in of(stage):
                faults.clear()

    return play


@asynccontextmanager
async def as_started(_stage: Stage) -> AsyncIterator[None]:
    """The fault is in what the processes were started with, and is not mended."""
    yield


def slack(stage: Stage) -> list[Faults]:
    return [stage.world.slack.faults]


def github(stage: Stage) -> list[Faults]:
    return [stage.world.github.faults]


def sentry(stage: Stage) -> list[Faults]:
    return [stage.world.sentry.faults]


def first_model(stage: Stage) -> list[Faults]:
    return [stage.models["anthropic"].faults]


def every_model(stage: Stage) -> list[Faults]:
    return [model.faults for model in stage.models.values()]


@asynccontextmanager
async def models_lie(stage: Stage) -> AsyncIterator[None]:
    """They cite a commit and a line that are not in the evidence."""
    before = {name: model.answer for name, model in stage.models.items()}
    for model in stage.models.values():
        model.answer = lambda _prompt: (
            '{"hypothesis": {"text": "Commit C99 did it.", "evidence": ["C99"]}, "mechanism": '
            '[{"text": "See F77.", "evidence": ["F77"]}], "suspect": "C99", "confidence": 0.99, '
            '"blast_radius": {"text": "All.", "evidence": ["X1"]}, "checks": [], "disproof": []}'
        )
    try:
        yield
    finally:
        for name, model in stage.models.items():
            model.answer = before[name]


def expired_certificate(folder: Path) -> ssl.SSLContext:
    """For a server whose certificate ended yesterday."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
         "-subj", "/CN=localhost", "-not_before", "20200101000000Z", "-not_after", "20200102000000Z"],
        check=True,
        capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


_HTML = {"status": 503, "body": b"<html>busy</html>", "content_type": "text/html"}
_REVOKED_SLACK = {"status": 200, "body": b'{"ok": false, "error": "token_revoked"}'}
_REVOKED = {"status": 401, "body": b'{"message": "Bad credentials"}'}
NOWHERE = "http://nowhere.invalid"

FAULTS = (
    Fault("store killed", store_killed, "store_down"),
    Fault("store frozen", store_frozen, "store_down"),
    Fault("no way to the store", store_unreachable, "store_down"),
    Fault("store slow (0.6 s an answer)", store_slow, None),
    Fault(
        "store read-only (no replica)", store_set("min-replicas-to-write", "1", "0"), "store_refuses_writes"
    ),
    Fault("store full", store_set("maxmemory", "1mb", "0"), "store_refuses_writes"),
    Fault("no worker", gone("worker"), "no_worker"),
    Fault("no triage", gone("triage"), "no_triage"),
    Fault("no clock", gone("clock"), "no_clock"),
    Fault("no web", gone("web"), "no_web"),
    Fault("Slack down", outside(slack, **_HTML), "slack_failing", patience=150),
    Fault("Slack hangs", outside(slack, hang=True), "slack_failing", patience=180),
    Fault("Slack token revoked", outside(slack, **_REVOKED_SLACK), "slack_failing", patience=150),
    Fault("GitHub down", outside(github, **_HTML)),
    Fault("GitHub hangs", outside(github, hang=True)),
    Fault("GitHub token revoked", outside(github, **_REVOKED)),
    Fault("GitHub's name does not resolve", as_started, environment={"GITHUB_API_URL": NOWHERE}),
    Fault("Sentry's API down", outside(sentry, **_HTML)),
    Fault("Sentry's API hangs", outside(sentry, hang=True)),
    Fault("first model down", outside(first_model, **_HTML)),
    Fault("first model hangs", outside(first_model, hang=True)),
    Fault("every model down", outside(every_model, **_HTML)),
    Fault("every model hangs", outside(every_model, hang=True)),
    Fault("every model's key revoked", outside(every_model, **_REVOKED)),
    Fault("every model lies", models_lie),
)
