"""External selects: what is typed goes to the bot, and what it offers can be chosen."""

from __future__ import annotations

from sandbox.slack import payloads
from sandbox.slack.bot_link import BotLink
from sandbox.slack.elements import OPTION, OPTION_GROUP
from sandbox.slack.refusal import Json, Refused
from sandbox.slack.schema import array
from sandbox.slack.state import Channel, Message, OpenView, User, Workspace

OFFERS_KEPT = 500
_OPTIONS = array(OPTION, 100, least=0)
_GROUPS = array(OPTION_GROUP, 100, least=0)


class Suggestions:
    """Asks the bot, and remembers per person and select what it offered last."""

    def __init__(self, workspace: Workspace, bot: BotLink) -> None:
        self._workspace = workspace
        self._bot = bot
        self._offered: dict[tuple[str, str], list[Json]] = {}

    async def ask(
        self, person: User, where: OpenView | tuple[Channel, Message], found: tuple[str, Json], typed: str
    ) -> list[Json]:
        """Options for what was typed into `found` (block_id, element); `Refused` if Slack would show none."""
        owner, element = found
        if element["type"] != "external_select":
            raise Refused("action_not_found", ["only external selects ask the bot"])
        named = element | {"block_id": owner}
        reply = await self._bot.interaction(payloads.suggestion(self._workspace, where, person, named, typed))
        if not reply.ok:
            raise Refused(reply.error or "dispatch_failed")
        options = _judged(reply.json())
        self._offered[person.id, str(element["action_id"])] = options
        while len(self._offered) > OFFERS_KEPT:
            del self._offered[next(iter(self._offered))]
        return options

    def completed(self, user: str, element: Json) -> Json:
        """The element, with what was offered to this user as its options."""
        if element["type"] != "external_select":
            return element
        return element | {"options": self._offered.get((user, str(element["action_id"])), [])}


def _judged(body: Json) -> list[Json]:
    groups, own = body.get("option_groups"), body.get("options", [])
    problems = [*(_GROUPS(groups, "/option_groups") if groups is not None else _OPTIONS(own, "/options"))]
    if problems:
        raise Refused("invalid_options", problems)
    if isinstance(groups, list):
        return [option for group in groups for option in group["options"]]
    return own if isinstance(own, list) else []
