"""The bot among its sandboxes."""

from tests.fixtures.playing import demo, program, world
from tests.fixtures.talking import incident, listening

__all__ = ["demo", "incident", "listening", "program", "world"]
