"""What a person can do in Slack; the page and the tests both act through here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sandbox.slack import payloads
from sandbox.slack.actions import Chosen, chosen_state, find_action, initial_choice, interactive
from sandbox.slack.bot_link import BotLink, Reply
from sandbox.slack.methods.views import finished_view, new_modal
from sandbox.slack.refusal import Json, Refused
from sandbox.slack.responses import answer
from sandbox.slack.state import Channel, Message, OpenView, User, Workspace
from sandbox.slack.suggestions import Suggestions
from sandbox.slack.tickets import ResponseTicket, Tickets

SLACKBOT = "USLACKBOT"
LINK = re.compile(r"https?://[^\s<>|]+")
WORD = re.compile(r"(?<![\w<])([@#])([\w.-]*\w)")


class Acts:
    """People's actions. Channels and users are given by id or name; `Refused` says what cannot be done.

    `commands` and `subscriptions` (events such as `app_mention`, `message.channels`) are what the app's
    manifest names; of anything else the bot hears nothing.
    """

    def __init__(
        self,
        workspace: Workspace,
        tickets: Tickets,
        bot: BotLink,
        *,
        address: Callable[[], str],
        commands: frozenset[str],
        subscriptions: frozenset[str],
    ) -> None:
        self._workspace = workspace
        self._tickets = tickets
        self._bot = bot
        self._suggestions = Suggestions(workspace, bot)
        self._address = address
        self._commands = commands
        self._subscriptions = subscriptions

    async def slash(
        self, command: str, text: str, *, channel: str, user: str, thread_ts: str | None = None
    ) -> Reply:
        """Run a slash command; in a thread Slack itself refuses, and the bot hears nothing."""
        place, person = self._workspace.channel(channel), self._workspace.user(user)
        if command not in self._commands:
            self._slackbot(place, person, f"{command} is not a valid command.", thread_ts)
            return Reply(None, "", "unknown_command")
        if thread_ts is not None:
            self._slackbot(place, person, f"{command} is not supported in threads. Sorry!", thread_ts)
            return Reply(None, "", "not_supported_in_threads")
        reply = await self._bot.command(
            payloads.slash_form(self._scene(place, person), command, WORD.sub(self._reference, text))
        )
        if reply.ok and reply.body.strip():
            reply = self._answered(place, person, reply)
        if not reply.ok:
            self._slackbot(place, person, f"{command} failed with the error '{reply.error}'", None)
        return reply

    async def say(self, text: str, *, channel: str, user: str, thread_ts: str | None = None) -> Message:
        """Write a message as typed: `@pilot`, `@checkout-oncall` and `#ops` become references."""
        place, person = self._workspace.channel(channel), self._workspace.user(user)
        message = self._workspace.add(
            place,
            Message(
                ts=self._workspace.clock.next_ts(),
                channel=place.id,
                user=person.id,
                text=self._referenced(text),
                thread_ts=thread_ts,
            ),
        )
        mentioned = f"<@{self._workspace.bot_user.id}>" in message.text
        if mentioned and "app_mention" in self._subscriptions:
            await self._event(payloads.said_event(place, message, kind="app_mention"))
        if "link_shared" in self._subscriptions and (links := LINK.findall(text)):
            await self._event(payloads.links_event(place, message, links))
        event = payloads.said_event(place, message, kind="message")
        plural = {"im": "message.im", "group": "message.groups", "channel": "message.channels"}
        if plural[str(event["channel_type"])] in self._subscriptions:
            await self._event(event)
        return message

    async def click(
        self,
        channel: str,
        ts: str,
        action_id: str,
        *,
        user: str,
        value: Chosen = None,
        block_id: str | None = None,
    ) -> Reply:
        """Click a button, or choose `value` in a menu, of a message that the user can see."""
        place, person = self._workspace.channel(channel), self._workspace.user(user)
        message = self._seen(place, ts, person)
        owner, element = find_action(message.shown_blocks, action_id, block_id)
        scene, action = self._scene(place, person, message), self._action(person.id, owner, element, value)
        return await self._bot.interaction(payloads.message_action(scene, message, action))

    async def click_view(
        self, view_id: str, action_id: str, *, user: str, value: Chosen = None, block_id: str | None = None
    ) -> Reply:
        """The same in a modal or on the home tab."""
        opened = self._view(view_id, user)
        owner, element = find_action(opened.blocks, action_id, block_id)
        action = self._action(opened.user, owner, element, value)
        trigger_id = self._tickets.trigger(opened.user)
        return await self._bot.interaction(payloads.view_action(self._workspace, opened, action, trigger_id))

    async def suggest(
        self,
        typed: str,
        action_id: str,
        *,
        user: str,
        view_id: str | None = None,
        message: tuple[str, str] = ("", ""),
        block_id: str | None = None,
    ) -> list[Json]:
        """Type into an external select of a view, or of the message at (channel, ts); what the bot offers."""
        person = self._workspace.user(user)
        if view_id is not None:
            opened = self._view(view_id, user)
            found = find_action(opened.blocks, action_id, block_id)
            return await self._suggestions.ask(person, opened, found, typed)
        place = self._workspace.channel(message[0])
        seen = self._seen(place, message[1], person)
        found = find_action(seen.shown_blocks, action_id, block_id)
        return await self._suggestions.ask(person, (place, seen), found, typed)

    async def submit(self, view_id: str, values: Mapping[str, Mapping[str, Chosen]], *, user: str) -> Reply:
        """Send a modal off with `{block_id: {action_id: entered}}`; the rest keeps its initial value.

        The reply's JSON may carry `{"response_action": "errors", "errors": {block_id: text}}`.
        """
        opened = self._view(view_id, user)
        state, trigger_id = self._entered(opened, values), self._tickets.trigger(opened.user)
        reply = await self._bot.interaction(
            payloads.view_submission(self._workspace, opened, state, trigger_id)
        )
        if reply.ok:
            self._after_submit(opened, reply.json())
        return reply

    async def close(self, view_id: str, *, user: str) -> None:
        """Dismiss a modal."""
        opened = self._view(view_id, user)
        self._workspace.views.pop(opened.id, None)
        self._workspace.touch()
        if opened.view.get("notify_on_close") is True:
            await self._bot.interaction(payloads.view_closed(self._workspace, opened))

    async def shortcut(self, callback_id: str, channel: str, ts: str, *, user: str) -> Reply:
        """Use a message shortcut."""
        place, person = self._workspace.channel(channel), self._workspace.user(user)
        message = self._seen(place, ts, person)
        scene = self._scene(place, person, message)
        return await self._bot.interaction(payloads.message_shortcut(scene, callback_id, message))

    async def open_home(self, *, user: str) -> None:
        """Look at the bot's home tab."""
        if "app_home_opened" in self._subscriptions:
            await self._event(payloads.home_opened(self._workspace, self._workspace.user(user)))

    async def _event(self, event: Json) -> None:
        await self._bot.event(payloads.event_callback(self._workspace, event))

    def _answered(self, place: Channel, person: User, reply: Reply) -> Reply:
        """Show what the acknowledgement says; what Slack would not show is an error."""
        ticket = ResponseTicket(place.id, person.id, thread_ts=None, original=None, expires=0.0)
        try:
            answer(self._workspace, ticket, reply.json() or {"text": reply.body})
        except Refused as refused:
            return Reply(reply.status, reply.body, refused.error)
        return reply

    def _scene(self, place: Channel, person: User, original: Message | None = None) -> payloads.Scene:
        """`original` is the message that was acted on: its thread gets the answers, they may replace it."""
        key = self._tickets.response(
            place.id,
            person.id,
            thread_ts=original.thread_ts if original is not None else None,
            original=original.ts if original is not None else None,
        )
        response_url = f"{self._address()}/response/{key}"
        return payloads.Scene(self._workspace, place, person, self._tickets.trigger(person.id), response_url)

    def _action(self, user: str, owner: str, element: Json, value: Chosen) -> Json:
        return chosen_state(self._suggestions.completed(user, element), value) | {
            "action_id": element["action_id"],
            "block_id": owner,
            "action_ts": self._workspace.clock.next_ts(),
        }

    def _seen(self, place: Channel, ts: str, person: User) -> Message:
        message = place.messages.get(ts)
        if message is None or message.deleted or message.ephemeral_to not in (None, person.id):
            raise Refused("message_not_found")
        return message

    def _view(self, view_id: str, user: str) -> OpenView:
        person = self._workspace.user(user)
        home = self._workspace.homes.get(person.id)
        opened = home if home is not None and home.id == view_id else self._workspace.views.get(view_id)
        if opened is None or opened.user != person.id:
            raise Refused("view_not_found")
        return opened

    def _entered(self, opened: OpenView, values: Mapping[str, Mapping[str, Chosen]]) -> Json:
        """`state.values`; raises `Refused` if a required input is empty."""
        state: dict[str, Json] = {}
        for block in opened.blocks:
            for owner, element in interactive(block):
                if element["type"] in {"button", "overflow"}:
                    continue
                action_id = str(element["action_id"])
                chosen = values.get(owner, {}).get(action_id, initial_choice(element))
                if not chosen and block["type"] == "input" and not block.get("optional"):
                    raise Refused("required_field", [f"block {owner!r} must be filled in"])
                entered = chosen_state(self._suggestions.completed(opened.user, element), chosen)
                state.setdefault(owner, {})[action_id] = entered
        return dict(state)

    def _after_submit(self, opened: OpenView, body: Json) -> None:
        """Close the modal, or do what the acknowledgement asks."""
        action, workspace = body.get("response_action"), self._workspace
        if action == "errors":
            return
        if action == "update":
            opened.view = finished_view(workspace, new_modal(workspace, opened.user, body.get("view")).view)
        elif action == "push":
            workspace.keep_view(new_modal(workspace, opened.user, body.get("view")))
        elif action == "clear":
            for view_id in [each.id for each in workspace.views.values() if each.user == opened.user]:
                del workspace.views[view_id]
        else:
            workspace.views.pop(opened.id, None)
        workspace.touch()

    def _slackbot(self, place: Channel, person: User, text: str, thread_ts: str | None) -> None:
        ts = self._workspace.clock.next_ts()
        message = Message(ts, place.id, SLACKBOT, text, thread_ts=thread_ts, ephemeral_to=person.id)
        self._workspace.add(place, message)

    def _referenced(self, text: str) -> str:
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return WORD.sub(self._reference, escaped)

    def _reference(self, found: re.Match[str]) -> str:
        sigil, name = found.groups()
        workspace = self._workspace
        if sigil == "#":
            channel = workspace.find_channel(name)
            return f"<#{channel.id}|{channel.name}>" if channel is not None else found.group()
        user = next((each for each in workspace.users.values() if each.name == name), None)
        if user is not None:
            return f"<@{user.id}>"
        group = next((each for each in workspace.usergroups.values() if each.handle == name), None)
        return f"<!subteam^{group.id}>" if group is not None else found.group()
