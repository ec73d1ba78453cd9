"""Which Slack users are meant by those whom CODEOWNERS and the catalogue name, and what users are called.

CODEOWNERS names GitHub logins, teams and e-mail addresses. Slack knows the addresses; who a login or a team
is there says `people` of the catalogue: a member's id, an address, or a user group.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import structlog
from redis.asyncio import Redis

from investigator import keys
from investigator.models.base import Value
from investigator.slack import Slack, SlackRefused
from investigator.store import decoded
from investigator.user_groups import members

log = structlog.get_logger()

ADDRESS_SECONDS = 3600
NAME_SECONDS = 86_400
NOBODY = "-"  # in the store: Slack knows nobody by this address
_MEMBER = re.compile(r"[UW][A-Z0-9]{1,20}")


class Found(Value):
    """Slack user ids, and those who are nobody Slack knows, as they were named."""

    users: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def in_slack(owners: Iterable[str], people: Mapping[str, str]) -> Found:
    """What the catalogue says of owners named by CODEOWNERS: ids, addresses, @groups as `users`. Pure."""
    users, unknown = [], []
    for owner in dict.fromkeys(owners):
        said = people.get(owner.removeprefix("@").lower())
        if said or not owner.startswith("@"):
            users.append(said or owner)
        else:
            unknown.append(owner)
    return Found(users=tuple(dict.fromkeys(users)), unknown=tuple(unknown))


async def slack_users(slack: Slack, store: Redis, named: Iterable[str]) -> Found:
    """The users behind member ids, e-mail addresses and user groups (@handle).

    Raises:
        SlackRefused: the bot lacks a scope (usergroups:read, users:read.email).
        OutsideCallFailed: Slack cannot be asked now.
    """
    users, unknown = [], []
    for each in dict.fromkeys(named):
        if _MEMBER.fullmatch(each):
            found = [each]
        elif "@" in each[1:]:
            found = [user] if (user := await _by_address(slack, store, each.lower())) else []
        else:
            found = sorted(await members(slack, store, each.removeprefix("@")) or ())
        users += found
        unknown += [] if found else [each]
    return Found(users=tuple(dict.fromkeys(users)), unknown=tuple(unknown))


async def names_of(slack: Slack, store: Redis, users: Iterable[str]) -> dict[str, str]:
    """What Slack users are called, by their ids; somebody whom Slack does not show is left out.

    Raises:
        OutsideCallFailed: Slack cannot be asked now.
    """
    found = {user: await _name(slack, store, user) for user in dict.fromkeys(users)}
    return {user: name for user, name in found.items() if name}


async def _name(slack: Slack, store: Redis, user: str) -> str | None:
    if known := await store.get(keys.slack_name(user)):
        return decoded(known)
    try:
        answer = await slack.call("users.info", user=user)
    except SlackRefused as refusal:  # the scope users:read is missing, or the person is gone
        if refusal.kind == "unauthorized":
            raise
        log.info("nameless_user", user=user, code=refusal.code)
        return None
    about = answer.get("user") or {}
    name = str(about.get("real_name") or about.get("name") or "")
    if name:
        await store.set(keys.slack_name(user), name, ex=NAME_SECONDS)
    return name or None


async def _by_address(slack: Slack, store: Redis, address: str) -> str | None:
    if known := await store.get(keys.slack_address(address)):
        return decoded(known) if decoded(known) != NOBODY else None
    try:
        answer = await slack.call("users.lookupByEmail", email=address)
    except SlackRefused as refusal:
        if refusal.code != "users_not_found":
            raise
        user = None
    else:
        user = str(answer["user"]["id"])
    await store.set(keys.slack_address(address), user or NOBODY, ex=ADDRESS_SECONDS)
    return user
