"""Fixtures every test may ask for."""

from __future__ import annotations

pytest_plugins = [
    "tests.fixtures.chromium",
    "tests.fixtures.github_app",
    "tests.fixtures.replicas",
    "tests.fixtures.slack",
    "tests.fixtures.store",
    "tests.fixtures.webhook",
    "tests.fixtures.inbox",  # it uses the one before
]
