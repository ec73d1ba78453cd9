"""Interactive elements within blocks: give them identities, find them, say what was chosen. Pure."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence

from sandbox.slack.elements import BUTTONS, FIELDS, MENUS, SMALL_BUTTONS
from sandbox.slack.refusal import Json, Refused
from sandbox.slack.state import Workspace

Chosen = str | Sequence[str] | None

INTERACTIVE = frozenset({*BUTTONS, *SMALL_BUTTONS, *MENUS, *FIELDS})
NAMED = {
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "multi_users_select": "selected_users",
}
ONE_OPTION = frozenset({"overflow", "static_select", "radio_buttons", "external_select"})
SEVERAL_OPTIONS = frozenset({"multi_static_select", "checkboxes"})


def with_ids(workspace: Workspace, blocks: Sequence[Json]) -> list[Json]:
    """The blocks as Slack keeps them: what has no block_id or action_id gets one."""
    kept = copy.deepcopy(list(blocks))
    for block in kept:
        block.setdefault("block_id", workspace.next_id("b"))
        for _, element in interactive(block):
            element.setdefault("action_id", workspace.next_id("a"))
    return kept


def interactive(block: Json) -> Iterator[tuple[str, Json]]:
    """Every interactive element in a block, with the id of the block nearest to it."""
    yield from _walk(block, str(block.get("block_id", "")))


def find_action(blocks: Sequence[Json], action_id: str, block_id: str | None = None) -> tuple[str, Json]:
    """(block_id, element); raises `Refused` where nothing like it can be clicked."""
    for block in blocks:
        for owner, element in interactive(block):
            if element.get("action_id") == action_id and block_id in (None, owner):
                return owner, element
    raise Refused("action_not_found", [f"nothing with action_id {action_id!r} can be clicked there"])


def chosen_state(element: Json, chosen: Chosen) -> Json:
    """The element's entry in `actions` or `state.values`; raises `Refused` for an option it has not."""
    kind = str(element["type"])
    state: Json = {"type": kind}
    if kind == "button":
        return state | {name: element[name] for name in ("value", "text", "style") if name in element}
    if kind == "feedback_buttons":
        side = next((each for each in _sides(element) if each.get("value") == chosen), None)
        if side is None:
            raise Refused("option_not_found")
        return state | {"value": side["value"], "text": side["text"]}
    if kind in ONE_OPTION:
        return state | {"selected_option": _option(element, chosen) if chosen else None}
    if kind in SEVERAL_OPTIONS:
        values = [chosen] if isinstance(chosen, str) else list(chosen or ())
        return state | {"selected_options": [_option(element, each) for each in values]}
    return state | {NAMED.get(kind, "value"): chosen or None}


def initial_choice(element: Json) -> Chosen:
    """What an input holds before anyone touched it."""
    option = element.get("initial_option")
    if isinstance(option, Mapping):
        return str(option.get("value"))
    options = element.get("initial_options")
    if isinstance(options, list):
        return [str(each.get("value")) for each in options]
    for name in ("initial_value", "initial_user", "initial_channel", "initial_conversation", "initial_date"):
        if isinstance(value := element.get(name), str):
            return value
    return None


def _sides(element: Json) -> list[Json]:
    sides = (element.get("positive_button"), element.get("negative_button"))
    return [side for side in sides if isinstance(side, dict)]


def _option(element: Json, value: Chosen) -> Json:
    groups = element.get("option_groups")
    options = [each for group in groups for each in group["options"]] if isinstance(groups, list) else []
    own = element.get("options")
    for option in [*options, *(own if isinstance(own, list) else []), element.get("initial_option")]:
        if isinstance(option, dict) and option.get("value") == value:
            return option
    raise Refused("option_not_found")


def _walk(value: object, owner: str) -> Iterator[tuple[str, Json]]:
    if isinstance(value, list):
        for each in value:
            yield from _walk(each, owner)
    elif isinstance(value, dict):
        owner = str(value.get("block_id", owner))
        if value.get("type") in INTERACTIVE:
            yield owner, value
        else:
            for each in value.values():
                yield from _walk(each, owner)
