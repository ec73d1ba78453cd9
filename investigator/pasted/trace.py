"""Which language a pasted stack trace is in, and the event it makes."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence

from investigator.models.sentry import SentryEvent, SentryException
from investigator.pasted import call_first, python

LONGEST = 20_000  # characters that are read; a trace says what matters well within them
Exceptions = Sequence[SentryException]  # the cause first, the outermost last
_SLACK_LINK = re.compile(r"<(?:https?|mailto):[^|<>\s]{1,2000}\|([^<>]{1,2000})>")

_READERS: tuple[tuple[str, Callable[[Sequence[str]], Exceptions]], ...] = (
    ("python", python.read),
    ("java", call_first.read_java),
    ("javascript", call_first.read_node),
    ("go", call_first.read_go),
    ("ruby", call_first.read_ruby),
)


def parse_trace(text: str) -> SentryEvent | None:
    """The event of the first stack trace in `text`, as Slack passes it on; None when there is none."""
    text = html.unescape(_SLACK_LINK.sub(r"\1", text[:LONGEST]))
    lines = [line.rstrip() for line in text.replace("```", "\n").splitlines()]
    for platform, read in _READERS:
        exceptions = tuple(read(lines))
        if any(each.frames for each in exceptions):
            outermost = exceptions[-1]
            title = ": ".join(filter(None, (outermost.type, outermost.value)))
            return SentryEvent(title=title, platform=platform, level="error", exceptions=exceptions)
    return None
