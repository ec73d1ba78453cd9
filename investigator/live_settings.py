"""Settings that follow their files: `.env`, PILOT_SECRETS_DIR and the keys behind GITHUB_APPS.

What a file says that cannot be used changes nothing: the settings stay as they last were right, and `problem`
says what is wrong.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from investigator.errors import ConfigurationError
from investigator.secret_files import empty_secrets
from investigator.settings import Settings, load_settings

log = structlog.get_logger()

LOOK_SECONDS = 2.0
# What a process opens once. Another value holds from its next start.
FIXED = (
    *("redis_url", "redis_sentinels", "redis_sentinel_master", "redis_password", "redis_sentinel_password"),
    *("pilot_data_dir", "pilot_host", "pilot_port", "pilot_workers", "pilot_durability", "pilot_seen_days"),
    *("pilot_intake_budget_seconds", "pilot_sentry_dsn", "otel_exporter_otlp_endpoint", "pilot_secrets_dir"),
)


class LiveSettings:
    """The settings as they are now. One per process."""

    def __init__(self, settings: Settings, read: Callable[[], Settings] = load_settings) -> None:
        self.settings = settings
        self.problem = ""
        self._read = read
        self._seen = self._fingerprint()

    def look(self) -> bool:
        """Read the files if they changed; whether other settings are to be used now."""
        seen = self._fingerprint()
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            found = self._usable(self._read())
        except ConfigurationError as error:
            self.problem = str(error)
            log.warning("settings_refused", error=self.problem, meaning="the present ones stay in use")
            return False
        before, self.problem = self.settings, ""
        self.settings = found.model_copy(update={name: getattr(before, name) for name in FIXED})
        changed = _differing(before, found)
        log.info(
            "settings_changed",
            names=[name.upper() for name in changed if name not in FIXED],
            from_next_start=[name.upper() for name in changed if name in FIXED],
        )
        return True

    async def change(self) -> Settings:
        """Wait until other settings are to be used."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if await asyncio.to_thread(self.look):
                return self.settings

    def _usable(self, settings: Settings) -> Settings:
        """Raises: ConfigurationError, when nobody could work with these."""
        settings.require_service_credentials()
        if settings.pilot_secrets_dir:
            emptied = [
                name.upper()
                for name in sorted(empty_secrets(settings.pilot_secrets_dir))
                if getattr(self.settings, name, None)
            ]
            if emptied:
                raise ConfigurationError(
                    f"{', '.join(emptied)}: the file in {settings.pilot_secrets_dir} is empty; "
                    "remove it if nothing is meant"
                )
        if settings.github_apps:
            from investigator.github.apps_file import load_apps  # a stand-by must not wait for PyGithub

            load_apps(settings.github_apps)
        return settings

    def _fingerprint(self) -> bytes:
        """Of contents, not of times: Kubernetes swaps a link, an editor a file, a copy keeps the time."""
        digest = hashlib.sha256()
        for path in _files(self.settings):
            try:
                digest.update(f"{path}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
            except OSError:  # it went between listing and reading: that is a change as well
                digest.update(b"gone")
        return digest.digest()


def _files(settings: Settings) -> Iterator[Path]:
    yield Path(str(Settings.model_config["env_file"]))
    if settings.pilot_secrets_dir:
        yield from _in(settings.pilot_secrets_dir)
    if settings.github_apps:  # keys lie beside it
        yield settings.github_apps
        yield from (path for path in _in(settings.github_apps.parent) if path.suffix in {".pem", ".key"})


def _in(directory: Path) -> list[Path]:
    try:
        return sorted(path for path in directory.iterdir() if path.is_file())
    except OSError:
        return []


def _differing(before: Settings, after: Settings) -> list[str]:
    return [name for name in Settings.model_fields if getattr(before, name) != getattr(after, name)]
