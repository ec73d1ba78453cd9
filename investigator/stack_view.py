"""Stack frames as people read them: the crashing line first, with the code around it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from investigator.models.evidence import CodeFrame
from investigator.models.report import FrameView, Place
from investigator.models.sentry import Frame
from investigator.slack_text import clean
from investigator.wording import clip

LINES_AROUND = 3
LINE_WIDTH = 110
_MINIFIED = 400  # a source line longer than this was written by a bundler, not by a person


def views(frames: Sequence[Frame], mapped: Sequence[CodeFrame]) -> tuple[FrameView, ...]:
    """Every frame, crashing one first. Where the repository has the file, path and code are the repository's.

    Args:
        frames: as Sentry orders them, the oldest call first.
        mapped: the frames that were looked for in the repository.
    """
    by_frame = {code.frame: code for code in mapped}
    ordered = list(reversed(frames)) or [code.frame for code in mapped]
    nobody = not any(frame.in_app for frame in ordered)
    return tuple(_view(frame, by_frame.get(frame), in_app=nobody or bool(frame.in_app)) for frame in ordered)


def top(frames: Sequence[FrameView]) -> FrameView | None:
    """The frame to show first: the crashing one if it is ours, else ours nearest to it."""
    return next((frame for frame in frames if frame.in_app), frames[0] if frames else None)


def outline(frames: Sequence[FrameView]) -> str:
    """A numbered line for each frame; those of our own code are marked `>`, unless all are."""
    marked = not all(frame.in_app for frame in frames)
    return "\n".join(
        f"{'>' if marked and frame.in_app else ' '} {number:>2} {frame.place.words or '(unknown)'}"
        for number, frame in enumerate(frames, start=1)
    )


def _view(frame: Frame, mapped: CodeFrame | None, *, in_app: bool) -> FrameView:
    path = (
        (mapped.path if mapped else None) or frame.filename or frame.abs_path or frame.module or frame.package
    )
    place = Place(
        path=_short(path),
        line=frame.line,
        function=_short(frame.function),
        url=mapped.permalink if mapped else None,
    )
    lines = (mapped.lines if mapped else ()) or _context(frame)
    return FrameView(
        place=place,
        in_app=in_app,
        listing=listing(lines, frame.line),
        candidates=mapped.candidates if mapped and mapped.path is None else (),
    )


def _short(text: str | None) -> str | None:
    """Long paths lose their beginning: the file's own name is what people look for."""
    text = clean(text or "").strip()
    return ("…" + text[-159:] if len(text) > 160 else text) or None


def _context(frame: Frame) -> tuple[tuple[int, str], ...]:
    """The code that Sentry itself sent along."""
    if frame.line is None or frame.context_line is None:
        return ()
    first = frame.line - len(frame.pre_context)
    return tuple(enumerate((*frame.pre_context, frame.context_line, *frame.post_context), start=first))


def listing(lines: Sequence[tuple[int, str]], at: int | None, around: int = LINES_AROUND) -> str:
    """Numbered code with the line `at` marked `>`; what all lines are indented by is cut off.

    Returns an empty text for minified code, which tells a person nothing.
    """
    near = [
        (number, clean(text).replace("\n", " ").expandtabs(4).rstrip())
        for number, text in lines
        if at is None or abs(number - at) <= around
    ]
    if not any(text for _, text in near) or any(len(text) > _MINIFIED for _, text in near):
        return ""
    indent = min(len(text) - len(text.lstrip()) for _, text in near if text)
    width = len(str(near[-1][0]))
    return "\n".join(
        f"{'>' if number == at else ' '} {number:>{width}} | {clip(text[indent:], LINE_WIDTH)}".rstrip()
        for number, text in near
    )
