"""Who may do what: nobody opens pull requests by default, and nobody while Slack cannot tell who they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from investigator.composition import Program
from investigator.models.service import PullRequestRules, Service
from investigator.permissions import NotAllowed, require
from sandbox.slack.acme import MARCO, PRIYA, SAM
from tests.fixtures.playing import World

CHECKOUT = Service(name="checkout", pull_requests=PullRequestRules(allowed_groups=("checkout-oncall",)))
OPEN = Service(name="mailer")


def naming(program: Program, **groups: tuple[str, ...]) -> Program:
    return replace(program, catalog=program.catalog.model_copy(update={"permissions": groups}))


async def test_a_member_of_the_services_group_may(program: Program) -> None:
    await require(program, PRIYA.id, CHECKOUT, "open_pull_request")


async def test_anybody_else_is_told_whom_to_ask(program: Program) -> None:
    with pytest.raises(NotAllowed, match="only people in @checkout-oncall may open pull requests for check"):
        await require(program, SAM.id, CHECKOUT, "open_pull_request")


async def test_without_a_group_nobody_opens_pull_requests_and_is_told_how_to_allow_it(
    program: Program,
) -> None:
    with pytest.raises(NotAllowed, match=r"services\.mailer\.pull_requests\.allowed_groups"):
        await require(program, PRIYA.id, OPEN, "open_pull_request")


async def test_the_general_section_stands_in_for_a_service_without_groups(program: Program) -> None:
    program = naming(program, open_pull_request=("checkout-oncall",))
    await require(program, MARCO.id, OPEN, "open_pull_request")
    with pytest.raises(NotAllowed):
        await require(program, SAM.id, OPEN, "open_pull_request")


async def test_other_actions_are_everybodys_until_a_group_is_named(program: Program) -> None:
    await require(program, SAM.id, OPEN, "mute")
    with pytest.raises(NotAllowed, match="@platform may mute mailer"):
        await require(naming(program, mute=("platform",)), SAM.id, OPEN, "mute")


async def test_a_group_that_slack_does_not_know_is_named(program: Program) -> None:
    service = Service(name="x", pull_requests=PullRequestRules(allowed_groups=("chekout-oncall",)))
    with pytest.raises(NotAllowed, match="knows no user group @chekout-oncall: correct"):
        await require(program, PRIYA.id, service, "open_pull_request")


async def test_pull_requests_stay_closed_while_slack_does_not_tell(world: World, program: Program) -> None:
    world.slack.faults.add("/api/usergroups", status=503)
    with pytest.raises(NotAllowed, match="while Slack does not tell"):
        await require(program, PRIYA.id, CHECKOUT, "open_pull_request")
    await require(naming(program, mute=("platform",)), SAM.id, OPEN, "mute")


async def test_slack_is_not_asked_again_within_a_minute(world: World, program: Program) -> None:
    await require(program, PRIYA.id, CHECKOUT, "open_pull_request")
    world.slack.faults.add("/api/usergroups", status=503)
    await require(program, MARCO.id, CHECKOUT, "open_pull_request")
