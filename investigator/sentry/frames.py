"""Stack frames, from webhook shape (`lineno`, `pre_context`) and from API shape (`lineNo`, `context`)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from investigator.models.sentry import Frame
from investigator.sentry import limits
from investigator.sentry.coerce import Object, flag, keep_ends, line, mapping, pick, positive, sequence, text

_UNKNOWN = Frame()


def parse_frames(stacktrace: object) -> tuple[Frame, ...]:
    """Frames in Sentry's order, oldest call first; frames that say nothing at all are left out."""
    raw = [frame for frame in sequence(mapping(stacktrace).get("frames")) if isinstance(frame, Mapping)]
    kept = keep_ends(raw, limits.FRAMES, limits.FRAMES_AT_START)
    return tuple(frame for frame in map(_frame, kept) if frame != _UNKNOWN)


def _frame(data: Object) -> Frame:
    number = positive(pick(data, "lineno", "lineNo"))
    before, current, after = _context(data, number)
    return Frame(
        filename=text(data.get("filename"), limits.PATH),
        abs_path=text(pick(data, "abs_path", "absPath"), limits.PATH),
        module=text(data.get("module"), limits.PATH),
        function=text(pick(data, "function", "raw_function", "rawFunction", "symbol"), limits.PATH),
        line=number,
        column=positive(pick(data, "colno", "colNo")),
        in_app=flag(pick(data, "in_app", "inApp")),
        package=text(data.get("package"), limits.PATH),
        context_line=current,
        pre_context=before,
        post_context=after,
        variables=_variables(data.get("vars")),
    )


def _context(data: Object, number: int | None) -> tuple[tuple[str, ...], str | None, tuple[str, ...]]:
    """Code before the line, the line itself, code after it."""
    numbered = _numbered(data.get("context"))
    if numbered and number is not None:
        before = [code for at, code in numbered if at < number]
        after = [code for at, code in numbered if at > number]
        current = next((code for at, code in numbered if at == number), None)
    else:
        before = [line(code) for code in sequence(pick(data, "pre_context", "preContext"))]
        after = [line(code) for code in sequence(pick(data, "post_context", "postContext"))]
        raw = pick(data, "context_line", "contextLine")
        current = None if raw is None else line(raw)
    return tuple(before[-limits.CONTEXT_LINES :]), current, tuple(after[: limits.CONTEXT_LINES])


def _numbered(context: object) -> list[tuple[int, str]]:
    """The API's `[[line number, code], …]`."""
    pairs = [sequence(pair) for pair in sequence(context)]
    numbers = [(positive(pair[0]), pair[1]) for pair in pairs if len(pair) == 2]
    return [(number, line(code)) for number, code in numbers if number is not None]


def _variables(data: object) -> tuple[tuple[str, str], ...]:
    first = islice(mapping(data).items(), limits.VARIABLES)
    return tuple((line(name, limits.VARIABLE), _value(value)) for name, value in first)


def _value(value: object) -> str:
    return "null" if value is None else line(value, limits.VARIABLE)
