"""In which channel an incident belongs by the rules of the catalogue, and whether it may wait. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from investigator.models.incident import Incident
from investigator.models.routing import DAYS, WAIT, BusinessHours, Route

NEVER_WAITS = "fatal"


def route_of(routes: Sequence[Route], incident: Incident) -> Route | None:
    """The first that matches."""
    return next((route for route in routes if _matches(route, incident)), None)


def channel_by(route: Route, hours: BusinessHours | None, at: datetime) -> str | None:
    """The channel the route names for an incident posted now; None: it names none."""
    elsewhere = route.outside_hours if route.outside_hours not in {None, WAIT} else None
    return elsewhere if elsewhere and hours and not is_open(hours, at) else route.channel


def opening(
    route: Route | None, hours: BusinessHours | None, incident: Incident, at: datetime
) -> datetime | None:
    """When business hours begin, if the incident is to wait for them; what is fatal never waits."""
    if route is None or hours is None or route.outside_hours != WAIT or incident.level == NEVER_WAITS:
        return None
    return None if is_open(hours, at) else next_opening(hours, at)


def is_open(hours: BusinessHours, at: datetime) -> bool:
    here = at.astimezone(ZoneInfo(hours.timezone))
    return DAYS[here.weekday()] in hours.days and hours.opens <= here.time() < hours.closes


def next_opening(hours: BusinessHours, at: datetime) -> datetime:
    """In UTC, later than `at`."""
    zone = ZoneInfo(hours.timezone)
    today = at.astimezone(zone).date()
    candidates = (today + timedelta(days=ahead) for ahead in range(9))
    moments = (
        datetime.combine(day, hours.opens, zone) for day in candidates if DAYS[day.weekday()] in hours.days
    )
    return next(moment.astimezone(UTC) for moment in moments if moment > at)


def _matches(route: Route, incident: Incident) -> bool:
    when = route.when
    return (
        (not when.service or incident.service in when.service)
        and (not when.environment or incident.environment in when.environment)
        and (not when.level or incident.level in when.level)
    )
