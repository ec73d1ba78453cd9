"""Raises the real exception: the deployed code, a realistic request, its own process."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from sandbox.demo_service.build import DemoService
from sandbox.demo_service.git import DemoFailed, git
from sandbox.demo_service.incident import Incident, incident_of
from sandbox.demo_service.scenarios import COUPONS, SCENARIOS, Scenario

_TIMEOUT_SECONDS = 20
_SCRIPT = Path(__file__).with_name("raise_and_report.py")
_SERVED_FROM = "/srv/app"
_PAYMENTS_HOST = "payments.acme.internal:8443"
_STDLIB = f"/usr/local/lib/python{sys.version_info.major}.{sys.version_info.minor}"


def crash(
    service: DemoService, scenario: str = "coupon", *, sentry_url: str = "https://sentry.io"
) -> Incident:
    """Run the code at `service.deployed_sha` into a real exception, and write it down as Sentry would.

    `scenario` is "coupon" (the regression) or "upstream" (the payment provider refuses connections).
    Raises KeyError for another scenario, DemoFailed.
    """
    played = SCENARIOS[scenario]
    with tempfile.TemporaryDirectory(prefix="demo-crash-") as folder:
        root = Path(folder).resolve() / "app"
        check_out(service.repository, service.deployed_sha, root)
        report = _report(root, played)
    return incident_of(service, played, report, sentry_url.rstrip("/"))


def check_out(repository: Path, sha: str, folder: Path) -> None:
    """Write the files of a commit into a new folder, leaving the repository as it is.

    Raises FileExistsError, DemoFailed.
    """
    folder.mkdir()
    with tempfile.TemporaryDirectory(prefix="demo-index-") as scratch:
        environment = {
            "GIT_DIR": str(repository),
            "GIT_WORK_TREE": str(folder),
            "GIT_INDEX_FILE": str(Path(scratch) / "index"),
        }
        git("checkout", "--quiet", sha, "--", ".", at=folder, environment=environment)


def _report(root: Path, scenario: Scenario) -> dict[str, Any]:
    with socket.socket() as unused:
        # Bound and not listening: connections to it are refused, and nobody else can take the port meanwhile.
        unused.bind(("127.0.0.1", 0))
        payments = f"127.0.0.1:{unused.getsockname()[1]}"
        order = {
            "root": str(root),
            "method": scenario.method,
            "path": scenario.path,
            "document": scenario.document,
            "coupons": COUPONS,
            "payments_url": f"http://{payments}",
        }
        said = _run(json.dumps(order))
    # The event shall look as if written where the service runs, not on this machine.
    stdlib = os.path.dirname(os.__file__)
    for here, there in ((str(root), _SERVED_FROM), (stdlib, _STDLIB), (payments, _PAYMENTS_HOST)):
        said = said.replace(here, there)
    report: dict[str, Any] = json.loads(said)
    return report


def _run(order: str) -> str:
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-B", str(_SCRIPT)],
            input=order,
            env={"LC_ALL": "C.UTF-8"},
            check=False,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise DemoFailed(f"the service did not end within {_TIMEOUT_SECONDS} seconds") from error
    if done.returncode:
        said = done.stderr.strip() or "it answered the request instead of raising"
        raise DemoFailed(f"the service ended with exit code {done.returncode}: {said}")
    return done.stdout
