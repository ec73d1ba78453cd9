"""Reading one case of a file of cases, whatever is measured on it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from pydantic import BaseModel, Field, ValidationError

from investigator.errors import BadPayload


class Case(BaseModel):
    """What every case has."""

    id: str = Field(min_length=1)


T = TypeVar("T", bound=Case)


def read_line(kind: type[T], line: bytes, taken: Collection[str]) -> T:
    """The case on this line; its `id` must not be in `taken`.

    Raises:
        BadPayload: saying what is wrong with the line.
    """
    try:
        case = kind.model_validate_json(line)
    except ValidationError as error:
        wrong = (
            f"{'.'.join(map(str, each['loc'])) or 'line'}: {each['msg'].removeprefix('Value error, ')}"
            for each in error.errors(include_url=False, include_input=False)
        )
        raise BadPayload("; ".join(wrong)) from None
    if case.id in taken:
        raise BadPayload(f"id: {case.id} was given on an earlier line")
    return case
