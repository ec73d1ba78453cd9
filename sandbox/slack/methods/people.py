"""auth.test, users.* and usergroups.*: who is who."""

from __future__ import annotations

from sandbox.slack.methods.call import Call, Method
from sandbox.slack.refusal import Json, Refused
from sandbox.slack.shapes import user_shape, usergroup_shape
from sandbox.slack.state import User


def auth_test(call: Call) -> Json:
    """auth.test."""
    workspace = call.workspace
    return {
        "url": f"{call.origin}/",
        "team": "Acme",
        "team_id": workspace.team_id,
        "user": workspace.bot_user.name,
        "user_id": workspace.bot_user.id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def user_info(call: Call) -> Json:
    """users.info."""
    user = call.workspace.users.get(call.args.needed("user"))
    if user is None:
        raise Refused("user_not_found")
    return {"user": _seen(call, user)}


def lookup_by_email(call: Call) -> Json:
    """users.lookupByEmail."""
    wanted = call.args.needed("email").lower()
    for user in call.workspace.users.values():
        if user.email == wanted and not user.is_bot:
            return {"user": user_shape(call.workspace, user)}
    raise Refused("users_not_found")


def list_users(call: Call) -> Json:
    """users.list."""
    page, cursor = call.page(list(call.workspace.users.values()))
    return {"members": [_seen(call, each) for each in page], "response_metadata": cursor}


def list_usergroups(call: Call) -> Json:
    """usergroups.list; members only with include_users."""
    with_users = call.args.flag("include_users")
    return {
        "usergroups": [
            usergroup_shape(call.workspace, group) | ({"users": list(group.users)} if with_users else {})
            for group in call.workspace.usergroups.values()
        ]
    }


def list_usergroup_users(call: Call) -> Json:
    """usergroups.users.list."""
    group = call.workspace.usergroups.get(call.args.needed("usergroup"))
    if group is None:
        raise Refused("no_such_subteam")
    return {"users": list(group.users)}


def _seen(call: Call, user: User) -> Json:
    """Without users:read.email, profiles come without the address."""
    shape = user_shape(call.workspace, user)
    profile = shape["profile"]
    if "users:read.email" not in call.scopes and isinstance(profile, dict):
        del profile["email"]
    return shape


METHODS = {
    "auth.test": Method(auth_test),
    "users.info": Method(user_info, "users:read"),
    "users.lookupByEmail": Method(lookup_by_email, "users:read.email"),
    "users.list": Method(list_users, "users:read"),
    "usergroups.list": Method(list_usergroups, "usergroups:read"),
    "usergroups.users.list": Method(list_usergroup_users, "usergroups:read"),
}
