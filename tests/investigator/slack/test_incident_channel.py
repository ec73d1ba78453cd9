"""An incident's own channel: only where it is wanted, exactly one, furnished, and no trouble when refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from investigator.announcing import refresh
from investigator.catalog import parse_catalog
from investigator.composition import Program
from investigator.errors import ConfigurationError, OutsideCallFailed
from investigator.incident_channel.rules import names, rule_for
from investigator.investigation import investigate
from investigator.models.incident import Incident, Member, ParentMessage
from investigator.models.incident_channel import IncidentChannels, OwnChannel
from investigator.resolving import resolve
from tests.fixtures import findings as made
from tests.fixtures.playing import CHANNEL, World, key_of, open_incident, said, without_github

PARENT = ParentMessage(channel="C0CHECKOUT", ts="1.000100")
RULES = """
incident_channels: {when: always}
people: {octocat: "marco@acme.example", "@Acme/Platform": "@platform"}
services:
  checkout: {repository: acme/checkout, stack_root: /srv/app, channel: "#checkout", owners: [U0PRIYA]}
"""


def member(key: str, level: str = "error") -> Member:
    return Member(key=key, issue_id=key, service="checkout", since=made.OPENED, level=level)


@pytest.mark.parametrize(
    ("catalogue", "changed", "wanted"),
    [
        ("", {"level": "fatal"}, False),
        ("incident_channels: {}", {"level": "error"}, False),
        ("incident_channels: {}", {"level": "fatal"}, True),
        ("incident_channels: {}", {"members": (member("a"), member("b"))}, True),
        ("incident_channels: {}", {"members": (member("a", "fatal"),)}, True),
        ("incident_channels: {when: cascade}", {"level": "fatal"}, False),
        ("incident_channels: {when: [always]}", {}, True),
        ("services: {checkout: {incident_channel: true}}", {}, True),
        ("incident_channels: {when: always}\nservices: {checkout: {incident_channel: false}}", {}, False),
        ("incident_channels: {when: always}", {"status": "resolved"}, False),
        ("incident_channels: {when: always}", {"merged_into": "1"}, False),
        ("incident_channels: {when: always}", {"parent": None}, False),
    ],
)
def test_only_what_the_catalogue_wants_gets_a_channel(
    catalogue: str, changed: dict[str, Any], wanted: bool
) -> None:
    catalog = parse_catalog(catalogue)
    incident = made.incident(**{"level": "error", "parent": PARENT, **changed})
    assert bool(rule_for(catalog, catalog.service_of("checkout"), incident)) is wanted


@pytest.mark.parametrize("service", ["checkout", "Zahlung & Büro!", "x" * 200, "---", "日本"])
def test_names_are_slacks_and_the_incidents_own(service: str) -> None:
    tried = list(names(IncidentChannels(), made.incident(service=service, id="1234567")))
    assert len(set(tried)) == len(tried), "each is another"
    for name in tried:
        assert len(name) <= 80
        assert not set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789-_")
        assert "1234567" in name, "two incidents never share one"


def test_a_wrong_setting_names_its_line() -> None:
    with pytest.raises(ConfigurationError, match=r"pilot\.yml:2: incident_channels\.prefix"):
        parse_catalog("incident_channels:\n  prefix: Inc!")
    with pytest.raises(ConfigurationError, match=r"pilot\.yml:2: people\.octocat"):
        parse_catalog("people:\n  octocat: somebody")


@pytest.fixture
async def wanting(program: Program) -> Program:
    """A program whose catalogue wants a channel for everything, and that has an ops channel."""
    settings = program.settings.model_copy(update={"pilot_ops_channel": "#ops"})
    return replace(without_github(program), catalog=parse_catalog(RULES), settings=settings)


async def opened(world: World, program: Program) -> Incident:
    incident = await open_incident(program, world.demo.crash)
    await investigate(program, incident.id, 1)
    return await program.incidents.get(incident.id)


async def test_the_channel_has_topic_links_and_people_and_is_pointed_to(
    world: World, wanting: Program
) -> None:
    incident = await opened(world, wanting)
    assert incident.own_channel
    channel = world.slack.workspace.channel(incident.own_channel.id)
    assert channel.name == f"inc-20260317-checkout-{incident.id}"
    assert channel.topic.startswith(f"#{incident.id} ")
    assert "&lt;" not in channel.topic, "a topic is no markup"
    assert [mark["title"] for mark in channel.bookmarks] == ["Thread", "Open in Sentry"]
    assert "U0PRIYA" in channel.members, "the service's owner"
    [parent], replies = said(world.slack, incident.id)
    assert f"<#{channel.id}>" in str(parent["blocks"])
    assert f"{incident.id}:own channel:made" in replies
    assert len(world.slack.messages(channel.id)) == 1


async def test_a_second_run_makes_and_says_nothing_twice(world: World, wanting: Program) -> None:
    incident = await opened(world, wanting)
    before = world.slack.call_counts.copy()
    await wanting.incidents.update(incident.id, lambda it: it.model_copy(update={"runs": made_again(it)}))
    await investigate(wanting, incident.id, 1)
    assert world.slack.call_counts["conversations.create"] == before["conversations.create"]
    assert world.slack.call_counts["bookmarks.add"] == before["bookmarks.add"]


def made_again(incident: Incident) -> tuple[Any, ...]:
    return tuple(run.model_copy(update={"state": "requested"}) for run in incident.runs)


async def test_a_maker_that_died_leaves_one_channel(world: World, wanting: Program) -> None:
    incident = await opened(world, wanting)
    assert incident.own_channel
    first = incident.own_channel.id

    def forgotten(it: Incident) -> Incident:
        return it.model_copy(update={"own_channel": None, "runs": made_again(it)})

    await wanting.incidents.update(incident.id, forgotten)
    await investigate(wanting, incident.id, 1)
    again = (await wanting.incidents.get(incident.id)).own_channel
    assert again
    assert again.id == first, "the one that was made before the crash"
    assert world.slack.call_counts["bookmarks.add"] == 2, "and its links are there once"
    assert len(world.slack.messages(first)) == 1


@pytest.mark.parametrize("theirs", [{"creator": "U0SAM"}, {"created": 1}, {"is_archived": True}])
async def test_a_name_that_others_have_is_left_to_them(
    world: World, wanting: Program, theirs: dict[str, Any]
) -> None:
    name, incident = "inc-20260317-checkout-1", await open_incident(wanting, world.demo.crash)
    assert incident.id == "1"
    taken = (await wanting.slack.call("conversations.create", name=name))["channel"]["id"]
    for field, value in theirs.items():
        setattr(world.slack.workspace.channel(taken), field, value)
    await investigate(wanting, incident.id, 1)
    own = (await wanting.incidents.get(incident.id)).own_channel
    assert own
    assert own.name == f"{name}-2"


@pytest.mark.parametrize("refused", ["restricted_action", "missing_scope"])
async def test_where_slack_forbids_it_the_incident_goes_on_and_ops_hear_of_it_once(
    world: World, wanting: Program, refused: str
) -> None:
    body = f'{{"ok": false, "error": "{refused}", "needed": "channels:manage"}}'.encode()
    world.slack.faults.add("/api/conversations.create", status=200, body=body)
    for _ in range(2):
        incident = await opened(world, wanting)
        assert incident.own_channel is None
        assert incident.run
        assert incident.run.state == "done", "the investigation is not held up"
        assert f"{incident.id}:report:1" in said(world.slack, incident.id)[1]
    told = [each for each in world.slack.messages("#ops") if key_of(each).startswith("ops:incident")]
    assert len(told) == 1, "once a cause and day"
    assert "To change that" in str(told[0]["blocks"])


async def test_without_the_further_scopes_it_is_a_plain_channel(world: World, wanting: Program) -> None:
    body = b'{"ok": false, "error": "missing_scope", "needed": "bookmarks:write"}'
    for method in ("bookmarks.list", "conversations.setTopic", "conversations.invite"):
        world.slack.faults.add(f"/api/{method}", status=200, body=body)
    incident = await opened(world, wanting)
    assert incident.own_channel
    assert incident.own_channel.furnished
    (welcome,) = world.slack.messages(incident.own_channel.id)
    assert "Not invited" in str(welcome["blocks"]), "who is missing is said in a line"


async def test_slack_going_away_in_between_loses_nothing(world: World, wanting: Program) -> None:
    world.slack.faults.add("/api/conversations.invite", status=503)
    incident = await open_incident(wanting, world.demo.crash)
    with pytest.raises(OutsideCallFailed):
        await investigate(wanting, incident.id, 1)
    world.slack.faults.clear()
    await investigate(wanting, incident.id, 1)
    done = await wanting.incidents.get(incident.id)
    assert done.own_channel
    assert done.own_channel.furnished
    assert len([c for c in world.slack.workspace.channels.values() if c.name.startswith("inc-")]) == 1


@pytest.mark.parametrize("after", ["keep", "archive"])
async def test_when_it_is_over_the_channel_says_so(world: World, wanting: Program, after: str) -> None:
    catalog = parse_catalog(RULES.replace("when: always", f"when: always, on_resolve: {after}"))
    program = replace(wanting, catalog=catalog)
    incident = await opened(world, program)
    assert incident.own_channel
    await resolve(program, incident, "U0PRIYA", datetime.now(UTC))
    for _ in range(2):
        await refresh(program, incident.id)
    channel = world.slack.workspace.channel(incident.own_channel.id)
    assert channel.is_archived is (after == "archive")
    assert "is resolved" in world.slack.messages(channel.id)[-1]["text"]
    assert len(world.slack.messages(channel.id)) == 2, "once"


async def test_a_channel_that_people_archived_is_left_alone(world: World, wanting: Program) -> None:
    incident = await opened(world, wanting)
    assert incident.own_channel
    world.slack.workspace.channel(incident.own_channel.id).is_archived = True
    await resolve(wanting, incident, "U0PRIYA", datetime.now(UTC))
    await refresh(wanting, incident.id)
    [parent], _ = said(world.slack, incident.id)
    assert "Resolved" in str(parent), "the incident is over all the same"


async def test_the_channel_is_known_as_the_incidents(world: World, wanting: Program) -> None:
    incident = await opened(world, wanting)
    assert incident.own_channel
    found = await wanting.incidents.by_channel(incident.own_channel.id)
    assert found
    assert found.id == incident.id
    assert await wanting.incidents.by_channel(CHANNEL) is None


def test_documents_from_before_have_no_channel() -> None:
    old = made.incident().model_dump(exclude={"own_channel"})
    assert Incident.model_validate(old).own_channel is None
    assert OwnChannel(id="C1", name="x").furnished is False
