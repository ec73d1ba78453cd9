"""Cases of `pilot eval cascades`: a recorded stream of deliveries, and which issues were one incident."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from investigator.evaluation.case_lines import Case, read_line


class CascadeTruth(BaseModel):
    """`issues`: issue id → incident. `roots`: incident → service or `kind:name`, where one is known."""

    model_config = ConfigDict(frozen=True)

    issues: Mapping[str, str] = Field(min_length=1)
    roots: Mapping[str, str] = {}

    @model_validator(mode="after")
    def _roots_of_incidents(self) -> Self:
        if strangers := set(self.roots) - set(self.issues.values()):
            raise ValueError(f"roots names {min(strangers)!r}, and no issue is of that incident")
        return self


class CascadeCase(Case):
    """One line of a case file. Paths are relative to the file; without `catalog` there is no catalogue."""

    model_config = ConfigDict(frozen=True)

    deliveries: str = Field(min_length=1)
    catalog: str | None = None
    truth: CascadeTruth


def read_cascade_case(line: bytes, taken: Collection[str] = ()) -> CascadeCase:
    """One line; its id must not be in `taken`.

    Raises:
        BadPayload: saying what is wrong with the line.
    """
    return read_line(CascadeCase, line, taken)
