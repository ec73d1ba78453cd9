"""One commit under suspicion, its diff read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from investigator.models.evidence import Commit, FileChange
from investigator.suspects import patches
from investigator.suspects.patches import Change
from investigator.suspects.paths import HARMLESS, kind
from investigator.suspects.words import identifiers, parts, plain_words, same_name

MAX_FILES = 300
UNREAD = 3  # files of a commit to each that matters


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a commit changes in files that run in production; all empty when its diff was not read."""

    commit: Commit
    changes: dict[str, Change]  # by path after the commit, cosmetic ones too
    cosmetic_paths: AbstractSet[str]
    renamed: dict[str, str]  # path after → path before
    added: AbstractSet[str]
    removed: AbstractSet[str]
    moved: dict[str, str]  # name of a module that is no longer where it was → its old path
    fresh: Mapping[str, AbstractSet[str]]  # new function → names that stand in it alone
    numbers: AbstractSet[str]
    functions: AbstractSet[str]
    definitions: AbstractSet[str]
    said: AbstractSet[str]  # words of its message and pull request title

    @property
    def changed(self) -> AbstractSet[str]:
        return self.added | self.removed

    @property
    def gone(self) -> AbstractSet[str]:
        return self.removed - self.added

    @property
    def has_patch(self) -> bool:
        return any(change.blocks for change in self.changes.values())

    @property
    def harmless(self) -> bool:
        """Tests, documents and pipelines only."""
        files = self.commit.files
        return bool(files) and all(kind(file.path) in HARMLESS for file in files or ())

    @property
    def cosmetic(self) -> bool:
        live = self.changes.keys() - self.cosmetic_paths
        return self.has_patch and not live and not self.renamed and not self.moved

    @property
    def numbers_only(self) -> bool:
        """Nothing but numbers was changed in code that runs."""
        live = [change for path, change in self.changes.items() if path not in self.cosmetic_paths]
        return bool(live) and all(change.numbers_only and kind(change.path) == "code" for change in live)

    @property
    def width(self) -> float:
        """Files it changes, as far as they are known; those unread are taken for tests and documents."""
        return max(len(self.changes), (self.commit.changed_files or 0) / UNREAD, 1.0)


def read(commit: Commit) -> Candidate:
    files = [file for file in (commit.files or ())[:MAX_FILES] if kind(file.path) not in HARMLESS]
    changes = {file.path: patches.read(file) for file in files}
    live = [change for change in changes.values() if not change.cosmetic]
    title = commit.pull_request.title if commit.pull_request else ""
    return Candidate(
        commit=commit,
        changes=changes,
        cosmetic_paths=frozenset(path for path, change in changes.items() if change.cosmetic),
        renamed={file.path: file.previous_path for file in files if file.previous_path},
        added=frozenset(name for change in live for name in change.added),
        removed=frozenset(name for change in live for name in change.removed),
        moved=_moved(files),
        fresh={same_name(name): names for change in live for name, names in change.fresh.items()},
        numbers=frozenset(number for change in live if change.numbers_only for number in change.numbers),
        functions=frozenset(same_name(name) for change in live for name in change.functions),
        definitions=frozenset(same_name(name) for change in live for name in change.definitions),
        said=plain_words(f"{commit.message[:2_000]} {title}"),
    )


def _moved(files: Iterable[FileChange]) -> dict[str, str]:
    old = [file.previous_path or file.path for file in files if file.status in {"removed", "renamed"}]
    return {name: path for path in old for name in identifiers(path.rpartition("/")[2].partition(".")[0])}


def words_of(names: Iterable[str]) -> set[str]:
    return {part for name in names for part in parts(name)}
