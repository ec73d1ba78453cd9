"""What the page in the browser needs: its assets, the state it shows, and what its user does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from aiohttp import web

from sandbox.slack.acts import Acts
from sandbox.slack.bot_link import Reply
from sandbox.slack.methods.call import Args
from sandbox.slack.refusal import Json, Refused
from sandbox.slack.shapes import channel_shape, message_shape, view_shape
from sandbox.slack.state import Channel, Message, User, Workspace

STATIC = Path(__file__).parent / "static"
KEEP_ALIVE_SECONDS = 15.0
SECURITY = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' http: https:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}

Act = Callable[[Args], Awaitable[Json]]


class Page:
    """Routes of the page; `shortcuts` maps the callback ids of message shortcuts to their names."""

    def __init__(self, workspace: Workspace, acts: Acts, *, shortcuts: Mapping[str, str]) -> None:
        self._workspace = workspace
        self._acts = acts
        self._shortcuts = dict(shortcuts)

    def add_routes(self, app: web.Application) -> None:
        """GET / /static/* /state /stream, POST /ui/*."""
        app.router.add_get("/", _index)
        app.router.add_get("/archives/{channel}", _index)
        app.router.add_get("/archives/{channel}/{message}", _index)
        app.router.add_get("/docs/{team}/{canvas}", self._canvas)
        app.router.add_static("/static", STATIC)
        app.router.add_get("/state", self._state)
        app.router.add_get("/stream", self._stream)
        acts: dict[str, Act] = {
            "message": self._say,
            "click": self._click,
            "suggest": self._suggest,
            "submit": self._submit,
            "close": self._close,
            "shortcut": self._shortcut,
            "home": self._home,
        }
        for name, act in acts.items():
            app.router.add_post(f"/ui/{name}", _answering(act))

    async def _canvas(self, request: web.Request) -> web.StreamResponse:
        """A document, where its channel was let in; the script asks for its text."""
        canvas = self._workspace.files.get(request.match_info["canvas"])
        if canvas is None or canvas.readers is None:
            raise web.HTTPNotFound(text="no such canvas")
        if not canvas.readers:
            raise web.HTTPForbidden(text="this canvas was not shared with you")
        return web.FileResponse(STATIC / "canvas.html", headers=SECURITY)

    async def _state(self, request: web.Request) -> web.Response:
        """What changed in a channel since a version, as its user sees it."""
        workspace = self._workspace
        try:
            user = workspace.user(request.query.get("user", "priya"))
            channel = workspace.channel(request.query.get("channel", "incidents"))
            since = int(request.query.get("since", "0"))
        except (Refused, ValueError) as problem:
            return web.json_response({"ok": False, "error": str(problem)}, status=404)
        top, home = workspace.top_view(user.id), workspace.homes.get(user.id)
        body: Json = {
            "epoch": workspace.epoch,
            "version": workspace.version,
            "me": user.id,
            "bot": workspace.bot_user.id,
            "users": [_person(each) for each in workspace.users.values()],
            "usergroups": {each.id: each.handle for each in workspace.usergroups.values()},
            "channels": [self._channel(each) for each in _listed(workspace, user)],
            "channel": channel.id,
            "shortcuts": self._shortcuts,
            "messages": [
                self._message(each)
                for each in channel.messages.values()
                if each.version > since and each.ephemeral_to in (None, user.id)
            ],
            "view": view_shape(workspace, top) if top is not None else None,
            "home": view_shape(workspace, home) if home is not None else None,
        }
        return web.json_response(body)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: the version, whenever it changes."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        version = -1
        try:
            while True:
                version = await self._next_version(version)
                data = json.dumps({"epoch": self._workspace.epoch, "version": version})
                await response.write(f"retry: 1000\ndata: {data}\n\n".encode())
        except ConnectionResetError:
            return response

    async def _next_version(self, version: int) -> int:
        """The next version, or the same again as a sign of life."""
        try:
            async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                return await self._workspace.changed_since(version)
        except TimeoutError:
            return version

    def _channel(self, channel: Channel) -> Json:
        shape = channel_shape(channel, self._workspace.bot_user.id)
        newest = next(reversed(channel.messages.values()), None)
        return shape | {"bookmarks": channel.bookmarks, "latest": newest.ts if newest is not None else ""}

    def _message(self, message: Message) -> Json:
        shape = message_shape(self._workspace, message)
        channel = self._workspace.channels[message.channel]
        return shape | {
            "deleted": message.deleted,
            "ephemeral": message.ephemeral_to is not None,
            "broadcast": message.broadcast,
            "pinned": message.ts in channel.pins,
        }

    async def _say(self, args: Args) -> Json:
        """A line from a composer: a slash command if it starts with a slash, else a message."""
        text, thread_ts = args.needed("text"), args.text("thread_ts") or None
        place = {"channel": args.needed("channel"), "user": args.needed("user"), "thread_ts": thread_ts}
        if text.startswith("/"):
            command, _, rest = text.partition(" ")
            return _reply(await self._acts.slash(command, rest.strip(), **_slots(place)))
        message = await self._acts.say(text, **_slots(place))
        return {"ts": message.ts}

    async def _click(self, args: Args) -> Json:
        value = (
            args.structure("value") if not isinstance(args.values.get("value"), str) else args.text("value")
        )
        chosen = [str(each) for each in value] if isinstance(value, list) else args.text("value") or None
        action_id, user = args.needed("action_id"), args.needed("user")
        block_id = args.text("block_id") or None
        if view_id := args.text("view_id"):
            return _reply(
                await self._acts.click_view(view_id, action_id, user=user, value=chosen, block_id=block_id)
            )
        channel, ts = args.needed("channel"), args.needed("ts")
        return _reply(
            await self._acts.click(channel, ts, action_id, user=user, value=chosen, block_id=block_id)
        )

    async def _suggest(self, args: Args) -> Json:
        typed, action_id, user = (args.text(name) for name in ("typed", "action_id", "user"))
        options = await self._acts.suggest(
            typed,
            action_id,
            user=user,
            view_id=args.text("view_id") or None,
            message=(args.text("channel"), args.text("ts")),
            block_id=args.text("block_id") or None,
        )
        return {"options": options}

    async def _submit(self, args: Args) -> Json:
        values = args.structure("values")
        entered = values if isinstance(values, dict) else {}
        reply = await self._acts.submit(args.needed("view_id"), entered, user=args.needed("user"))
        return _reply(reply) | {"answer": reply.json()}

    async def _close(self, args: Args) -> Json:
        await self._acts.close(args.needed("view_id"), user=args.needed("user"))
        return {}

    async def _shortcut(self, args: Args) -> Json:
        names = ("callback_id", "channel", "ts")
        callback_id, channel, ts = (args.needed(name) for name in names)
        return _reply(await self._acts.shortcut(callback_id, channel, ts, user=args.needed("user")))

    async def _home(self, args: Args) -> Json:
        await self._acts.open_home(user=args.needed("user"))
        return {}


async def _index(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(STATIC / "index.html", headers=SECURITY)


def _answering(act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    """JSON in, Slack's envelope out."""

    async def handle(request: web.Request) -> web.Response:
        try:
            body = await request.json()
            return web.json_response({"ok": True, **await act(Args(body if isinstance(body, dict) else {}))})
        except json.JSONDecodeError:
            return web.json_response({"ok": False, "error": "invalid_json"}, status=400)
        except Refused as refused:
            return web.json_response(refused.envelope())

    return handle


def _slots(place: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in place.items() if value is not None}


def _listed(workspace: Workspace, user: User) -> list[Channel]:
    return [
        channel
        for channel in workspace.channels.values()
        if not channel.is_private or user.id in channel.members
        if not channel.is_im or user.id in channel.members
    ]


def _person(user: User) -> Json:
    return {
        "id": user.id,
        "name": user.name,
        "real_name": user.real_name,
        "title": user.title,
        "is_bot": user.is_bot,
    }


def _reply(reply: Reply) -> Json:
    return {"error_shown": reply.error} if reply.error is not None else {}
