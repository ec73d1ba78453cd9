"""Rules say in which channel an incident is posted, and what may wait for business hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from investigator import holding, placing
from investigator.catalog import parse_catalog
from investigator.composition import Program
from investigator.errors import ConfigurationError
from investigator.investigation import investigate
from investigator.models.incident import Incident
from investigator.models.routing import BusinessHours
from investigator.routing import channel_by, is_open, next_opening, opening, route_of
from tests.fixtures import findings as made
from tests.fixtures.playing import World, open_incident, said, without_github

HOURS = "business_hours: {timezone: Europe/Berlin, opens: '09:00', closes: '18:00'}\n"
ROUTES = """\
routes:
  - {when: {level: [warning, fatal]}, outside_hours: wait}
  - {when: {environment: staging}, channel: "#staging"}
  - {when: {service: checkout}, channel: "#day", outside_hours: "#night"}
"""
CATALOG = parse_catalog(HOURS + ROUTES)
BERLIN = BusinessHours(timezone="Europe/Berlin")
MONDAY_NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # 12:00 in Berlin
FRIDAY_NIGHT = datetime(2026, 11, 27, 22, 0, tzinfo=UTC)


def incident(**changed: object) -> Incident:
    return made.incident(**{"service": "checkout", "environment": "production", "level": "error", **changed})


def channel(it: Incident, at: datetime) -> str | None:
    route = route_of(CATALOG.routes, it)
    return channel_by(route, CATALOG.business_hours, at) if route else None


def test_the_first_route_that_matches_counts() -> None:
    assert channel(incident(environment="staging"), MONDAY_NOON) == "#staging"
    assert channel(incident(), MONDAY_NOON) == "#day"
    assert channel(incident(), FRIDAY_NIGHT) == "#night"
    assert channel(incident(service="search"), MONDAY_NOON) is None, "no rule: the service's own"


def test_business_hours_follow_their_time_zone() -> None:
    assert is_open(BERLIN, MONDAY_NOON)
    assert not is_open(BERLIN, FRIDAY_NIGHT)
    assert not is_open(BERLIN, datetime(2026, 11, 23, 17, 0, tzinfo=UTC)), "18:00 in Berlin"
    assert next_opening(BERLIN, FRIDAY_NIGHT) == datetime(2026, 11, 30, 8, 0, tzinfo=UTC), "Monday, 09:00"
    assert next_opening(BERLIN, datetime(2026, 3, 28, 12, tzinfo=UTC)).hour == 7, (
        "after the change to summer time"
    )


def test_what_is_fatal_never_waits() -> None:
    for level, waits in (("warning", True), ("fatal", False)):
        it = incident(level=level)
        until = opening(route_of(CATALOG.routes, it), CATALOG.business_hours, it, FRIDAY_NIGHT)
        assert (until is not None) == waits, level
    it = incident(level="warning")
    assert opening(route_of(CATALOG.routes, it), CATALOG.business_hours, it, MONDAY_NOON) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("routes:\n  - when: {service: a}\n", r":2: routes\.0: .*needs a channel"),
        ("routes:\n  - {channel: '#a', when: {team: a}}\n", r":2: routes\.0\.when\.team"),
        (
            "routes:\n  - {channel: '#a', outside_hours: wait}\n",
            r":2: routes\.0\.outside_hours: there are no",
        ),
        ("business_hours:\n  timezone: Mars\n", r":2: business_hours\.timezone: .*not a time zone"),
        ("business_hours:\n  timezone: UTC\n  opens: 10:00\n", r":3: business_hours\.opens: .*into quotes"),
        ("business_hours: {timezone: UTC, opens: '19:00'}\n", r":1: business_hours: .*before they close"),
    ],
)
def test_a_wrong_rule_names_its_line(text: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        parse_catalog(text)


async def test_what_waits_is_investigated_and_posted_in_the_morning(world: World, program: Program) -> None:
    now = datetime.now(UTC)
    tomorrow = (now + timedelta(days=2)).strftime("%a").lower()
    hours = BusinessHours.model_validate({"timezone": "UTC", "days": [tomorrow]})
    routes = parse_catalog(HOURS + "routes: [{channel: '#ops', outside_hours: wait}]").routes
    catalog = program.catalog.model_copy(update={"routes": routes, "business_hours": hours})
    waiting = replace(without_github(program), catalog=catalog)
    opened = await open_incident(program, world.demo.crash)
    await investigate(waiting, opened.id, 1)
    assert said(world.slack, opened.id, "#ops") == ([], []), "nobody is told at night"
    held = await program.incidents.get(opened.id)
    assert held.run is not None
    assert held.run.not_before == next_opening(hours, now)
    assert await program.incidents.findings(opened.id, 1), "but the evidence is there"
    requests = len(world.sentry.requests)
    morning = replace(waiting, catalog=catalog.model_copy(update={"business_hours": None}))
    await investigate(morning, opened.id, 1)
    assert said(world.slack, opened.id, "#ops")[0], "posted where the route says"
    assert len(world.sentry.requests) == requests, "from what was collected at night"
    assert await holding.held_until(morning, held, held.run, now) is None
    assert await placing.channel_of(morning, opened) == "#ops"
