"""What Slack accepts as block elements and composition objects: texts, buttons, menus, inputs."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.slack.rich_text import KIND, RICH_TEXT
from sandbox.slack.schema import Check, array, boolean, choice, complaint, number, record, string, tagged, url

ACTION_ID = string(255)
SLACK_FILE = record({}, {"id": string(50), "url": url()}, any_of=("id", "url"))


def plain(longest: int) -> Check:
    """A plain_text object."""
    return tagged({"plain_text": record({"type": KIND, "text": string(longest)}, {"emoji": boolean})})


def text(longest: int) -> Check:
    """A plain_text or mrkdwn object."""
    return tagged(
        {
            "plain_text": record({"type": KIND, "text": string(longest)}, {"emoji": boolean}),
            "mrkdwn": record({"type": KIND, "text": string(longest)}, {"verbatim": boolean}),
        }
    )


CONFIRM = record(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": choice("primary", "danger")},
)
OPTION = record({"text": text(75), "value": string(150)}, {"description": text(75)})
LINK_OPTION = record({"text": plain(75), "value": string(150)}, {"description": plain(75), "url": url()})
OPTION_GROUP = record({"label": plain(75), "options": array(OPTION, 100)})
DISPATCH = record({}, {"trigger_actions_on": array(choice("on_enter_pressed", "on_character_entered"), 2)})


def _image(value: object, pointer: str) -> Iterator[str]:
    if isinstance(value, dict) and "image_url" in value and "slack_file" in value:
        yield complaint("only one is allowed of: image_url, slack_file", pointer)


IMAGE = record(
    {"type": KIND, "alt_text": string(2000)},
    {"image_url": url(), "slack_file": SLACK_FILE},
    any_of=("image_url", "slack_file"),
    rule=_image,
)


def _element(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    """An interactive element; Slack makes up an action_id where none is given."""
    return record({"type": KIND, **required}, {"action_id": ACTION_ID, **(optional or {})})


def _input(optional: dict[str, Check], required: dict[str, Check] | None = None) -> Check:
    shared: dict[str, Check] = {"placeholder": plain(150), "focus_on_load": boolean, "confirm": CONFIRM}
    return _element(required or {}, {**shared, **optional})


BUTTON = _element(
    {"text": plain(75)},
    {
        "url": url(),
        "value": string(2000, shortest=0),
        "style": choice("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": string(75),
    },
)
FEEDBACK = record({"text": plain(75), "value": string(2000)}, {"accessibility_label": string(75)})
SOURCE = record({"type": KIND, "url": url(), "text": string(3000)})
IDS = array(string(50), 100)

BUTTONS: dict[str, Check] = {
    "button": BUTTON,
    "overflow": _element({"options": array(LINK_OPTION, 5)}, {"confirm": CONFIRM}),
}
SMALL_BUTTONS: dict[str, Check] = {
    "feedback_buttons": _element({"positive_button": FEEDBACK, "negative_button": FEEDBACK}),
    "icon_button": _element(
        {"icon": choice("trash"), "text": plain(75)},
        {
            "value": string(2000),
            "accessibility_label": string(75),
            "confirm": CONFIRM,
            "visible_to_user_ids": array(string(50), 10),
        },
    ),
}
_OPTIONS: dict[str, Check] = {"options": array(OPTION, 100), "option_groups": array(OPTION_GROUP, 100)}
FILTER = record(
    {},
    {
        "include": array(choice("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
_SEVERAL: dict[str, Check] = {"max_selected_items": number(1)}
MENUS: dict[str, Check] = {
    "static_select": _input({**_OPTIONS, "initial_option": OPTION}),
    "multi_static_select": _input({**_OPTIONS, **_SEVERAL, "initial_options": array(OPTION, 100)}),
    "external_select": _input({"min_query_length": number(0), "initial_option": OPTION}),
    "users_select": _input({"initial_user": string(50)}),
    "multi_users_select": _input({**_SEVERAL, "initial_users": IDS}),
    "conversations_select": _input(
        {
            "initial_conversation": string(50),
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": FILTER,
        }
    ),
    "channels_select": _input({"initial_channel": string(50), "response_url_enabled": boolean}),
    "datepicker": _input({"initial_date": string(10)}),
    "timepicker": _input({"initial_time": string(5), "timezone": string(100)}),
    "datetimepicker": _input({"initial_date_time": number(0)}),
    "checkboxes": _input({"initial_options": array(OPTION, 10)}, {"options": array(OPTION, 10)}),
    "radio_buttons": _input({"initial_option": OPTION}, {"options": array(OPTION, 10)}),
}
FIELDS: dict[str, Check] = {
    "plain_text_input": _input(
        {
            "initial_value": string(3000, shortest=0),
            "multiline": boolean,
            "min_length": number(0, 3000),
            "max_length": number(1, 3000),
            "dispatch_action_config": DISPATCH,
        }
    ),
    "number_input": _input(
        {
            "initial_value": string(50),
            "min_value": string(50),
            "max_value": string(50),
            "dispatch_action_config": DISPATCH,
        },
        {"is_decimal_allowed": boolean},
    ),
    "url_text_input": _input({"initial_value": string(3000), "dispatch_action_config": DISPATCH}),
    "email_text_input": _input({"initial_value": string(3000), "dispatch_action_config": DISPATCH}),
    "rich_text_input": _input({"initial_value": RICH_TEXT, "dispatch_action_config": DISPATCH}),
}
