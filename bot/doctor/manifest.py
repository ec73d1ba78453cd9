"""Which scopes the Slack app needs: what app_manifest.yml asks for."""

from __future__ import annotations

from pathlib import Path

import yaml

from investigator.errors import ConfigurationError

NAME = "app_manifest.yml"
_BOT = Path(__file__).parents[1]


def needed_scopes() -> frozenset[str]:
    """The bot scopes of the manifest beside the program: in the package, or at the root of its sources.

    Raises:
        ConfigurationError: the manifest did not come with this installation.
    """
    found = next((path for path in (_BOT / NAME, _BOT.parent / NAME) if path.exists()), None)
    if found is None:
        raise ConfigurationError(f"{NAME} did not come with this installation: install it again")
    manifest = yaml.safe_load(found.read_text(encoding="utf-8"))
    return frozenset(manifest["oauth_config"]["scopes"]["bot"])
