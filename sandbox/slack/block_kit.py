"""What Slack accepts as blocks, by the surface they stand on: message, modal, home tab."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.slack.elements import (
    BUTTON,
    BUTTONS,
    FIELDS,
    IMAGE,
    MENUS,
    SLACK_FILE,
    SMALL_BUTTONS,
    SOURCE,
    plain,
    text,
)
from sandbox.slack.rich_text import KIND, RICH_TEXT
from sandbox.slack.schema import (
    Check,
    array,
    boolean,
    choice,
    complaint,
    later,
    number,
    record,
    string,
    tagged,
    url,
)


def _block(
    required: dict[str, Check],
    optional: dict[str, Check] | None = None,
    *,
    any_of: tuple[str, ...] = (),
    rule: Check | None = None,
) -> Check:
    return record(
        {"type": KIND, **required}, {"block_id": string(255), **(optional or {})}, any_of=any_of, rule=rule
    )


PLAIN_CELLS: dict[str, Check] = {
    "raw_text": record({"type": KIND, "text": string(10_000)}),
    "raw_number": record({"type": KIND, "value": number()}, {"text": string(100)}),
}
CELL = tagged({**PLAIN_CELLS, "rich_text": RICH_TEXT})
HEADER_ROW = array(tagged(PLAIN_CELLS), 20)
COLUMN = record({}, {"align": choice("left", "center", "right"), "is_wrapped": boolean})


def _data_table(value: object, pointer: str) -> Iterator[str]:
    """The first row is the header, in plain cells; all rows are of one length."""
    rows = value.get("rows") if isinstance(value, dict) else None
    if isinstance(rows, list) and rows and all(isinstance(row, list) for row in rows):
        yield from HEADER_ROW(rows[0], f"{pointer}/rows/0")
        if len({len(row) for row in rows}) > 1:
            yield complaint("all rows must have the same number of cells", f"{pointer}/rows")


TASK = _block(
    {
        "task_id": string(255),
        "title": string(255),
        "status": choice("pending", "in_progress", "complete", "error"),
    },
    {"details": RICH_TEXT, "output": RICH_TEXT, "sources": array(tagged({"url": SOURCE}), 20)},
)
CARD = _block(
    {},
    {
        "hero_image": IMAGE,
        "icon": IMAGE,
        "title": text(150),
        "subtitle": text(150),
        "body": text(200),
        "actions": array(tagged({"button": BUTTON}), 5),
    },
    any_of=("hero_image", "title", "actions", "body"),
)

EVERYWHERE: dict[str, Check] = {
    "header": _block({"text": plain(150)}),
    "section": _block(
        {},
        {
            "text": text(3000),
            "fields": array(text(2000), 10),
            "accessory": tagged({**BUTTONS, **MENUS, "image": IMAGE}),
            "expand": boolean,
        },
        any_of=("text", "fields"),
    ),
    "context": _block(
        {"elements": array(tagged({"image": IMAGE, "plain_text": plain(3000), "mrkdwn": text(3000)}), 10)}
    ),
    "actions": _block({"elements": array(tagged({**BUTTONS, **MENUS}), 25)}),
    "divider": _block({}),
    "image": _block(
        {"alt_text": string(2000)},
        {"image_url": url(), "slack_file": SLACK_FILE, "title": plain(2000)},
        any_of=("image_url", "slack_file"),
    ),
    "rich_text": RICH_TEXT,
    "input": _block(
        {"label": plain(2000), "element": tagged({**FIELDS, **MENUS})},
        {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "video": _block(
        {
            "alt_text": string(2000),
            "title": plain(200),
            "video_url": url(),
            "thumbnail_url": url(),
        },
        {
            "title_url": url(),
            "description": plain(200),
            "author_name": string(50),
            "provider_name": string(50),
            "provider_icon_url": url(),
        },
    ),
}
MESSAGE_ONLY: dict[str, Check] = {
    "markdown": _block({"text": string(12_000)}),
    "table": _block({"rows": array(array(CELL, 20), 100)}, {"column_settings": array(COLUMN, 20)}),
    "data_table": _block(
        {"caption": string(2000), "rows": array(array(CELL, 20), 101, least=2)},
        {"page_size": number(1, 100), "row_header_column_index": number(0, 19)},
        rule=_data_table,
    ),
    "context_actions": _block({"elements": array(tagged(SMALL_BUTTONS), 5)}),
    "task_card": TASK,
    "plan": _block({"title": string(255)}, {"tasks": array(tagged({"task_card": TASK}), 50)}),
    "card": CARD,
    "carousel": _block({"elements": array(tagged({"card": CARD}), 10)}),
    "file": _block({"external_id": string(255), "source": choice("remote")}),
    "container": _block(
        {"child_blocks": array(later(lambda: tagged(MESSAGE)), 10)},
        {
            "title": plain(150),
            "rich_text_title": RICH_TEXT,
            "subtitle": text(150),
            "width": choice("narrow", "standard", "wide", "full"),
            "icon": IMAGE,
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
        },
        any_of=("title", "rich_text_title"),
    ),
}

MESSAGE: dict[str, Check] = {**EVERYWHERE, **MESSAGE_ONLY}
MODAL: dict[str, Check] = {
    **EVERYWHERE,
    # Slack's own SDKs document alerts as modal-only, with 200 characters.
    "alert": _block({"text": text(200)}, {"level": choice("default", "info", "warning", "error", "success")}),
}
HOME: dict[str, Check] = EVERYWHERE
