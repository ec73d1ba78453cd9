"""Routing is shown among sandboxes of Slack, Sentry and GitHub."""

from tests.fixtures.playing import demo, program, world

__all__ = ["demo", "program", "world"]
