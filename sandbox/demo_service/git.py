"""Runs git so that nothing on this machine changes what comes out."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

_TIMEOUT_SECONDS = 30

# Nothing of the user's own git configuration may change an id or start a program.
_ENVIRONMENT = {
    "HOME": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "LC_ALL": "C",
}


class DemoFailed(Exception):
    """The service could not be built or made to crash; the text says why."""


def git(*arguments: str, at: Path, text: str = "", environment: Mapping[str, str] | None = None) -> str:
    """What git printed, run in the folder `at` with `text` as its input. Raises DemoFailed."""
    path = {"PATH": os.environ.get("PATH", os.defpath)}
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=at,
            env={**path, **_ENVIRONMENT, **(environment or {})},
            input=text,
            check=False,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
        )
    except FileNotFoundError as error:
        raise DemoFailed("git is not installed, and the demo service is a git repository") from error
    except subprocess.TimeoutExpired as error:
        raise DemoFailed(f"git {arguments[0]} did not end within {_TIMEOUT_SECONDS} seconds") from error
    if done.returncode:
        raise DemoFailed(f"git {arguments[0]} ended with exit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout.strip()
