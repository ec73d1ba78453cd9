"""Traces that name the error first and the newest call right below it: Java, Node, Go, Ruby."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from investigator.models.sentry import Frame, SentryException
from investigator.pasted.paths import is_ours

_JAVA_ERROR = re.compile(
    r"\s*(?:Exception in thread \"[^\"]{0,200}\" |Caused by: )?"
    r"((?:[\w$]+\.)+[A-Z][\w$]{0,200})(?:: (.{0,4000}))?$"
)
_JAVA_FRAME = re.compile(
    r"\s+at ((?:[\w$@/-]+\.)*[\w$]+)\.([\w$<>]{1,200})\(([\w$.-]{1,200}?)(?::(\d{1,9}))?\)"
)
_NODE_ERROR = re.compile(
    r"\s*(?:Uncaught )?([A-Z]\w{0,100}(?:Error|Exception))(?: \[\w+\])?(?:: (.{0,4000}))?$"
)
_NODE_FRAME = re.compile(
    r"\s+at (?:(?:async )?([^\s(][^(]{0,200}?) \()?((?:file://)?[^\s():][^():]{0,500}|node:[\w/]+):(\d{1,9})(?::(\d{1,9}))?\)?$"
)
_GO_PANIC = re.compile(r"(?:panic|fatal error): (.{1,4000})$")
_GO_CALL = re.compile(r"([\w./*()-]{1,300})\([^)]{0,300}\)$")
_GO_PLACE = re.compile(r"\s+(/?\S{1,500}\.go):(\d{1,9})(?: \+0x[0-9a-f]+)?$")
_RUBY_ERROR = re.compile(
    r"(\S{1,500}\.rb):(\d{1,9}):in [`'](.{1,200}?)': (.{0,4000}) \(([A-Z][\w:]{0,200})\)$"
)
_RUBY_FRAME = re.compile(r"\s+(?:\d+: )?(?:from )?(\S{1,500}\.rb):(\d{1,9}):in [`'](.{1,200}?)'$")

Match = re.Match[str]


def read_java(lines: Sequence[str]) -> list[SentryException]:
    """The outermost comes first in the text, what caused it below."""
    return _sections(lines, _JAVA_ERROR, _JAVA_FRAME, _java_error, _java_frame)[::-1]


def read_node(lines: Sequence[str]) -> list[SentryException]:
    return _sections(lines, _NODE_ERROR, _NODE_FRAME, _node_error, _node_frame)[:1]


def read_go(lines: Sequence[str]) -> list[SentryException]:
    """The goroutine that panicked is the first; its functions and their places alternate."""
    start = next((at for at, line in enumerate(lines) if _GO_PANIC.match(line)), None)
    panic = _GO_PANIC.match(lines[start]) if start is not None else None
    if start is None or panic is None:
        return []
    frames: list[Frame] = []
    function: str | None = None
    for line in lines[start + 1 :]:
        if frames and not line.strip():
            break
        if place := _GO_PLACE.match(line):
            ours = is_ours(place[1])
            frames.append(
                Frame(
                    filename=place[1], abs_path=place[1], function=function, line=int(place[2]), in_app=ours
                )
            )
        elif call := _GO_CALL.match(line):
            function = call[1].rpartition("/")[2]
    frames = [frame for frame in frames if frame.function not in {"panic", "runtime.gopanic"}]
    return [SentryException(type="panic", value=panic[1], frames=tuple(reversed(frames)))]


def read_ruby(lines: Sequence[str]) -> list[SentryException]:
    return _sections(lines, _RUBY_ERROR, _RUBY_FRAME, _ruby_error, _ruby_frame)[::-1]


def _sections(
    lines: Sequence[str],
    error: re.Pattern[str],
    frame: re.Pattern[str],
    to_error: Callable[[Match], SentryException],
    to_frame: Callable[[Match], Frame],
) -> list[SentryException]:
    """Every error that has calls below it, in the order of the text; frames are turned, oldest call first."""
    found: list[tuple[SentryException, list[Frame]]] = []
    for line in lines:
        if hit := frame.match(line):
            if found:
                found[-1][1].append(to_frame(hit))
        elif hit := error.match(line):
            found.append((to_error(hit), []))
    return [
        it.model_copy(update={"frames": (*reversed(frames), *it.frames)})
        for it, frames in found
        if frames or it.frames
    ]


def _java_error(hit: Match) -> SentryException:
    module, _, name = hit[1].rpartition(".")
    return SentryException(type=name, value=(hit[2] or "").strip(), module=module)


def _java_frame(hit: Match) -> Frame:
    module = hit[1].rpartition("/")[2]
    path = f"{module.rpartition('.')[0].replace('.', '/')}/{hit[3]}".lstrip("/")
    line = int(hit[4]) if hit[4] else None
    return Frame(filename=path, module=module, function=hit[2], line=line, in_app=is_ours(module))


def _node_error(hit: Match) -> SentryException:
    return SentryException(type=hit[1], value=(hit[2] or "").strip())


def _node_frame(hit: Match) -> Frame:
    path = hit[2].removeprefix("file://")
    return Frame(
        filename=path,
        abs_path=path,
        function=(hit[1] or "").strip() or None,
        line=int(hit[3]),
        column=int(hit[4]) if hit[4] else None,
        in_app=is_ours(path),
    )


def _ruby_error(hit: Match) -> SentryException:
    crashed = Frame(
        filename=hit[1], abs_path=hit[1], function=hit[3], line=int(hit[2]), in_app=is_ours(hit[1])
    )
    return SentryException(type=hit[5], value=hit[4].strip(), frames=(crashed,))


def _ruby_frame(hit: Match) -> Frame:
    return Frame(filename=hit[1], abs_path=hit[1], function=hit[3], line=int(hit[2]), in_app=is_ours(hit[1]))
