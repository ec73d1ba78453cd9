"""The shop is written once; tests that write take a copy of their own."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fixtures.host_clone import Clone, Served, serve_repository, write_shop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return write_shop(tmp_path_factory.mktemp("host") / "shop")


@pytest.fixture
def own_shop(shop: Clone, tmp_path: Path) -> Clone:
    copy = tmp_path / "own"
    shutil.copytree(shop.path, copy)
    return replace(shop, path=copy, shas=dict(shop.shas))


@pytest.fixture
async def served(shop: Clone) -> AsyncIterator[Served]:
    async with serve_repository(shop.path) as running:
        yield running


@pytest.fixture
async def writable(own_shop: Clone) -> AsyncIterator[Served]:
    async with serve_repository(own_shop.path, writable=True) as running:
        yield running
