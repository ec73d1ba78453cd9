"""Any clone on this machine, served as if it were a repository on GitHub."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sandbox.github.app import GitHubSandbox
from sandbox.github.git import Git
from sandbox.github.history import HostHistory
from sandbox.github.repository import Repository
from sandbox.serving import serve


@asynccontextmanager
async def serve_clone(path: Path, full_name: str, *, token: str) -> AsyncIterator[str]:
    """Yields the address of an API that has this one repository. The clone is only read.

    Raises:
        GitFailed: `path` is not a git repository, or git cannot read it.
    """
    history = await HostHistory.derive(Git(path))
    repository = Repository(path, full_name, None, history)
    # Without pages: they ask for no token, and this may be somebody's private code on a shared machine.
    sandbox = GitHubSandbox({full_name: repository}, token=token, with_pages=False)
    async with serve(sandbox.app) as url:
        yield url
