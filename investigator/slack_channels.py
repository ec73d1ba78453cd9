"""Finding a channel by its name: Slack has no method for that, so its channels are listed."""

from __future__ import annotations

from typing import Any

from investigator.slack import Slack

PUBLIC, PRIVATE = "public_channel", "private_channel"
_PER_PAGE = 1000
_PAGES = 20


async def find(slack: Slack, name: str, *kinds: str, archived: bool = False) -> dict[str, Any] | None:
    """Slack's own words for the channel called `name` (without #); None where it cannot be seen.

    `archived` looks among archived ones as well.

    Raises:
        SlackRefused: among others, for private channels the scope groups:read is missing.
        OutsideCallFailed: Slack cannot be reached now.
    """
    arguments: dict[str, Any] = {"types": ",".join(kinds), "limit": _PER_PAGE}
    for _ in range(_PAGES):
        answer = await slack.call("conversations.list", exclude_archived=not archived, **arguments)
        for candidate in answer.get("channels", []):
            if candidate.get("name") == name:
                found: dict[str, Any] = candidate
                return found
        cursor = answer.get("response_metadata", {}).get("next_cursor")
        if not cursor:
            return None
        arguments["cursor"] = cursor
    return None
