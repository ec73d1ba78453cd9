"""What Slack sends to the bot, in its own shapes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sandbox.slack.refusal import Json
from sandbox.slack.shapes import message_shape, view_shape
from sandbox.slack.state import Channel, Message, OpenView, User, Workspace

TOKEN = "deprecated-verification-token"


@dataclass(frozen=True, slots=True)
class Scene:
    """Who does something where, and what comes along so that the bot can answer."""

    workspace: Workspace
    channel: Channel
    user: User
    trigger_id: str
    response_url: str

    @property
    def place(self) -> Json:
        """The channel as interactions carry it."""
        return {"id": self.channel.id, "name": self.channel.name}


def slash_form(scene: Scene, command: str, text: str) -> dict[str, str]:
    """A slash command."""
    return {
        "token": TOKEN,
        "team_id": scene.workspace.team_id,
        "team_domain": "acme",
        "channel_id": scene.channel.id,
        "channel_name": "directmessage" if scene.channel.is_im else scene.channel.name,
        "user_id": scene.user.id,
        "user_name": scene.user.name,
        "command": command,
        "text": text,
        "api_app_id": scene.workspace.app_id,
        "is_enterprise_install": "false",
        "response_url": scene.response_url,
        "trigger_id": scene.trigger_id,
    }


def message_action(scene: Scene, message: Message, action: Json) -> Json:
    """A click in a message; ephemeral messages are not sent along."""
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": scene.channel.id,
        "is_ephemeral": message.ephemeral_to is not None,
    }
    if message.thread_ts is not None:
        container["thread_ts"] = message.thread_ts
    payload = _interaction(scene.workspace, "block_actions", scene.user) | {
        "container": container,
        "channel": scene.place,
        "actions": [action],
        "state": {"values": {}},
        "trigger_id": scene.trigger_id,
        "response_url": scene.response_url,
    }
    if message.ephemeral_to is None:
        payload["message"] = message_shape(scene.workspace, message, metadata=True)
    return payload


def message_shortcut(scene: Scene, callback_id: str, message: Message) -> Json:
    """A shortcut from a message's menu."""
    return _interaction(scene.workspace, "message_action", scene.user) | {
        "callback_id": callback_id,
        "channel": scene.place,
        "message_ts": message.ts,
        "message": message_shape(scene.workspace, message, metadata=True),
        "action_ts": scene.workspace.clock.next_ts(),
        "trigger_id": scene.trigger_id,
        "response_url": scene.response_url,
    }


def view_action(workspace: Workspace, opened: OpenView, action: Json, trigger_id: str) -> Json:
    """A click in a modal or on the home tab."""
    return _interaction(workspace, "block_actions", workspace.users[opened.user]) | {
        "container": {"type": "view", "view_id": opened.id},
        "view": view_shape(workspace, opened),
        "actions": [action],
        "trigger_id": trigger_id,
    }


def suggestion(
    workspace: Workspace, where: OpenView | tuple[Channel, Message], user: User, element: Json, typed: str
) -> Json:
    """Someone types into an external select of a view or message; `element` has its ids."""
    payload = _interaction(workspace, "block_suggestion", user) | {
        "action_id": element["action_id"],
        "block_id": element["block_id"],
        "value": typed,
    }
    if isinstance(where, OpenView):
        shown = view_shape(workspace, where)
        return payload | {"container": {"type": "view", "view_id": where.id}, "view": shown}
    channel, message = where
    container = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
    shape = message_shape(workspace, message, metadata=True)
    place = {"id": channel.id, "name": channel.name}
    return payload | {"container": container, "channel": place, "message": shape}


def view_submission(workspace: Workspace, opened: OpenView, values: Json, trigger_id: str) -> Json:
    """A modal sent off, with what was entered."""
    return _interaction(workspace, "view_submission", workspace.users[opened.user]) | {
        "view": view_shape(workspace, opened) | {"state": {"values": values}},
        "response_urls": [],
        "trigger_id": trigger_id,
    }


def view_closed(workspace: Workspace, opened: OpenView) -> Json:
    """A modal dismissed; sent only for views with `notify_on_close`."""
    return _interaction(workspace, "view_closed", workspace.users[opened.user]) | {
        "view": view_shape(workspace, opened),
        "is_cleared": False,
    }


def event_callback(workspace: Workspace, event: Json) -> Json:
    """An event with a new id; redeliveries of it keep the id."""
    return {
        "token": TOKEN,
        "team_id": workspace.team_id,
        "api_app_id": workspace.app_id,
        "type": "event_callback",
        "event_id": workspace.next_id("Ev"),
        "event_time": int(workspace.clock.now()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.team_id,
                "user_id": workspace.bot_user.id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "event": event,
    }


def said_event(channel: Channel, message: Message, *, kind: str) -> Json:
    """`app_mention` or `message`: what someone wrote; `thread_ts` only in replies."""
    event: Json = {
        "type": kind,
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "event_ts": message.ts,
        "channel": channel.id,
        "team": Workspace.team_id,
    }
    if message.is_reply:
        event["thread_ts"] = message.thread_ts
    if kind == "message":
        private = "group" if channel.is_private else "channel"
        event["channel_type"] = "im" if channel.is_im else private
    return event


def links_event(channel: Channel, message: Message, links: Sequence[str]) -> Json:
    """Someone wrote links of the domains that the app unfurls."""
    return {
        "type": "link_shared",
        "user": message.user,
        "channel": channel.id,
        "message_ts": message.ts,
        "event_ts": message.ts,
        "source": "conversations_history",
        "links": [{"domain": urlsplit(link).hostname or "", "url": link} for link in links],
    }


def home_opened(workspace: Workspace, user: User) -> Json:
    """Someone looks at the home tab."""
    event: Json = {
        "type": "app_home_opened",
        "user": user.id,
        "channel": f"D{user.id[1:]}",
        "tab": "home",
        "event_ts": workspace.clock.next_ts(),
    }
    if user.id in workspace.homes:
        event["view"] = view_shape(workspace, workspace.homes[user.id])
    return event


def _interaction(workspace: Workspace, kind: str, user: User) -> Json:
    return {
        "type": kind,
        "token": TOKEN,
        "api_app_id": workspace.app_id,
        "team": {"id": workspace.team_id, "domain": "acme"},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": workspace.team_id,
        },
    }
