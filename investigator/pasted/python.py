"""Python's tracebacks: the oldest call first, the error last, causes above what they caused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from investigator.models.sentry import Frame, SentryException
from investigator.pasted.paths import is_ours

_START = "Traceback (most recent call last):"
_FRAME = re.compile(r'\s*(?:\|\s*)?File "([^"]{1,1000})", line (\d{1,9})(?:, in (\S{1,300}))?')
_ERROR = re.compile(r"([A-Za-z_][\w.]{0,200})(?:: (.{0,4000}))?$")


def read(lines: Sequence[str]) -> list[SentryException]:
    starts = [at for at, line in enumerate(lines) if line.strip() == _START]
    found = [_one(lines[start + 1 : end]) for start, end in pairwise([*starts, len(lines)])]
    return [each for each in found if each]


def _one(lines: Sequence[str]) -> SentryException | None:
    frames: list[Frame] = []
    for at, line in enumerate(lines):
        if hit := _FRAME.match(line):
            code = lines[at + 1].strip() if at + 1 < len(lines) and not _FRAME.match(lines[at + 1]) else None
            frames.append(
                Frame(
                    filename=hit[1],
                    abs_path=hit[1],
                    function=hit[3],
                    line=int(hit[2]),
                    context_line=code if code and line[:1] == " " else None,
                    in_app=is_ours(hit[1]),
                )
            )
        elif frames and not line.startswith((" ", "\t")) and (error := _ERROR.match(line)):
            module, _, name = error[1].rpartition(".")
            return SentryException(
                type=name, value=(error[2] or "").strip(), module=module or None, frames=tuple(frames)
            )
    return SentryException(type="Error", value="", frames=tuple(frames)) if frames else None
