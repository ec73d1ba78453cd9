"""What undoes a commit on a later head: the reverse of its changes, merged three ways. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from investigator.errors import PilotError
from investigator.fixes.merge import Span, merge
from investigator.models.base import Value
from investigator.models.fix import Change, File


class Touched(Value):
    """One file of the commit that is to be undone.

    `was` is the file at the parent (under the name `old_path`), `became` at the commit (`path`), `now` at the
    head (`now_path`); None: there is no such file. `occupied`: the head has a file at `old_path`, which the
    commit had moved away from there.
    """

    old_path: str
    path: str
    now_path: str
    was: File | None
    became: File | None
    now: File | None
    occupied: bool = False

    @property
    def renamed(self) -> bool:
        return self.old_path != self.path


class Conflict(PilotError):
    """This file cannot be undone without a person; the text says why, to be read after its name."""

    def __init__(self, why: str, places: Sequence[Span] = ()) -> None:
        super().__init__(why)
        self.places = tuple(places)


def undo(file: Touched) -> tuple[Change, ...]:
    """What undoes the commit in this file; nothing when that was done already.

    Raises:
        Conflict: what became of the file since does not let it.
    """
    if file.became is None:
        return _bring_back(file)
    if file.was is None:
        return _take_away(file)
    if file.now is None:
        raise Conflict("was deleted or moved since")
    if file.renamed:
        return _rename_back(file, file.was, file.became, file.now)
    restored = _restored(file.was, file.became, file.now)
    if restored.same_as(file.now):
        return ()
    return (Change(path=file.now_path, before=file.now, after=restored),)


def _bring_back(file: Touched) -> tuple[Change, ...]:
    if file.was is None or file.was.same_as(file.now):
        return ()
    if file.now is not None:
        raise Conflict("was deleted by it, and is there again with other content")
    return (Change(path=file.old_path, before=None, after=_plain(file.was)),)


def _take_away(file: Touched) -> tuple[Change, ...]:
    if file.now is None:
        return ()
    if not file.now.same_as(file.became):
        raise Conflict("was added by it, and changed since")
    return (Change(path=file.now_path, before=file.now, after=None),)


def _rename_back(file: Touched, was: File, became: File, now: File) -> tuple[Change, ...]:
    if file.now_path != file.path:
        raise Conflict(f"was moved by it from {file.old_path}, and moved again since")
    if file.occupied:
        raise Conflict(f"was moved by it from {file.old_path}, where another file is now")
    restored = _restored(was, became, now)
    return (
        Change(path=file.now_path, before=now, after=None),
        Change(path=file.old_path, before=None, after=restored),
    )


def _restored(was: File, became: File, now: File) -> File:
    mode = was.mode if now.mode in (became.mode, was.mode) else now.mode
    if now.oid == became.oid:
        return File(mode=mode, content=was.content)
    if now.oid == was.oid:
        return File(mode=mode, content=now.content)
    if was.text is None or became.text is None or now.text is None:
        raise Conflict("was changed since, and is binary or too large to be merged")
    merged = merge(became.text, now.text, was.text)
    if merged.conflicts:
        first = merged.conflicts[0]
        many = f", and {len(merged.conflicts) - 1} more places" if len(merged.conflicts) > 1 else ""
        raise Conflict(f"was changed since around line {first.start + 1}{many}", merged.conflicts)
    return File(mode=mode, content=merged.text.encode(errors="surrogateescape"))


def _plain(file: File) -> File:
    return File(mode=file.mode, content=file.content)
