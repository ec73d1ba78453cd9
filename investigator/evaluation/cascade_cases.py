"""Cases of `pilot eval cascades`: a recorded stream of deliveries, and which issues were one incident."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from investigator.errors import BadPayload


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


class CascadeCase(BaseModel):
    """One line of a case file. Paths are relative to the file; without `catalog` there is no catalogue."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(min_length=1)
    deliveries: str = Field(min_length=1)
    catalog: str | None = None
    truth: CascadeTruth


def read_cascade_case(line: bytes, taken: Collection[str] = ()) -> CascadeCase:
    """One line; its id must not be in `taken`.

    Raises:
        BadPayload: saying what is wrong with the line.
    """
    try:
        case = CascadeCase.model_validate_json(line)
    except ValidationError as error:
        wrong = (
            f"{'.'.join(map(str, each['loc'])) or 'line'}: {each['msg'].removeprefix('Value error, ')}"
            for each in error.errors(include_url=False, include_input=False)
        )
        raise BadPayload("; ".join(wrong)) from None
    if case.id in taken:
        raise BadPayload(f"id: {case.id} was given on an earlier line")
    return case
