"""Which file of the repository a stack frame means, and which frames are worth looking at.

Pure: the repository is given as the paths known of it, all of them or only some.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain, zip_longest

from investigator.models.base import Value
from investigator.models.sentry import Frame, SentryEvent
from investigator.models.service import Service
from investigator.stack_spelling import (
    CLASS_FILES,
    clean,
    is_bundled,
    is_foreign,
    relative_spellings,
    spellings,
)

MAX_CANDIDATES = 5
MAX_PROBES = 14
# Where source lies below a project's root, beside the root itself.
SOURCE_ROOTS = ("src/", "lib/", "app/")
CLASS_ROOTS = ("src/main/java/", "src/main/kotlin/", "src/main/scala/", "app/src/main/java/", "src/")


class PathMatch(Value):
    """`path` is None when nothing fits; when several fit equally, `candidates` are the others.

    `how` says in words what the match rests on.
    """

    path: str | None = None
    candidates: tuple[str, ...] = ()
    how: str = "not in the repository"


def resolve(frame: Frame, *, tree: Collection[str], service: Service, complete: bool = True) -> PathMatch:
    """The path in `tree` that shares most trailing segments with the frame's file.

    With `complete` False (only some paths are known) a match of the bare name is not trusted.
    """
    if is_foreign(frame):
        return PathMatch(how="dependency or runtime")
    if is_bundled(frame):
        return PathMatch(how="bundled code without a source map")
    folder = _folder(service)
    rooted = _below_root(frame, service)
    for exact in (folder + rooted, rooted) if rooted else ():
        if exact in tree:
            return PathMatch(path=exact, how="path below the stack root")
    found = _longest_suffix(frame, tree, complete)
    if len(found) > 1 and folder:
        found = [path for path in found if path.startswith(folder)] or found
    if len(found) > 1:
        named = {"/".join(segments) for segments in spellings(frame)}
        found = [path for path in found if path in named or path.removeprefix(folder) in named] or found
    if not found:
        return PathMatch()
    first, *others = sorted(found, key=lambda path: (path.count("/"), path))
    how = f"one of {len(found)} files with this name" if others else "path suffix"
    return PathMatch(path=first, candidates=tuple(others[:MAX_CANDIDATES]), how=how)


def probes(frame: Frame, service: Service) -> tuple[str, ...]:
    """Paths the frame's file may have, likeliest first: what to ask for when the tree is not known."""
    if is_foreign(frame) or is_bundled(frame):
        return ()
    folder, rooted = _folder(service), _below_root(frame, service)
    guesses = [folder + rooted, rooted] if rooted else []
    for segments in spellings(frame):
        roots = CLASS_ROOTS if segments[-1].endswith(CLASS_FILES) else SOURCE_ROOTS
        shortest = min(len(segments), 2 if _names_folder(frame) else 1)
        suffixes = ["/".join(segments[start:]) for start in range(len(segments) - shortest + 1)]
        guesses += [folder + suffix for suffix in suffixes if folder]
        guesses += suffixes
        guesses += [folder + root + suffixes[0] for root in roots]
    return tuple(dict.fromkeys(guesses))[:MAX_PROBES]


def frames_of_interest(event: SentryEvent, limit: int = 5) -> tuple[Frame, ...]:
    """Frames that may lead to the fault: the crashing one, those of its causes, then the callers.

    In-app frames when there are any, frames outside the repository only when there is nothing else.
    """
    stacks = [exception.frames for exception in reversed(event.exceptions) if exception.frames]
    by_depth = chain.from_iterable(zip_longest(*(reversed(stack) for stack in stacks)))
    frames = _deduplicated(frame for frame in by_depth if frame is not None)
    frames = [frame for frame in frames if frame.in_app] or frames
    frames = [frame for frame in frames if not is_foreign(frame)] or frames
    return tuple(frames[:limit])


def _deduplicated(frames: Iterable[Frame]) -> list[Frame]:
    unique: dict[tuple[str | None, int | None], Frame] = {}
    for frame in frames:
        unique.setdefault((frame.abs_path or frame.filename or frame.module, frame.line), frame)
    return list(unique.values())


def _longest_suffix(frame: Frame, tree: Collection[str], complete: bool) -> list[str]:
    ways = spellings(frame)
    names = {segments[-1] for segments in ways}
    alike = [path for path in tree if path.rpartition("/")[2] in names]
    shared = {path: max(_shared_tail(path.split("/"), segments) for segments in ways) for path in alike}
    best = max(shared.values(), default=0)
    found = [path for path, length in shared.items() if length == best]
    return found if best > 1 or _name_is_enough(frame, found, complete) else []


def _name_is_enough(frame: Frame, found: list[str], complete: bool) -> bool:
    """A bare `index.js` elsewhere in the tree is usually another file.

    It is this one when the frame names no folder, when only the build machine knew the folders it names, or
    when it is the only file named after that class.
    """
    if relative_spellings(frame) and not _names_folder(frame):
        return True
    return complete and len(found) == 1 and (not _names_folder(frame) or found[0].endswith(CLASS_FILES))


def _names_folder(frame: Frame) -> bool:
    return any(len(segments) > 1 for segments in relative_spellings(frame))


def _shared_tail(path: list[str], segments: tuple[str, ...]) -> int:
    count = 0
    for ours, theirs in zip(reversed(path), reversed(segments), strict=False):
        if ours != theirs:
            break
        count += 1
    return count


def _folder(service: Service) -> str:
    folder = (service.path or "").strip("/")
    return f"{folder}/" if folder else ""


def _below_root(frame: Frame, service: Service) -> str:
    """The part of an absolute path below the service's stack root; empty when it lies elsewhere."""
    root = clean(service.stack_root).rstrip("/") + "/" if service.stack_root else ""
    place = clean(frame.abs_path or frame.filename or "")
    return place.removeprefix(root) if root and place.startswith(root) and ".." not in place else ""
