"""files.*: the three steps of an upload (the second is a plain POST to the address of the first)."""

from __future__ import annotations

from sandbox.slack.methods.call import Call, Method
from sandbox.slack.refusal import Json, Refused
from sandbox.slack.shapes import file_shape
from sandbox.slack.state import Message, StoredFile

LARGEST = 20_000_000


def get_upload_url(call: Call) -> Json:
    """files.getUploadURLExternal."""
    length = call.args.needed("length")
    if not length.isdecimal() or int(length) == 0:
        raise Refused("invalid_arguments", ["length must be a positive number of bytes"])
    if int(length) > LARGEST:
        raise Refused("file_upload_size_restricted")
    file = StoredFile(
        call.workspace.next_id("F"),
        call.args.needed("filename"),
        int(length),
        call.args.text("alt_txt") or call.args.text("alt_text"),
    )
    call.workspace.keep_file(file)
    return {"file_id": file.id, "upload_url": f"{call.origin}/upload/v1/{file.id}"}


def complete_upload(call: Call) -> Json:
    """files.completeUploadExternal: shares the files in a channel or thread, or keeps them unshared."""
    named = call.args.structure("files")
    if not isinstance(named, list) or not named:
        raise Refused("invalid_arguments", ["missing required field: files"])
    files = [_uploaded(call, each) for each in named]
    wanted = call.args.text("channel_id") or call.args.text("channels").split(",")[0]
    if wanted:
        _share(call, wanted, files)
    return {"files": [file_shape(each) for each in files]}


def delete(call: Call) -> Json:
    """files.delete: only the bot's own files, which are all there are here."""
    file = call.workspace.files.get(call.args.needed("file"))
    if file is None:
        raise Refused("file_not_found")
    del call.workspace.files[file.id]
    return {}


def _uploaded(call: Call, named: object) -> StoredFile:
    identity = named.get("id") if isinstance(named, dict) else None
    file = call.workspace.files.get(identity) if isinstance(identity, str) else None
    if file is None or not file.content or not isinstance(named, dict):
        raise Refused("file_not_found")
    file.title = str(named.get("title") or file.name)
    return file


def _share(call: Call, wanted: str, files: list[StoredFile]) -> None:
    workspace = call.workspace
    channel = workspace.channels.get(wanted)
    if channel is None:
        raise Refused("channel_not_found")
    if workspace.bot_user.id not in channel.members:
        raise Refused("not_in_channel")
    workspace.add(
        channel,
        Message(
            ts=workspace.clock.next_ts(),
            channel=channel.id,
            user=workspace.bot_user.id,
            bot_id=workspace.bot_id,
            text=call.args.text("initial_comment"),
            thread_ts=call.args.text("thread_ts") or None,
            files=[file.id for file in files],
        ),
    )


METHODS = {
    "files.getUploadURLExternal": Method(get_upload_url, "files:write"),
    "files.completeUploadExternal": Method(complete_upload, "files:write"),
    "files.delete": Method(delete, "files:write"),
}
