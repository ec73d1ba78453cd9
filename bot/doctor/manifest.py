"""What the Slack app needs and offers, as app_manifest.yml says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from investigator.errors import ConfigurationError

NAME = "app_manifest.yml"
_BOT = Path(__file__).parents[1]


def needed_scopes() -> frozenset[str]:
    """The bot scopes that the manifest asks for.

    Raises:
        ConfigurationError: the manifest did not come with this installation.
    """
    return frozenset(_manifest()["oauth_config"]["scopes"]["bot"])


def message_shortcuts() -> dict[str, str]:
    """Names of the shortcuts in a message's menu, by callback id.

    Raises:
        ConfigurationError: the manifest did not come with this installation.
    """
    shortcuts = _manifest()["features"]["shortcuts"]
    return {each["callback_id"]: each["name"] for each in shortcuts if each["type"] == "message"}


def _manifest() -> dict[str, Any]:
    """The manifest beside the program: in the package, or at the root of its sources."""
    found = next((path for path in (_BOT / NAME, _BOT.parent / NAME) if path.exists()), None)
    if found is None:
        raise ConfigurationError(f"{NAME} did not come with this installation: install it again")
    manifest: dict[str, Any] = yaml.safe_load(found.read_text(encoding="utf-8"))
    return manifest
