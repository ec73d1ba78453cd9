"""Runs the git binary over somebody's clone without ever trusting or changing it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

_ATTRIBUTES = Path(__file__).with_name("gitattributes")

# What a clone's own configuration could otherwise change: programs it would start, and the shape of output.
_SETTINGS = (
    "core.quotepath=off",
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    f"core.attributesFile={_ATTRIBUTES}",
    "safe.directory=*",
    "log.showSignature=false",
    "log.mailmap=false",
    "i18n.logOutputEncoding=UTF-8",
    "blame.ignoreRevsFile=",
    "diff.algorithm=default",
    "diff.context=3",
    "diff.interHunkContext=0",
    "diff.noprefix=false",
    "diff.mnemonicPrefix=false",
    "diff.suppressBlankEmpty=false",
    "diff.renameLimit=1000",
    "diff.submodule=short",
    "gc.auto=0",
)

_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "none",  # a partial clone must not fetch what it lacks
    "GIT_PAGER": "cat",
    "LC_ALL": "C",
    "TZ": "UTC",
}


class GitFailed(Exception):
    """git could not be run, or ended with an exit code that was not expected; the text holds what it said."""


class GitTimedOut(GitFailed):
    """git did not finish in time and was killed."""


class Git:
    """git commands on one repository: bare, shallow, a linked worktree or a plain clone.

    At most `concurrent` processes run at once; each is killed after `timeout` seconds.
    """

    def __init__(self, path: Path, *, timeout: float = 60.0, concurrent: int = 6) -> None:
        self.path = path
        self._timeout = timeout
        self._slots = asyncio.Semaphore(concurrent)
        self._directory: Path | None = None

    async def run(
        self,
        command: str,
        *arguments: str,
        stdin: bytes = b"",
        accept: Sequence[int] = (0,),
        environment: Mapping[str, str] | None = None,
    ) -> bytes:
        """Standard output of `git <command> <arguments>`.

        Raises GitFailed on an exit code not in `accept`, GitTimedOut when it takes too long.
        """
        directory = await self.directory()
        # With an explicit git directory, paths are always counted from the top of the repository.
        where = (f"--git-dir={directory}", "--no-pager", *_options())
        return await self._start((*where, command, *arguments), directory, stdin, accept, environment or {})

    async def text(
        self, command: str, *arguments: str, stdin: bytes = b"", accept: Sequence[int] = (0,)
    ) -> str:
        """Like `run`, decoded; bytes that are no UTF-8 become replacement characters."""
        return (await self.run(command, *arguments, stdin=stdin, accept=accept)).decode(errors="replace")

    async def directory(self) -> Path:
        """The repository's own git directory. Raises GitFailed when `path` is no repository."""
        if self._directory is None:
            if not await asyncio.to_thread(self.path.is_dir):
                raise GitFailed(f"{self.path} is no folder")
            arguments = (*_options(), "rev-parse", "--absolute-git-dir")
            found = await self._start(arguments, self.path, b"", (0,), {})
            self._directory = Path(os.fsdecode(found.rstrip(b"\n")))
        return self._directory

    async def _start(
        self,
        arguments: Sequence[str],
        where: Path,
        stdin: bytes,
        accept: Sequence[int],
        environment: Mapping[str, str],
    ) -> bytes:
        async with self._slots:
            process = await asyncio.create_subprocess_exec(
                "git",
                *arguments,
                cwd=where,
                env=_environment(environment),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                async with asyncio.timeout(self._timeout):
                    out, err = await process.communicate(stdin)
            except TimeoutError as error:
                raise GitTimedOut(f"git did not answer in {self._timeout:g} seconds") from error
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        if process.returncode not in accept:
            said = err.decode(errors="replace").strip()
            raise GitFailed(f"git ended with exit code {process.returncode}: {said}")
        return out


def _options() -> tuple[str, ...]:
    return tuple(part for setting in _SETTINGS for part in ("-c", setting))


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**inherited, **_ENVIRONMENT, **extra}
