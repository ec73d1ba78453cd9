"""Slack: does the token speak, may it do what it has to, can it post where incidents belong?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any

from bot.doctor.asking import Answer, NoAnswer, fetch
from bot.doctor.check import Check, Subject, failed, ok, warning
from bot.doctor.manifest import needed_scopes
from investigator.catalog import Catalog
from investigator.errors import OutsideCallFailed
from investigator.settings import Settings
from investigator.slack import Slack, SlackRefused

PAGES = 10
PAGE = 1000
SECRET_CHARACTERS = 32
# What the bot can do without; the words say what is missing then.
_FURTHER = {
    "groups:read": "private channels are not found by their name",
    "canvases:write": "postmortems come as files",
}
_INCIDENT_CHANNELS = frozenset({"channels:manage", "bookmarks:read", "bookmarks:write"})
REINSTALL = "paste app_manifest.yml into the app's manifest at api.slack.com/apps and reinstall the app"


async def slack(subject: Subject) -> AsyncIterator[Check]:
    settings = subject.settings
    if settings.slack_bot_token is None or settings.slack_signing_secret is None:
        yield failed(
            "credentials",
            "SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET are not set",
            "make the app from app_manifest.yml and set both: without them nothing can start",
        )
        return
    yield _signing_secret(settings.slack_signing_secret.get_secret_value())
    token = settings.slack_bot_token.get_secret_value()
    try:
        answer = await fetch(
            subject.session, f"{settings.slack_api_url}auth.test", method="POST", token=token
        )
    except NoAnswer as failure:
        yield failed("token", f"Slack was not reached: {failure}", failure.remedy)
        return
    known = answer.payload if isinstance(answer.payload, dict) else {}
    yield _token(answer, known)
    if not known.get("ok"):
        return
    scopes = _given(answer)
    for check in scope_checks(scopes, channels_are_made=makes_channels(subject.catalog)):
        yield check
    client = Slack(token, settings.slack_api_url, subject.session)
    for check in await _channels(client, wanted_channels(subject.catalog, settings), scopes):
        yield check


def wanted_channels(catalog: Catalog, settings: Settings) -> list[str]:
    """Every channel that the settings and the catalogue name, as they spell it."""
    named = [catalog.default_channel, *(service.channel for service in catalog.services)]
    extra = [settings.pilot_ops_channel, settings.pilot_canary_channel]
    return list(dict.fromkeys(name for name in (*named, *extra) if name))


def _signing_secret(secret: str) -> Check:
    if len(secret) == SECRET_CHARACTERS and all(letter in "0123456789abcdef" for letter in secret):
        return ok("signing secret", "is set and looks like one; the first request of Slack's proves it")
    return warning(
        "signing secret",
        "does not look like one of Slack's, which have 32 hexadecimal digits",
        "copy it again from Basic Information → App Credentials → Signing Secret",
    )


def _token(answer: Answer, known: dict[str, Any]) -> Check:
    if known.get("ok"):
        return ok("token", f"speaks as {known.get('user')} in the workspace {known.get('team')}")
    code = known.get("error")
    if not code:
        why = f"HTTP {answer.status}, not Slack's JSON"
        return failed("token", f"auth.test: {why}", "see SLACK_API_URL and any proxy in between")
    refusal = SlackRefused("auth.test", str(code))
    return failed("token", f"Slack refuses it: {code}", refusal.remedy or "see Slack's documentation of it")


def _given(answer: Answer) -> frozenset[str]:
    listed = answer.headers.get("X-OAuth-Scopes", "")
    return frozenset(scope.strip() for scope in listed.split(",") if scope.strip())


def makes_channels(catalog: Catalog) -> bool:
    """Whether any incident may get a channel of its own."""
    return catalog.incident_channels is not None or any(each.incident_channel for each in catalog.services)


def scope_checks(given: frozenset[str], *, channels_are_made: bool) -> list[Check]:
    """What a token with the scopes `given` lacks; what nothing uses is not asked for. Pure."""
    if not given:
        return [warning("scopes", "Slack did not say which the token has", REINSTALL)]
    needed = needed_scopes() - _FURTHER.keys() - (frozenset() if channels_are_made else _INCIDENT_CHANNELS)
    missing = sorted(needed - given)
    checks = [
        failed("scopes", f"the token lacks {', '.join(missing)}", REINSTALL)
        if missing
        else ok("scopes", "the token has all that it needs of what app_manifest.yml asks for")
    ]
    lacking = [(scope, what) for scope, what in _FURTHER.items() if scope not in given]
    return checks + [warning(f"scope {scope}", f"is missing: {what}", REINSTALL) for scope, what in lacking]


async def _channels(client: Slack, wanted: Iterable[str], scopes: frozenset[str]) -> list[Check]:
    sees_private = "groups:read" in scopes
    try:
        known = await _listed(client, "public_channel,private_channel" if sees_private else "public_channel")
    except OutsideCallFailed as failure:
        remedy = getattr(failure, "remedy", None) or "try again when Slack answers"
        return [failed("channels", f"cannot be listed: {failure}", remedy)]
    by_name = {f"#{channel['name']}": channel for channel in known}
    by_id = {str(channel["id"]): channel for channel in known}
    return [_channel(name, by_name.get(name) or by_id.get(name), scopes) for name in wanted]


async def _listed(client: Slack, kinds: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    for _ in range(PAGES):
        more: dict[str, Any] = {"cursor": cursor} if cursor else {}
        answer = await client.call("conversations.list", types=kinds, limit=PAGE, **more)
        found += answer.get("channels", [])
        cursor = answer.get("response_metadata", {}).get("next_cursor", "")
        if not cursor:
            break
    return found


def _channel(name: str, channel: dict[str, Any] | None, scopes: frozenset[str]) -> Check:
    title = f"channel {name}"
    if channel is None:
        sees_private = "groups:read" in scopes
        scope = "" if sees_private else " and give the app the scope groups:read"
        return failed(
            title,
            f"there is no such {'' if sees_private else 'public '}channel that the bot can see",
            "create it, correct its name in pilot.yml or PILOT_CHANNEL, or, if it is private, invite the bot"
            + scope,
        )
    if channel.get("is_archived"):
        return failed(title, "is archived", "unarchive it, or name another one in pilot.yml")
    if channel.get("is_member"):
        return ok(title, "the bot is in it")
    if channel.get("is_private"):
        return failed(title, "is private and the bot is not in it", "invite the bot there: /invite @pilot")
    if "chat:write.public" in scopes:
        return ok(title, "is public: the bot may post there and joins when it has to read")
    return failed(title, "the bot is not in it", "invite it there: /invite @pilot")
