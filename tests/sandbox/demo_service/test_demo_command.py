"""`python -m sandbox.demo_service` for contributors."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sandbox.demo_service", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)


def test_it_builds_and_says_where_things_are(tmp_path: Path) -> None:
    done = run(str(tmp_path / "demo"), "--now", "2026-03-17T14:30:00Z")
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "demo/checkout.git") in done.stdout
    assert json.loads((tmp_path / "demo/event-coupon.json").read_text())["platform"] == "python"

    again = run(str(tmp_path / "demo"))
    assert again.returncode == 2
    assert "already there" in again.stderr
