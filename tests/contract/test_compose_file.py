"""Docker Compose itself reads our compose file."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.roles import ROLES

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]


@pytest.fixture
def composed(tmp_path: Path) -> dict[str, Any]:
    """The file as Compose understands it, in a folder like a checkout whose owner has followed its head."""
    program = shutil.which("docker-compose")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("docker-compose is not installed: .ci/run installs it")
        pytest.skip("docker-compose is not installed")
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    shutil.copy(ROOT / ".env.example", tmp_path / ".env")
    given = {"PILOT_HOSTNAME": "pilot.example.com", "REDIS_PASSWORD": "a", "REDIS_SENTINEL_PASSWORD": "b"}
    done = subprocess.run(
        [program, "-f", str(tmp_path / "deploy/compose.yml"), "config"],
        env=os.environ | given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = yaml.safe_load(done.stdout)
    return document


def test_every_process_is_there_and_what_must_not_stand_alone_is_there_twice(
    composed: dict[str, Any],
) -> None:
    commands = [service["command"][0] for service in composed["services"].values() if service.get("command")]
    assert set(ROLES) <= set(commands)
    assert {role: commands.count(role) for role in ("web", "triage", "sentinel")} == {
        "web": 2,
        "triage": 2,
        "sentinel": 3,
    }


def test_the_store_is_not_reachable_from_outside(composed: dict[str, Any]) -> None:
    published = {name for name, service in composed["services"].items() if service.get("ports")}
    assert published == {"proxy"}
    assert all(
        list(service["networks"]) == ["inside"]
        for name, service in composed["services"].items()
        if name.startswith(("valkey", "sentinel"))
    )


def test_no_secret_stands_in_the_file() -> None:
    text = (ROOT / "deploy/compose.yml").read_text()
    assert "${REDIS_PASSWORD:?" in text
    assert "xoxb" not in text
