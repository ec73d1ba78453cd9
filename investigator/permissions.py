"""Who may do what: user groups of the catalogue, as Slack knows them.

Opening pull requests is closed until somebody is named, and stays closed while Slack cannot tell who is in a
group. The other actions can be undone with a click: they are everybody's until somebody is named, and stay
open while Slack cannot tell.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from investigator.composition import Program
from investigator.errors import OutsideCallFailed, PilotError
from investigator.models.permission import Action
from investigator.models.service import Service
from investigator.user_groups import members

log = structlog.get_logger()

_IN_WORDS: dict[Action, str] = {
    "open_pull_request": "open pull requests for {service}",
    "resolve": "resolve incidents of {service}",
    "mute": "mute {service}",
    "mark_root": "name the root of incidents of {service}",
    "assign": "assign incidents of {service}",
    "route": "change where incidents of {service} go",
}


class NotAllowed(PilotError):
    """This person may not do that; the text says who may, and what to do."""


async def require(program: Program, user: str, service: Service, action: Action) -> None:
    """Return when `user` (a Slack user id) may do this for `service`.

    Raises:
        NotAllowed: they may not, or (open_pull_request only) it cannot be found out now.
    """
    groups = groups_for(program, service, action)
    closed = action == "open_pull_request"
    what = _IN_WORDS[action].format(service=service.name)
    if not groups:
        if closed:
            raise NotAllowed(
                f"nobody may {what} yet: name the Slack user groups who may in pilot.yml, under "
                f"services.{service.name}.pull_requests.allowed_groups"
            )
        return
    try:
        inside, missing = await _membership(program, user, groups)
    except OutsideCallFailed as failure:
        log.warning("user_groups_unknown", action=action, service=service.name, error=str(failure))
        if closed:
            raise NotAllowed(
                f"nobody may {what} while Slack does not tell who is in {_named(groups)} ({failure})"
            ) from failure
        return
    if not inside:
        unknown = f"; Slack knows no user group {_named(missing)}: correct pilot.yml" if missing else ""
        raise NotAllowed(f"only people in {_named(groups)} may {what}; ask one of them{unknown}")


def groups_for(program: Program, service: Service, action: Action) -> tuple[str, ...]:
    """Handles of the user groups who may do this; none: nobody is named."""
    own = service.pull_requests.allowed_groups if action == "open_pull_request" else ()
    return own or program.catalog.permissions.get(action, ())


async def _membership(program: Program, user: str, groups: Sequence[str]) -> tuple[bool, list[str]]:
    """Whether `user` is in one of the groups, and which of them do not exist."""
    missing = []
    for group in groups:
        found = await members(program.slack, program.store, group)
        if found is None:
            missing.append(group)
        elif user in found:
            return True, missing
    return False, missing


def _named(groups: Sequence[str]) -> str:
    return " or ".join(f"@{group}" for group in groups)
