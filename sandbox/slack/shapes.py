"""How state looks on the wire. Pure."""

from __future__ import annotations

from sandbox.slack.refusal import Json
from sandbox.slack.state import Channel, Message, OpenView, StoredFile, User, UserGroup, Workspace


def message_shape(workspace: Workspace, message: Message, *, metadata: bool = False) -> Json:
    """A message as in `conversations.history`."""
    shape: Json = {"type": "message", "ts": message.ts, "user": message.user, "text": message.text}
    if message.bot_id is not None:
        shape |= {
            "bot_id": message.bot_id,
            "app_id": workspace.app_id,
            "team": workspace.team_id,
            "bot_profile": {
                "id": message.bot_id,
                "app_id": workspace.app_id,
                "name": workspace.users[message.user].real_name,
            },
        }
    if message.blocks:
        shape["blocks"] = message.blocks
    if message.metadata is not None and metadata:
        shape["metadata"] = message.metadata
    if message.edited_ts is not None:
        shape["edited"] = {"user": message.user, "ts": message.edited_ts}
    if message.files:
        shape["files"] = [
            file_shape(workspace.files[each]) for each in message.files if each in workspace.files
        ]
        shape["subtype"] = "file_share"
    if message.unfurls:
        shape["attachments"] = [{"from_url": url, **shown} for url, shown in message.unfurls.items()]
    if message.broadcast:
        shape["subtype"] = "thread_broadcast"
    if message.reactions:
        shape["reactions"] = [
            {"name": name, "users": users, "count": len(users)} for name, users in message.reactions.items()
        ]
    return shape | _thread(workspace.channels[message.channel], message)


def _thread(channel: Channel, message: Message) -> Json:
    if message.is_reply:
        return {"thread_ts": message.thread_ts}
    if not message.replies:
        return {}
    authors = [channel.messages[ts].user for ts in message.replies if ts in channel.messages]
    users = list(dict.fromkeys(authors))
    return {
        "thread_ts": message.ts,
        "reply_count": len(message.replies),
        "reply_users": users,
        "reply_users_count": len(users),
        "latest_reply": message.replies[-1],
    }


def channel_shape(channel: Channel, bot_user: str) -> Json:
    """A channel as in `conversations.info`."""
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private and not channel.is_im,
        "is_group": channel.is_private,
        "is_im": channel.is_im,
        "is_private": channel.is_private or channel.is_im,
        "is_archived": channel.is_archived,
        "created": channel.created,
        "creator": channel.creator,
        "is_member": bot_user in channel.members,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "num_members": len(channel.members),
    }


def user_shape(workspace: Workspace, user: User) -> Json:
    """A user as in `users.info`."""
    return {
        "id": user.id,
        "team_id": workspace.team_id,
        "name": user.name,
        "real_name": user.real_name,
        "deleted": False,
        "is_bot": user.is_bot,
        "tz": "Etc/UTC",
        "profile": {
            "real_name": user.real_name,
            "display_name": user.name,
            "title": user.title,
            "email": user.email,
        },
    }


def usergroup_shape(workspace: Workspace, group: UserGroup) -> Json:
    """A user group as in `usergroups.list`."""
    return {
        "id": group.id,
        "team_id": workspace.team_id,
        "handle": group.handle,
        "name": group.name,
        "is_usergroup": True,
        "user_count": len(group.users),
        "date_delete": 0,
    }


PREVIEWED = frozenset({"md", "txt", "text", "diff", "patch", "json", "csv", "log"})
PREVIEW_BYTES = 700


def file_shape(file: StoredFile) -> Json:
    """A file as in `files.info`; addresses are relative to the sandbox. Texts come with their beginning."""
    name = file.name
    kind = name.rpartition(".")[2].lower() if "." in name else "text"
    preview = file.content[:PREVIEW_BYTES].decode(errors="ignore") if kind in PREVIEWED else None
    return {
        "id": file.id,
        "name": name,
        "title": file.title or name,
        "filetype": kind,
        "size": len(file.content),
        "alt_txt": file.alt_text,
        "url_private": f"/files/{file.id}",
    } | ({"preview": preview} if preview else {})


def view_shape(workspace: Workspace, opened: OpenView) -> Json:
    """A view as `views.open` answers it."""
    return {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "root_view_id": opened.id,
        "previous_view_id": None,
        "state": {"values": {}},
        **opened.view,
        "id": opened.id,
        "team_id": workspace.team_id,
        "app_id": workspace.app_id,
        "bot_id": workspace.bot_id,
    }
