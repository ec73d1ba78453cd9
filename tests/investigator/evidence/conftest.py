"""A code host with a small history, of which the first commit was deployed and then the last."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fixtures.code_history import history
from tests.fixtures.github_repository import START, Served, deployment, served, write_repository

LAST = 8


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    path = tmp_path_factory.mktemp("evidence") / "shop"
    return path, write_repository(path, history(LAST))


@pytest.fixture
async def host(clone: tuple[Path, list[str]]) -> AsyncIterator[Served]:
    path, shas = clone
    deploys = [
        deployment(1, shas[0], START + timedelta(minutes=30)),
        deployment(2, shas[LAST], START + timedelta(hours=LAST + 1)),
    ]
    async with served(path, deployments=deploys) as running:
        running.shas = shas
        yield running
