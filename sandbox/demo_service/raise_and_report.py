"""Runs alone, as `python -I -S raise_and_report.py`, on a checkout of the service.

Reads one JSON document from standard input: `root` (the checkout), `method`, `path` and `document` (the
request), `coupons` (rows to start with), `payments_url`. Sends the request through the service's real code
and prints what an error reporter would have seen of the exception; exits with 3 when there was none.
"""

from __future__ import annotations

import importlib
import io
import json
import linecache
import logging
import reprlib
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

_CONTEXT_LINES = 5
_LONGEST_REPR = 240


class Trail(logging.Handler):
    """Keeps log lines as breadcrumbs; `age` is filled in when the exception is caught."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def crumbs(self, now: float) -> list[dict[str, Any]]:
        return [
            {
                "age": now - record.created,
                "category": record.name,
                "level": record.levelname.lower(),
                "message": record.getMessage(),
            }
            for record in self.records
        ]


def main() -> None:
    order = json.load(sys.stdin)
    root = str(Path(order["root"]).resolve())
    sys.path.insert(0, root)
    trail = Trail()
    logging.basicConfig(level=logging.INFO, handlers=[trail])
    app = start(order)
    try:
        app(environ(order), lambda status, headers: None)
    except Exception as error:  # noqa: BLE001 - whatever the service raises is what we are here to report
        crumbs = trail.crumbs(time.time())
        exceptions = [described(link, root) for link in chain(error)]
        json.dump({"exceptions": exceptions, "breadcrumbs": crumbs}, sys.stdout)
    else:
        sys.exit(3)


def start(order: dict[str, Any]) -> Any:
    """The service on a database in memory, put together as its own wsgi.py does."""
    api, app, coupons, db, orders, payments = (
        importlib.import_module(f"checkout.{name}")
        for name in ("api", "app", "coupons", "db", "orders", "payments")
    )
    connection = db.connect(":memory:")
    db.migrate(connection)
    connection.executemany(
        "INSERT INTO coupons (code, percent, max_uses) VALUES (:code, :percent, :max_uses)", order["coupons"]
    )
    services = api.Services(
        coupons=coupons.Coupons(connection),
        orders=orders.Orders(connection),
        payments=payments.Payments(order["payments_url"]),
    )
    return app.App(services)


def environ(order: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps(order["document"]).encode()
    return {
        "REQUEST_METHOD": order["method"],
        "PATH_INFO": order["path"],
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }


def chain(error: BaseException) -> list[BaseException]:
    """The exception and what led to it, cause first."""
    links: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in links:
        links.append(current)
        hidden = current.__suppress_context__
        current = current.__cause__ or (None if hidden else current.__context__)
    return links[::-1]


def described(error: BaseException, root: str) -> dict[str, Any]:
    return {
        "type": type(error).__name__,
        "module": type(error).__module__,
        "value": str(error),
        "frames": [frame for frame in frames(error.__traceback__, root) if frame],
    }


def frames(traceback: TracebackType | None, root: str) -> list[dict[str, Any]]:
    found = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if code.co_filename != __file__:
            found.append(frame_of(traceback, root))
        traceback = traceback.tb_next
    return found


def frame_of(traceback: TracebackType, root: str) -> dict[str, Any]:
    frame, line = traceback.tb_frame, traceback.tb_lineno
    path = frame.f_code.co_filename
    lines = [text.rstrip("\n") for text in linecache.getlines(path)]
    shorten = reprlib.Repr()
    shorten.maxother = shorten.maxstring = _LONGEST_REPR
    return {
        "path": path,
        "in_app": path.startswith(root + "/"),
        "module": frame.f_globals.get("__name__"),
        "function": frame.f_code.co_name,
        "line": line,
        "pre_context": lines[max(0, line - 1 - _CONTEXT_LINES) : line - 1],
        "context_line": lines[line - 1],
        "post_context": lines[line : line + _CONTEXT_LINES],
        "vars": {name: shorten.repr(value) for name, value in frame.f_locals.items()},
    }


if __name__ == "__main__":
    main()
