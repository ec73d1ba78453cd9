"""Structured logs on standard error: for people on a terminal, JSON lines otherwise."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import AnyStr

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

from investigator.redaction import Vault, redact, redact_document

LINES = "lines"  # of an event that is about several things: each of them becomes a line of its own

# Written by this program alone; a line is written for every webhook, and looking into these took most of it.
_OUR_OWN_WORDS = frozenset(
    {"event", "level", "timestamp", "role", "outcome", "seconds", "request_id", "delivery"}
)


def configure_logs(role: str, level: str = "info") -> None:
    """Set structlog up for this process; `role` is bound to every line."""
    for_people = sys.stderr.isatty()
    renderer = line_by_line(structlog.dev.ConsoleRenderer(colors=True), "\n") if for_people else as_json_lines
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            with_timestamp,
            structlog.processors.format_exc_info,
            without_secrets,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr)
        if for_people
        else structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(role=role)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(WithoutSecrets("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def with_timestamp(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Now, unless the line says a time itself. Not as text: what writes the line does that at less cost."""
    if "timestamp" not in event:
        event["timestamp"] = datetime.now(UTC)
    return event


def without_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Nothing that looks like a credential leaves in a log, whoever put it into a value or an exception."""
    if LINES in event:
        lines = [without_secrets(_logger, _method, line) for line in event[LINES]]
        return {**event, LINES: lines}
    foreign = {
        key: str(value) if isinstance(value, BaseException) else value
        for key, value in event.items()
        if key not in _OUR_OWN_WORDS and value is not None
    }
    if not foreign:
        return event
    return {**event, **redact_document(foreign, Vault(), "credentials")}


def as_json_line(_logger: WrappedLogger, _method: str, event: EventDict) -> bytes:
    try:
        return orjson.dumps(event, default=repr, option=orjson.OPT_UTC_Z)
    except orjson.JSONEncodeError:  # lone surrogates or huge numbers in what others sent
        return json.dumps(event, default=str).encode()


def line_by_line(render: Callable[..., AnyStr], newline: AnyStr) -> Callable[..., AnyStr]:
    """`render` for each of the lines of an event, or for the event when it is one line itself."""

    def rendered(logger: WrappedLogger, method: str, event: EventDict) -> AnyStr:
        lines = event.pop(LINES, [{}])
        return newline.join(render(logger, method, {**event, **line}) for line in lines)

    return rendered


as_json_lines = line_by_line(as_json_line, b"\n")


class WithoutSecrets(logging.Formatter):
    """The same for what libraries log, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record), Vault(), emails=False, ips=False)
