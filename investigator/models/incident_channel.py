"""A channel of its own for an incident: when there is one, by `pilot.yml`, and what became of it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from investigator.models.base import Value

Occasion = Literal["always", "cascade", "fatal"]
AfterResolving = Literal["keep", "archive"]


class IncidentChannels(Value):
    """The rule of the catalogue; without one no channels are made."""

    prefix: str = Field(
        default="inc",
        pattern=r"^[a-z0-9][a-z0-9_-]{0,19}$",
        description="what the names of these channels begin with",
    )
    when: tuple[Occasion, ...] = Field(
        default=("cascade", "fatal"),
        min_length=1,
        description="incidents of several alerts, of level fatal, or all of them",
    )
    on_resolve: AfterResolving = Field(
        default="keep", description="what becomes of the channel when its incident is over"
    )

    @field_validator("when", mode="before")
    @classmethod
    def _one_is_enough(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


class OwnChannel(Value):
    """The channel that was made. `furnished`: topic, links and people are there; `closed`: it is archived."""

    id: str
    name: str
    furnished: bool = False
    closed: bool = False
