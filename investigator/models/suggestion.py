"""A change of code that a language model suggests for one run of one incident."""

from __future__ import annotations

from typing import Literal

from investigator.models.analysis import Attempt
from investigator.models.base import Document, Value


class Edit(Value):
    """In the file `path`, the lines `search` become the lines `replace`. Both without a last line break."""

    path: str
    search: str
    replace: str


class SuggestedFix(Document):
    """What a model would change, and what became of it.

    `valid`: `patching.edits.patched(edits, …)` accepts it at `base_sha`, the incident's SHA; only then may it
    be offered as a pull request. `invalid`: it is shown as text, `reason` says in words what is wrong with
    it. `none`: there is no suggestion, `reason` says why.

    `diff` is for people, secrets hidden; the exact one follows from `edits` and the files at `base_sha`.
    `checked` says in words what was looked at, such as `checkout/api.py still parses as Python`.
    """

    incident: str
    run: int
    status: Literal["valid", "invalid", "none"]
    reason: str = ""
    edits: tuple[Edit, ...] = ()
    base_sha: str | None = None
    why: str = ""
    cannot_know: str = ""
    diff: str = ""
    checked: tuple[str, ...] = ()
    provider: str = ""
    model: str = ""
    prompt: str = ""  # name and version
    attempts: tuple[Attempt, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """The files it changes, each once."""
        return tuple(dict.fromkeys(edit.path for edit in self.edits))

    def says_the_same_as(self, other: SuggestedFix) -> bool:
        """Whether people would read in both what they read in one."""
        return (self.status, self.edits, self.reason) == (other.status, other.edits, other.reason)
