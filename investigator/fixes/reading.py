"""What a revert needs of the repository: the commit's files before it, after it, and at the head."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from investigator.fixes.revert import Touched
from investigator.fixes.rules import MAX_FILES
from investigator.github.entries import Entry, Place
from investigator.github.repository import Repository
from investigator.models.evidence import Commit, FileChange
from investigator.models.fix import File, NoProposal

PLACES_A_QUESTION = 40


async def files_at(repository: Repository, places: Iterable[Place]) -> dict[Place, File]:
    """Files by (full SHA, path), whole; what is not there is left out.

    Raises:
        OutsideCallFailed: as the repository.
    """
    asked = list(dict.fromkeys(places))
    groups = [asked[at : at + PLACES_A_QUESTION] for at in range(0, len(asked), PLACES_A_QUESTION)]
    answers = await asyncio.gather(*(repository.entries(tuple(group)) for group in groups))
    found = {place: entry for answer in answers for place, entry in answer.items()}
    files = await asyncio.gather(*(_whole(repository, entry) for entry in found.values()))
    return dict(zip(found, files, strict=True))


async def _whole(repository: Repository, entry: Entry) -> File:
    if entry.exact:
        return entry.file
    content = await repository.blob(entry.file.oid)
    # git's own rule for what is no text, of which GitHub said nothing
    return entry.file.model_copy(update={"content": None if b"\0" in content[:8000] else content})


async def touched_by(repository: Repository, commit: Commit, head: str) -> list[Touched]:
    """The files of a commit whose own diff was read, as they are to be merged with `head` (a full SHA).

    Raises:
        NoProposal: the commit has no parent, or too many files.
        OutsideCallFailed: as the repository.
    """
    files = commit.files or ()
    if not commit.parents:
        raise NoProposal(f"{commit.sha[:7]} is the first commit: there is nothing before it")
    if len(files) > MAX_FILES:
        raise NoProposal(
            f"{commit.sha[:7]} changed {len(files)} files; more than {MAX_FILES} are not proposed: "
            "revert it by hand"
        )
    before, after = commit.parents[0], commit.sha
    found = await files_at(repository, [place for f in files for place in _places(f, before, after, head)])
    gone = [file.path for file in files if file.status != "removed" and (head, file.path) not in found]
    moved = await _moved(repository, after, head) if gone else {}
    found |= await files_at(repository, [(head, moved[path]) for path in gone if path in moved])

    def touched(file: FileChange) -> Touched:
        old = _old_path(file)
        now_path = moved.get(file.path, file.path) if file.path in gone else file.path
        return Touched(
            old_path=old,
            path=file.path,
            now_path=now_path,
            was=found.get((before, old)),
            became=found.get((after, file.path)),
            now=found.get((head, now_path)),
            occupied=old != file.path and (head, old) in found,
        )

    return [touched(file) for file in files]


def _places(file: FileChange, before: str, after: str, head: str) -> list[Place]:
    old = _old_path(file)
    return [(before, old), (after, file.path), (head, file.path), (head, old)]


def _old_path(file: FileChange) -> str:
    renamed = file.status == "renamed" and file.previous_path
    return file.previous_path if renamed and file.previous_path else file.path


async def _moved(repository: Repository, since: str, head: str) -> dict[str, str]:
    """Where files went, by their old names."""
    comparison = await repository.compare(since, head)
    return {
        file.previous_path: file.path
        for file in comparison.files
        if file.status == "renamed" and file.previous_path
    }
