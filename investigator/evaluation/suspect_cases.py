"""Cases of `pilot eval suspects`: a crash, a range of commits, and which of them caused it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from investigator.evaluation.case_lines import Case, read_line

REVISION = r"^[\w.@][^\s\x00]*$"  # never an option of git's
NEGATIVE = "~after"  # appended to the id of a case whose range begins after the culprit


class Truth(BaseModel):
    """`commits` are full or abbreviated SHAs; `no_code_cause` says that none of the range caused it."""

    model_config = ConfigDict(frozen=True)

    commits: tuple[str, ...] = ()
    no_code_cause: bool = False

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if bool(self.commits) == self.no_code_cause:
            raise ValueError("name the commits that caused it, or say no_code_cause")
        if any(len(sha) < 7 or set(sha) - set("0123456789abcdef") for sha in self.commits):
            raise ValueError("commits are SHAs of at least 7 lower-case hex digits")
        return self

    def names(self, sha: str | None) -> bool:
        return sha is not None and any(sha.startswith(commit) for commit in self.commits)


class SuspectCase(Case):
    """One line of a case file. `event` is a payload or the path of one; `repo` is the folder of a clone."""

    model_config = ConfigDict(frozen=True)

    event: str | Mapping[str, Any]
    repo: str = Field(min_length=1)
    base: str = Field(pattern=REVISION)
    head: str = Field(pattern=REVISION)
    truth: Truth
    language: str = "unknown"
    kind: str = "unknown"

    def after(self, base: str) -> Self:
        """The same crash, with nothing guilty in the range: it begins at `base`, where the fault was in."""
        return self.model_copy(
            update={"id": self.id + NEGATIVE, "base": base, "truth": Truth(no_code_cause=True)}
        )


def read_case(line: bytes, taken: Collection[str] = ()) -> SuspectCase:
    """One line; its id must not be in `taken`.

    Raises:
        BadPayload: saying what is wrong with the line.
    """
    return read_line(SuspectCase, line, taken)
