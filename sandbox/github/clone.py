"""Clones on this machine, served as if they were repositories on GitHub."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from sandbox.github.app import GitHubSandbox
from sandbox.github.git import Git
from sandbox.github.history import HostHistory
from sandbox.github.host import Budget
from sandbox.github.repository import Repository
from sandbox.serving import serve

UNLIMITED = 10**9  # nobody shares a clone of one's own


@asynccontextmanager
async def serve_clones(clones: Mapping[str, Path], *, token: str) -> AsyncIterator[str]:
    """Yields the address of an API that has these repositories, by full name. The clones are only read.

    Raises:
        GitFailed: one of them is not a git repository, or git cannot read it.
    """
    repositories = {
        name: Repository(path, name, None, await HostHistory.derive(Git(path)))
        for name, path in clones.items()
    }
    # Without pages: they ask for no token, and this may be somebody's private code on a shared machine.
    sandbox = GitHubSandbox(repositories, token=token, with_pages=False)
    sandbox.host.rest_budget, sandbox.host.graphql_budget = Budget(UNLIMITED), Budget(UNLIMITED)
    async with serve(sandbox.app, reads_only=True) as url:
        yield url
