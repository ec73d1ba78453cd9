"""PILOT_SECRETS_DIR: one file a setting, named like it, as Kubernetes mounts secrets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from investigator.errors import ConfigurationError


def read_secrets(directory: Path) -> dict[str, str]:
    """Setting (lower case) → what its file holds. A file that holds nothing sets nothing.

    Raises:
        ConfigurationError: the directory or a file in it cannot be read.
    """
    return {name: text for name, text in _texts(directory) if text}


def empty_secrets(directory: Path) -> frozenset[str]:
    """Settings whose file holds nothing.

    Raises:
        ConfigurationError: as above.
    """
    return frozenset(name for name, text in _texts(directory) if not text)


def _texts(directory: Path) -> Iterator[tuple[str, str]]:
    try:
        # Kubernetes keeps what it swaps behind names that begin with a dot.
        files = [path for path in directory.iterdir() if path.name[:1] != "." and path.is_file()]
        for path in sorted(files):
            yield path.name.lower(), path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"PILOT_SECRETS_DIR: {directory} cannot be read: {error}") from None
