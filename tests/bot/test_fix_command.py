"""`pilot fix --dry-run`: a diff that git applies and one line why, or nothing and the reason."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.playing import Demo

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.processes


def pilot(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "bot", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)


@pytest.fixture
def crash(demo: Demo, tmp_path: Path) -> Path:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(demo.crash.event))
    return file


def test_git_applies_the_revert_at_the_head_and_the_line_says_what_it_is(
    demo: Demo, crash: Path, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", demo.service.repository, clone], check=True)
    done = pilot(tmp_path, "fix", crash, "--repo-path", clone, "--no-ai", "--dry-run")
    assert done.returncode == 0, done.stderr
    subprocess.run(["git", "apply", "--check", "-"], cwd=clone, input=done.stdout, check=True)
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith(f"Revert {demo.service.culprit_sha[:7]} “")


def test_at_an_older_head_it_applies_there(demo: Demo, crash: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", demo.service.repository, clone], check=True)
    head, base = demo.service.deployed_sha, demo.service.base_sha
    options = ("--base", base, "--head", head, "--no-ai", "--dry-run")
    done = pilot(tmp_path, "fix", crash, "--repo-path", clone, *options)
    subprocess.run(["git", "-C", clone, "checkout", "--quiet", head], check=True)
    subprocess.run(["git", "apply", "--check", "-"], cwd=clone, input=done.stdout, check=True)


def test_without_a_safe_proposal_there_is_only_the_reason(demo: Demo, crash: Path, tmp_path: Path) -> None:
    head = demo.service.head_sha
    options = ("--repo-path", demo.service.repository, "--base", head, "--no-ai", "--dry-run")
    done = pilot(tmp_path, "fix", crash, *options)
    assert (done.returncode, done.stdout) == (1, b""), "something was printed that is no proposal"
    assert len(done.stderr.decode().splitlines()) == 1


def test_nothing_is_written_from_a_terminal(crash: Path, tmp_path: Path) -> None:
    done = pilot(tmp_path, "fix", crash)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--dry-run" in done.stderr
