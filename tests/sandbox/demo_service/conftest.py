"""One generated service for all tests of this folder, and git in its hands."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.demo_service import DemoService, build

NOW = datetime(2026, 3, 17, 14, 30, tzinfo=UTC)
Git = Callable[..., str]
RunTests = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> DemoService:
    return build(tmp_path_factory.mktemp("demo"), now=NOW)


@pytest.fixture(scope="session")
def git(service: DemoService) -> Git:
    """Run git in the generated repository, or in `at`; gives what it printed."""

    def run(*arguments: str, at: Path = service.repository) -> str:
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": "On Call",
            "GIT_AUTHOR_EMAIL": "oncall@acme.example",
            "GIT_COMMITTER_NAME": "On Call",
            "GIT_COMMITTER_EMAIL": "oncall@acme.example",
        }
        done = subprocess.run(
            ["git", *arguments],
            cwd=at,
            env=environment,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert done.returncode == 0, f"git {arguments} failed: {done.stderr}"
        return done.stdout.strip()

    return run


@pytest.fixture
def clone(service: DemoService, git: Git, tmp_path: Path) -> Path:
    """A work tree at head."""
    git("clone", "--quiet", str(service.repository), str(tmp_path / "clone"))
    return tmp_path / "clone"


@pytest.fixture(scope="session")
def run_tests() -> RunTests:
    """Run the service's own tests as its nightly job does, or with the arguments its CI uses."""

    def run(at: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-B", "-S", "-m", "unittest", *arguments],
            cwd=at,
            env={},
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    return run
