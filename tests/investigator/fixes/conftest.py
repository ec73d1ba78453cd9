"""Fixes are opened among sandboxes of Slack, Sentry and GitHub."""

from tests.fixtures.fixing import fixing
from tests.fixtures.playing import demo, world

__all__ = ["demo", "fixing", "world"]
