"""The two kinds of values that travel through the program."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable value inside the program."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Document(BaseModel):
    """A value kept in the store as JSON.

    Unknown fields are ignored, so that a document written by the next version can be read by this one
    while both run during a deploy.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: int = 1
