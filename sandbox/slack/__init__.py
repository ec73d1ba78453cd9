"""Slack's stand-in: the Web API, signed requests to the bot, and a page that works like the channel."""

from sandbox.slack.server import SlackSandbox

__all__ = ["SlackSandbox"]
