"""canvases.*: documents in Markdown, and who may open them."""

from __future__ import annotations

import json

from sandbox.slack.methods.call import Call, Method
from sandbox.slack.refusal import Json, Refused
from sandbox.slack.state import StoredFile

LARGEST = 1_048_576


def create(call: Call) -> Json:
    """canvases.create: on its own, or with `channel_id` as a tab of that channel."""
    workspace, content = call.workspace, call.args.structure("document_content") or {}
    if not workspace.has_canvases:
        raise Refused("canvas_disabled_user_team")
    if not isinstance(content, dict) or content.get("type", "markdown") != "markdown":
        raise Refused("canvas_creation_failed", ["document_content needs type markdown"])
    text = content.get("markdown", "")
    if not isinstance(text, str) or len(text) > LARGEST:
        raise Refused("canvas_creation_failed", ["the markdown is no text, or too long"])
    title, body = call.args.text("title", "Untitled"), text.encode()
    tab = call.joined_channel("channel_id") if call.args.text("channel_id") else None
    canvas = StoredFile(
        workspace.next_id("F"),
        title,
        len(body),
        "",
        content=body,
        title=title,
        readers=frozenset({tab.id}) if tab else frozenset(),
    )
    workspace.keep_file(canvas)
    if tab:
        link = f"{call.origin}/docs/{workspace.team_id}/{canvas.id}"
        tab.bookmarks.append({"id": canvas.id, "title": title, "type": "canvas", "link": link})
    workspace.touch()
    return {"canvas_id": canvas.id}


def set_access(call: Call) -> Json:
    """canvases.access.set: for channels in which the canvas was shared before."""
    canvas = call.workspace.files.get(call.args.needed("canvas_id"))
    if canvas is None or canvas.readers is None:
        raise Refused("canvas_not_found")
    if call.args.needed("access_level") not in {"read", "write"}:
        raise Refused("invalid_arguments", ["access_level: read or write"])
    wanted = call.args.values.get("channel_ids") or []
    named = wanted.split(",") if isinstance(wanted, str) else [str(each) for each in _listed(wanted)]
    failed = [each for each in named if not _is_shared(call, each, canvas.id)]
    if failed or not named:
        raise Refused("failed_to_update_permissions", details={"failed_to_update_channel_ids": failed})
    canvas.readers |= frozenset(named)
    return {}


def delete(call: Call) -> Json:
    """canvases.delete: the bot's own, which are all there are here; a tab goes with it."""
    canvas = call.workspace.files.get(call.args.needed("canvas_id"))
    if canvas is None or canvas.readers is None:
        raise Refused("canvas_not_found")
    del call.workspace.files[canvas.id]
    for channel in call.workspace.channels.values():
        channel.bookmarks[:] = [mark for mark in channel.bookmarks if mark["id"] != canvas.id]
    call.workspace.touch()
    return {}


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _is_shared(call: Call, channel_id: str, canvas_id: str) -> bool:
    channel = call.workspace.channels.get(channel_id)
    if channel is None or call.workspace.bot_user.id not in channel.members:
        return False
    said = call.workspace.visible(channel)
    return any(canvas_id in each.text or canvas_id in json.dumps(each.blocks) for each in said)


METHODS = {
    "canvases.create": Method(create, "canvases:write"),
    "canvases.access.set": Method(set_access, "canvases:write"),
    "canvases.delete": Method(delete, "canvases:write"),
}
