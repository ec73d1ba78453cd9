"""The Bolt app: what of Slack's the program listens to. Everything is acknowledged first, then worked on."""

from __future__ import annotations

import logging

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.logger.messages import warning_token_skipped

from bot.listeners import actions, commands, dialogs, fixes, home, judging, mentions, shortcuts, unfurls
from investigator.composition import Program


def slack_app(program: Program) -> AsyncApp:
    """The Bolt app with all listeners. Nothing is asked of Slack before a request is acknowledged."""
    settings = program.settings
    token = settings.slack_bot_token

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        # Bolt's own would call auth.test before the first acknowledgement, which is due within 3 seconds.
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=token.get_secret_value() if token else None,
        )

    logging.getLogger("slack_bolt.AsyncApp").addFilter(_not_about_our_token)
    # Signatures are verified by the route, which also believes a secret that was just replaced.
    app = AsyncApp(
        request_verification_enabled=False,
        authorize=authorize,
    )
    app.client.base_url = settings.slack_api_url
    for listeners in (commands, mentions, actions, judging, dialogs, shortcuts, unfurls, home, fixes):
        listeners.register(app, program)
    return app


def _not_about_our_token(record: logging.LogRecord) -> bool:
    """False for Bolt's warning that it ignores SLACK_BOT_TOKEN of the environment: `authorize` gives it."""
    return record.getMessage() != warning_token_skipped()
