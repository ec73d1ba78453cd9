"""Edits applied to files in memory, or the reason why they may not be. Pure.

Everything a pull request of ours contains went through `patched`: when a suggestion is made, and again at the
head it is opened against.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from investigator.errors import PilotError
from investigator.models.base import Value
from investigator.models.suggestion import Edit
from investigator.patching import paths, syntax
from investigator.patching.diff import unified
from investigator.redaction.vault import START

MAX_FILES, MAX_EDITS, MAX_LINES, MAX_LINE = 3, 8, 80, 400
MAX_FILE_CHARACTERS = 400_000
_REGULAR = frozenset({0o100644, 0o100755})
_RUNS_THINGS = re.compile(
    r"\b(?:eval|exec|execSync|spawn|spawnSync|popen|system|child_process|subprocess|shell_exec|passthru|"
    r"ProcessBuilder|getRuntime|b64decode|atob|fromCharCode|unserialize|marshal|pickle|__import__|importlib|ctypes|"
    r"urlopen|urlretrieve|curl|wget)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]{1,12}://[^\s\"'<>`)]+|\b(?:\d{1,3}\.){3}\d{1,3}\b", re.IGNORECASE)


class Original(Value):
    """A file as it is. `text` None: binary, too large or not there. `mode` None: not told."""

    text: str | None
    mode: int | None = None


class Patch(Value):
    """`files` are the changed files by path, whole. `checked` says in words what was looked at."""

    files: dict[str, str]
    diff: str
    checked: tuple[str, ...]


class NotAllowed(PilotError):
    """These edits are not to be proposed; the text says why.

    `showable`: they may still be read as text. What they would bring in is harmless, they just do not fit.
    """

    def __init__(self, why: str, *, showable: bool = True) -> None:
        super().__init__(why)
        self.showable = showable


def patched(edits: Sequence[Edit], originals: Mapping[str, Original], allowed: Collection[str]) -> Patch:
    """What the edits make of the files.

    Args:
        originals: the files named by the edits, at one commit.
        allowed: the paths that the evidence speaks of.

    Raises:
        NotAllowed: nothing of it is to be proposed.
    """
    texts = {edit.path: _text(edit.path, originals.get(edit.path), allowed) for edit in edits}
    for edit in edits:  # all of them, before anything is said that leaves the rest to be read
        _must_be_harmless(edit.path, texts[edit.path], edit)
    _must_be_small(edits)
    after = {path: _applied(path, text, [e for e in edits if e.path == path]) for path, text in texts.items()}
    for path, text in after.items():
        if why := syntax.broken(path, texts[path], text):
            raise NotAllowed(f"{path} {why}")
    return Patch(
        files=after,
        diff=unified({path: (texts[path], text) for path, text in after.items()}),
        checked=tuple(syntax.looked_at(path, texts[path]) for path in after),
    )


def _must_be_small(edits: Sequence[Edit]) -> None:
    if not edits:
        raise NotAllowed("it changes nothing")
    files = len({edit.path for edit in edits})
    if files > MAX_FILES:
        raise NotAllowed(f"it changes {files} files, more than {MAX_FILES}")
    if len(edits) > MAX_EDITS:
        raise NotAllowed(f"it has {len(edits)} edits, more than {MAX_EDITS}")
    lines = [line for edit in edits for line in (*edit.search.split("\n"), *edit.replace.split("\n"))]
    if len(lines) > MAX_LINES or any(len(line) > MAX_LINE for line in lines):
        raise NotAllowed(f"it is larger than {MAX_LINES} lines of {MAX_LINE} characters")


def _text(path: str, original: Original | None, allowed: Collection[str]) -> str:
    if why := paths.refused(path, allowed):
        named = path if path in allowed else "a file it would change"
        raise NotAllowed(f"{named} {why}", showable=False)
    if original is None or original.text is None:
        raise NotAllowed(f"{path} is not a text file of the repository at this commit")
    if original.mode is not None and original.mode not in _REGULAR:
        raise NotAllowed(f"{path} is a symbolic link or a submodule", showable=False)
    if len(original.text) > MAX_FILE_CHARACTERS or not _is_text(original.text):
        raise NotAllowed(f"{path} is too large, or not text")
    return original.text


def _is_text(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _applied(path: str, text: str, edits: Sequence[Edit]) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    places = []
    for edit in edits:
        start, stop = _place(path, text, edit.search.replace("\n", end))
        if not edit.replace and text.startswith(end, stop):
            stop += len(end)  # lines that go take their line break with them
        places.append((start, stop, edit.replace.replace("\n", end)))
    places.sort()
    if any(second[0] < first[1] for first, second in pairwise(places)):
        raise NotAllowed(f"two of its edits of {path} overlap")
    for start, stop, replacement in reversed(places):
        text = text[:start] + replacement + text[stop:]
    return text


def _place(path: str, text: str, search: str) -> tuple[int, int]:
    """Where the lines `search` stand, once and not in part."""
    if not search.strip():
        raise NotAllowed(f"one of its edits of {path} does not say which lines it replaces")
    found = [hit.start() for hit in re.finditer(rf"(?m:^){re.escape(search)}(?=\r?\n|\Z)", text)]
    if len(found) != 1:
        times = f"{len(found)} times" if found else "nowhere"
        raise NotAllowed(f"the lines it replaces stand {times} in {path}")
    return found[0], found[0] + len(search)


def _must_be_harmless(path: str, text: str, edit: Edit) -> None:
    """Raises NotAllowed when the edit brings something in that no fix of a crash needs."""
    if edit.search == edit.replace:
        raise NotAllowed(f"one of its edits of {path} changes nothing")
    if START in edit.search or START in edit.replace:
        raise NotAllowed(f"one of its edits of {path} touches a line with a secret, which it was not shown")
    if any(
        unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn"} and char not in "\n\t"
        for char in edit.replace
    ):
        raise NotAllowed(f"one of its edits of {path} holds characters that nobody can see", showable=False)
    for what, pattern in (("runs, decodes or loads something", _RUNS_THINGS), ("names an address", _ADDRESS)):
        if any(hit[0] not in text for hit in pattern.finditer(edit.replace)):
            raise NotAllowed(f"one of its edits of {path} {what} that the file does not", showable=False)
