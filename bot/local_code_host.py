"""Clones on this machine as the code host: served by the sandbox, read by the client that reads GitHub."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from investigator.models.evidence import Gap
from investigator.settings import Settings

LOCAL_TOKEN = "local"  # noqa: S105 - the sandbox's own, on loopback


def local_name(folder: str) -> str:
    """The name a clone is served under when none is given: local/<folder>."""
    return "local/" + (re.sub(r"[^\w.-]+", "-", folder, flags=re.ASCII).strip("-") or "clone")


SHALLOW = Gap(
    source="github",
    what="older commits",
    why="the clone is shallow, so that a cause before its oldest commits is not seen",
    remedy="run `git fetch --unshallow` in it",
)


async def is_shallow(clone: Path) -> bool:
    """Raises GitFailed: it is not a git repository that git can read."""
    from sandbox.github import Git

    return (await Git(clone).text("rev-parse", "--is-shallow-repository")).strip() == "true"


@asynccontextmanager
async def served_locally(settings: Settings, clones: Mapping[str, Path]) -> AsyncIterator[Settings]:
    """Settings whose GitHub has these repositories, by owner/name, and no others.

    Raises:
        GitFailed: one of them is not a git repository that git can read.
    """
    from sandbox.github import serve_clones

    async with serve_clones(clones, token=LOCAL_TOKEN) as url:
        yield settings.model_copy(
            update={"github_api_url": url, "github_token": SecretStr(LOCAL_TOKEN), "github_apps": None}
        )
