"""Stack frames laid over the repository: path, code around the line, link. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import quote

from investigator.evidence.gaps import gap
from investigator.github.answers import SourceFile
from investigator.models.base import Value
from investigator.models.evidence import CodeFrame, Gap
from investigator.models.sentry import Frame
from investigator.models.service import Service
from investigator.stack_paths import PathMatch, resolve
from investigator.stack_spelling import is_bundled, is_foreign
from investigator.suspects.submodules import folder_around

CONTEXT_LINES = 5
LINE_LIMIT = 300  # characters; longer lines are generated code
SNIPPED = "{snip}"  # where Sentry shortened a line
WHOLE_LINE = 140  # characters that are never shortened, neither by Sentry nor by its SDKs
MAX_FRAMES = 10
MAX_FILES = 5


class Located(Value):
    """`submodule` is the folder of another repository in which the frame's file lies."""

    frame: Frame
    match: PathMatch
    submodule: str | None = None


def locate(
    frames: tuple[Frame, ...],
    tree: Collection[str],
    service: Service,
    *,
    complete: bool,
    submodules: Collection[str] = (),
) -> tuple[Located, ...]:
    """Each frame with its place in the repository, as far as `tree` tells."""
    return tuple(
        Located(
            frame=frame,
            match=resolve(frame, tree=tree, service=service, complete=complete),
            submodule=folder_around(frame, submodules),
        )
        for frame in frames
    )


def may_be_deeper(each: Located) -> bool:
    """Whether the whole tree may tell where a frame is of which the likely places told nothing."""
    return each.match.path is None and not is_bundled(each.frame)


def submodules(located: tuple[Located, ...]) -> tuple[str, ...]:
    """Those that the trace runs through."""
    return tuple(dict.fromkeys(each.submodule for each in located if each.submodule and not each.match.path))


def elsewhere(submodules: tuple[str, ...]) -> tuple[Gap, ...]:
    """That nobody looked at the code there."""
    remedy = "look at its own commits, or make it the `repository` of a service in pilot.yml"
    why = "a submodule: another repository, which was not looked at"
    return tuple(gap(f"code of {folder}", why, remedy) for folder in submodules)


def select(located: tuple[Located, ...]) -> tuple[Located, ...]:
    """The frames to show: those of at most `MAX_FILES` files of the repository, else the first, unmapped."""
    inside = [each for each in located if each.match.path]
    files = list(dict.fromkeys(each.match.path for each in inside))[:MAX_FILES]
    chosen = [each for each in inside if each.match.path in files]
    return tuple(chosen[:MAX_FRAMES]) or located[:MAX_FILES]


def files_of(located: tuple[Located, ...]) -> tuple[str, ...]:
    """The files to be read, in the order of the frames."""
    return tuple(dict.fromkeys(each.match.path for each in located if each.match.path))


def code_frames(
    located: tuple[Located, ...], sources: Mapping[str, SourceFile], *, web_url: str, head: str
) -> tuple[CodeFrame, ...]:
    """Frames with code from the repository at `head`; one that is not there after all loses its path."""
    return tuple(_code_frame(each, sources.get(each.match.path or ""), web_url, head) for each in located)


def missing(
    located: tuple[Located, ...], sources: Mapping[str, SourceFile], blamed: Collection[str], head: str
) -> tuple[Gap, ...]:
    """What could not be shown of the frames' files, and why."""
    if located and not files_of(located):
        return () if any(each.submodule for each in located) else (_nowhere(located, head),)
    first = {each.match.path: each for each in reversed(located) if each.match.path}
    found = (
        _missing(first[path], path, sources.get(path), path in blamed, head) for path in files_of(located)
    )
    return tuple(each for each in found if each)


def _nowhere(located: tuple[Located, ...], head: str) -> Gap:
    what, frames = "code of the stack trace", [each.frame for each in located]
    if all(is_bundled(frame) for frame in frames):
        why = "it lies in bundled code, and Sentry has no source map for it"
        return gap(what, why, "upload the release's source maps to Sentry")
    if all(is_foreign(frame) for frame in frames):
        why = "all of it lies in dependencies or the runtime"
        return gap(
            what,
            why,
            "look for changed dependencies among the suspects, or tell Sentry which frames are in-app",
        )
    why = f"no frame could be found in the repository at {head[:7]}"
    return gap(
        what, why, "set `stack_root` and `path` of the service in pilot.yml, or upload source maps to Sentry"
    )


def _missing(each: Located, path: str, source: SourceFile | None, blamed: bool, head: str) -> Gap | None:
    if source is None:
        why = f"the file is not in the repository at {head[:7]}"
        return gap(f"code of {path}", why, "check that the release of the event matches what was deployed")
    if source.text is None:
        why = "the file is binary" if source.binary else f"the file is too large ({source.size:,} bytes)"
        return gap(f"code of {path}", why, "open the file at its link")
    if not each.match.candidates and (doubt := _doubt(each.frame, source.text.split("\n"))):
        why = f"{doubt} at {head[:7]}: another version ran, or it is another file"
        return gap(f"the right code of {path}", why, "tell Sentry the commit of its release, or name --head")
    if not blamed:
        return gap(f"blame of {path}", "GitHub did not answer for this file", "open the blame view on GitHub")
    return None


def _doubt(frame: Frame, text: list[str]) -> str:
    """Why this text may not be what ran; empty when nothing speaks against it."""
    if frame.line and frame.line > len(text):
        return f"the trace names line {frame.line:,}, the file has {len(text):,}"
    return "" if _agrees(frame, text) else "the line that Sentry saw is not in it"


def _code_frame(each: Located, source: SourceFile | None, web_url: str, head: str) -> CodeFrame:
    frame, match = each.frame, each.match
    if match.path is None or source is None:
        return CodeFrame(frame=frame, candidates=match.candidates)
    text = source.text.split("\n") if source.text is not None else []
    if match.candidates and not _agrees(frame, text):
        return CodeFrame(frame=frame, candidates=(match.path, *match.candidates))
    return CodeFrame(
        frame=frame,
        path=match.path,
        candidates=match.candidates,
        permalink=_permalink(web_url, head, match.path, frame.line),
        lines=_around(text, frame.line),
    )


def _agrees(frame: Frame, text: list[str]) -> bool:
    """Whether the line Sentry saw is in the file; True when Sentry saw none, or not all of it."""
    if not frame.context_line or not text or _is_shortened(frame.context_line):
        return True
    return frame.context_line.strip() in (line.strip() for line in text)


def _is_shortened(line: str) -> bool:
    return SNIPPED in line or len(line) > WHOLE_LINE


def _around(text: list[str], line: int | None) -> tuple[tuple[int, str], ...]:
    if not line or line > len(text):
        return ()
    first = max(1, line - CONTEXT_LINES)
    shown = text[first - 1 : line + CONTEXT_LINES]
    return tuple((number, code.rstrip("\r")[:LINE_LIMIT]) for number, code in enumerate(shown, start=first))


def _permalink(web_url: str, head: str, path: str, line: int | None) -> str:
    anchor = f"#L{line}" if line else ""
    return f"{web_url}/blob/{head}/{quote(path)}{anchor}"
