"""Every test here talks to a sandbox on loopback."""

from tests.fixtures.slack_sandbox import bot, client, sandbox

__all__ = ["bot", "client", "sandbox"]
