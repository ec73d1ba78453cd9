"""The two kinds of values that travel through the program."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable value inside the program."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Document(BaseModel):
    """A value kept in the store as JSON.

    Unknown fields are ignored, in the document and in the values within it, so that a document written by the
    next version can be read by this one while both run during a deploy.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: int = 1

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """Values forbid what they do not know, which finds our mistakes; what is stored may know more."""
        return super().model_validate_json(json_data, **{"extra": "ignore", **options})
