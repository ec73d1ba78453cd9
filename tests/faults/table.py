"""Every fault that is played: the rows of docs/faults.md."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from tests.faults import plays
from tests.faults.plays import every_model, first_model, github, gone, outside, sentry, slack, store_set
from tests.faults.regions import regions
from tests.faults.scene import Scene
from tests.faults.stage import stage

S = TypeVar("S", bound=Scene)


@dataclass(frozen=True, slots=True)
class Fault(Generic[S]):
    """`name` is the row's. `pages`: the key of the page that must come, or None: nobody is to be woken.

    `on` builds what it is played on; `patience` (seconds) is for what has to show while the fault lasts.
    """

    name: str
    play: Callable[[S], AbstractAsyncContextManager[None]]
    pages: str | None = None
    patience: float = 75.0
    on: Callable[[Path], AbstractAsyncContextManager[S]] = stage  # type: ignore[assignment]  # S is Stage then


_HTML: dict[str, Any] = {"status": 503, "body": b"<html>busy</html>", "content_type": "text/html"}
_RUBBISH: dict[str, Any] = {"status": 200, "body": b"<html>welcome</html>", "content_type": "text/html"}
_REVOKED_SLACK: dict[str, Any] = {"status": 200, "body": b'{"ok": false, "error": "token_revoked"}'}
_REVOKED: dict[str, Any] = {"status": 401, "body": b'{"message": "Bad credentials"}'}
_NOWHERE = "http://nowhere.invalid"
_MODELS = ("ANTHROPIC_BASE_URL", "OPENAI_BASE_URL")
_JUMPY = partial(stage, clock_may_jump=True)
HOUR = 3600

FAULTS: tuple[Fault[Any], ...] = (
    Fault("store killed", plays.store_killed, "store_down"),
    Fault("store frozen", plays.store_frozen, "store_down"),
    Fault("no way to the store", plays.store_unreachable, "store_down"),
    Fault("store slow (0.6 s an answer)", plays.store_slow, None),
    Fault(
        "store read-only (no replica)", store_set("min-replicas-to-write", "1", "0"), "store_refuses_writes"
    ),
    Fault("store full", store_set("maxmemory", "1mb", "0"), "store_refuses_writes"),
    Fault("store's disk full", plays.store_disk_full, "store_down", on=partial(stage, own_disk="store")),
    Fault("web's disk full", plays.disk_full, "spool_broken", on=partial(stage, own_disk="data")),
    Fault("region gone (with the primary)", plays.region_gone, "replicas_missing", on=regions),
    Fault("no worker", gone("worker"), "no_worker"),
    Fault("no triage", gone("triage"), "no_triage"),
    Fault("no clock", gone("clock"), "no_clock"),
    Fault("no web", gone("web"), "no_web"),
    Fault("clock jumps an hour ahead, and back", plays.clock_jumps(HOUR), on=_JUMPY),
    Fault("clock jumps an hour back, and ahead", plays.clock_jumps(-HOUR), on=_JUMPY),
    Fault("Slack down", outside(slack, **_HTML), "slack_failing", patience=200),
    Fault("Slack slow (2 s an answer)", outside(slack, latency=2)),
    Fault("Slack hangs", outside(slack, hang=True), "slack_failing", patience=200),
    Fault("Slack answers rubbish", outside(slack, **_RUBBISH), "slack_failing", patience=200),
    Fault("Slack token revoked", outside(slack, **_REVOKED_SLACK), "slack_failing", patience=200),
    Fault(
        "Slack's certificate expired",
        plays.certificate_expired,
        "slack_failing",
        patience=200,
        on=partial(stage, over_tls=["SLACK_API_URL"]),
    ),
    Fault("GitHub down", outside(github, **_HTML)),
    Fault("GitHub slow (2 s an answer)", outside(github, latency=2)),
    Fault("GitHub hangs", outside(github, hang=True)),
    Fault("GitHub answers rubbish", outside(github, **_RUBBISH)),
    Fault("GitHub token revoked", outside(github, **_REVOKED)),
    Fault(
        "GitHub's certificate expired",
        plays.certificate_expired,
        on=partial(stage, over_tls=["GITHUB_API_URL"]),
    ),
    Fault("GitHub's name does not resolve", plays.as_started, on=partial(stage, GITHUB_API_URL=_NOWHERE)),
    Fault("Sentry's API down", outside(sentry, **_HTML)),
    Fault("Sentry's API slow (2 s an answer)", outside(sentry, latency=2)),
    Fault("Sentry's API hangs", outside(sentry, hang=True)),
    Fault("Sentry's API answers rubbish", outside(sentry, **_RUBBISH)),
    Fault("Sentry token revoked", outside(sentry, **_REVOKED)),
    Fault(
        "Sentry's certificate expired", plays.certificate_expired, on=partial(stage, over_tls=["SENTRY_URL"])
    ),
    Fault("first model down", outside(first_model, **_HTML)),
    Fault("first model hangs", outside(first_model, hang=True)),
    Fault("every model slow (2 s an answer)", outside(every_model, latency=2)),
    Fault("every model down", outside(every_model, **_HTML)),
    Fault("every model hangs", outside(every_model, hang=True)),
    Fault("every model answers rubbish", outside(every_model, **_RUBBISH)),
    Fault("every model's key revoked", outside(every_model, **_REVOKED)),
    Fault(
        "every model's certificate expired",
        plays.certificate_expired,
        on=partial(stage, over_tls=_MODELS),
    ),
    Fault("every model lies", plays.models_lie),
)
