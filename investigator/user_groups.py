"""Who is in a Slack user group, remembered for a minute so that a click does not wait for Slack."""

from __future__ import annotations

import json

from redis.asyncio import Redis

from investigator import keys
from investigator.slack import Slack

HANDLES_SECONDS = 300
MEMBERS_SECONDS = 60


async def members(slack: Slack, store: Redis, handle: str) -> frozenset[str] | None:
    """Ids of the users in the group @`handle`; None when there is no such group (or it is disabled).

    Raises:
        OutsideCallFailed: Slack cannot be asked, or the bot lacks the scope usergroups:read.
    """
    if known := await store.get(keys.user_group(handle)):
        return frozenset(json.loads(known))
    group = await _id_of(slack, store, handle)
    if group is None:
        return None
    answer = await slack.call("usergroups.users.list", usergroup=group)
    users = [str(user) for user in answer.get("users", [])]
    await store.set(keys.user_group(handle), json.dumps(users), ex=MEMBERS_SECONDS)
    return frozenset(users)


async def _id_of(slack: Slack, store: Redis, handle: str) -> str | None:
    known = json.loads(await store.get(keys.USER_GROUPS) or "{}")
    if handle not in known:
        answer = await slack.call("usergroups.list")
        known = {str(group["handle"]): str(group["id"]) for group in answer.get("usergroups", [])}
        await store.set(keys.USER_GROUPS, json.dumps(known), ex=HANDLES_SECONDS)
    found = known.get(handle)
    return str(found) if found else None
