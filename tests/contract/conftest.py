"""One start of the contract servers for all tests that use them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from investigator.embedded_store import free_port
from sandbox.serving import serve
from tests.contract import servers


@pytest.fixture(scope="session")
def backends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Addresses of the REST and the GraphQL server."""
    servers.install()
    folder = tmp_path_factory.mktemp("contract")
    with servers.prism(folder, free_port()) as rest, servers.graphql(folder, free_port()) as graphql:
        yield rest, graphql


@pytest.fixture
async def contract(backends: tuple[str, str]) -> AsyncIterator[str]:
    """Address of a GitHub that accepts what GitHub's descriptions allow, and nothing else."""
    async with serve(servers.one_host(*backends)) as url:
        yield url
