"""Where incidents are posted, and when: the rules of `pilot.yml`."""

from __future__ import annotations

from datetime import time
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from investigator.models.base import Value

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WAIT = "wait"


class When(Value):
    """Every field that names something must match; one that names nothing matches all."""

    service: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    level: tuple[str, ...] = ()

    @field_validator("service", "environment", "level", mode="before")
    @classmethod
    def _one_is_enough(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


class Route(Value):
    """The first route that matches an incident says where it goes."""

    when: When = When()
    channel: str | None = Field(default=None, description="where these incidents go; else the service's")
    outside_hours: str | None = Field(
        default=None,
        description="“wait”: investigated at once, posted when business hours begin; or another channel",
    )

    @model_validator(mode="after")
    def _says_something(self) -> Route:
        if self.channel is None and self.outside_hours is None:
            raise ValueError("a route needs a channel, or what to do outside_hours")
        return self


class BusinessHours(Value):
    timezone: str = Field(description="as in Europe/Berlin")
    days: tuple[Day, ...] = DAYS[:5]
    opens: time = time(9)
    closes: time = time(18)

    @field_validator("opens", "closes", mode="before")
    @classmethod
    def _written_as_text(cls, value: object) -> object:
        if not isinstance(value, str | time):  # YAML reads a bare 09:00 as a number
            raise ValueError('put the time into quotes, as in "09:00"')  # noqa: TRY004 - pydantic wants it
        return value

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("not a time zone; name it as in Europe/Berlin") from None
        return value

    @model_validator(mode="after")
    def _open_at_all(self) -> BusinessHours:
        if not self.days or self.opens >= self.closes:
            raise ValueError("business hours need a day, and must open before they close")
        return self
