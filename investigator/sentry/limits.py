"""How much of one payload is kept. Lengths are in characters, the others are counts.

Event text is written by whoever can make the monitored program fail, so none of it may grow without bound.
"""

from __future__ import annotations

IDENTIFIER = 64
NAME = 200  # environments, levels, functions of tags: short words
PATH = 1_024  # files, modules, functions
TITLE = 1_000
MESSAGE = 8_000
URL = 2_048
LINE = 1_000  # one line of code

TAGS = 200
HASHES = 50
PROJECTS = 100

EXCEPTIONS = 50
EXCEPTIONS_AT_START = 10  # of those, kept from the causes; the rest from the outermost
FRAMES = 250  # of one exception
FRAMES_AT_START = 50  # of those, kept from the oldest calls; the rest from the crash
CONTEXT_LINES = 20  # on each side of a frame's line
VARIABLES = 50  # of one frame
VARIABLE = 200

BREADCRUMBS = 100  # the newest
BREADCRUMB = 1_000
