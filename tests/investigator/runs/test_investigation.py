"""One run: one parent, one report, whatever is missing and whatever dies in between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from investigator import keys
from investigator.composition import Program, compose
from investigator.errors import OutsideCallFailed
from investigator.incidents import Incidents
from investigator.investigation import give_up, investigate, post_expansion
from investigator.models.incident import Findings, Incident
from investigator.models.message import Message
from investigator.plain_text import as_text
from investigator.runs import request_run
from investigator.slack import Slack
from investigator.thread import Thread
from sandbox.slack import SlackSandbox
from tests.fixtures.playing import CHANNEL, NOW, World, open_incident, said, without_github


async def test_the_report_is_in_the_thread_and_the_parent_names_the_culprit(
    program: Program, world: World
) -> None:
    incident = await open_incident(program, world.demo.crash)
    await investigate(program, incident.id, 1)

    parents, replies = said(world.slack, incident.id)
    assert len(parents) == 1, "one incident has one parent message"
    assert f"#{world.demo.service.culprit_pull_request}" in str(parents[0]), (
        "the parent names the pull request"
    )
    assert replies == [f"{incident.id}:report:1"], "the report is in the thread, once"
    done = await program.incidents.get(incident.id)
    assert done.run is not None
    assert (done.run.state, done.run.suspect) == ("done", world.demo.service.culprit_sha)

    await investigate(program, incident.id, 1)
    assert said(world.slack, incident.id)[1] == replies, "a run that is done is left alone"


class Killed(BaseException):
    """The process ends here: nothing of ours may catch it."""


class Fate:
    """Dies at step `at`, before or after it was carried out."""

    def __init__(self, at: int, *, after: bool) -> None:
        self.at, self.after, self.steps = at, after, 0

    async def pass_through(self, step: Callable[[], Awaitable[Any]]) -> Any:
        self.steps += 1
        if self.steps == self.at and not self.after:
            raise Killed
        result = await step()
        if self.steps == self.at:
            raise Killed
        return result


def doomed(program: Program, world: World, fate: Fate, session: aiohttp.ClientSession) -> Program:
    """The program, with every step that leaves a trace in Slack or in the store under this fate."""

    class DoomedSlack(Slack):
        async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
            answer: dict[str, Any] = await fate.pass_through(
                lambda: super(DoomedSlack, self).call(method, **arguments)
            )
            return answer

    class DoomedIncidents(Incidents):
        async def update(self, incident_id: str, change: Callable[[Incident], Incident]) -> Incident:
            incident: Incident = await fate.pass_through(
                lambda: super(DoomedIncidents, self).update(incident_id, change)
            )
            return incident

        async def save_findings(self, incident_id: str, run: int, findings: Findings) -> None:
            await fate.pass_through(
                lambda: super(DoomedIncidents, self).save_findings(incident_id, run, findings)
            )

    slack = DoomedSlack("xoxb-test", world.settings.slack_api_url, session)
    return replace(
        program,
        slack=slack,
        thread=Thread(slack, program.store),
        incidents=DoomedIncidents(program.store),
        outside=replace(program.outside, github=None),  # how evidence is gathered does not matter here
    )


@pytest.mark.parametrize("after", [False, True], ids=["before it", "after it"])
async def test_a_run_cut_off_at_any_step_says_everything_once(
    program: Program, world: World, after: bool
) -> None:
    unharmed = without_github(program)
    for step in range(1, 40):
        incident = await open_incident(program, world.demo.crash)
        fate = Fate(step, after=after)
        async with aiohttp.ClientSession() as session:
            try:
                await investigate(doomed(program, world, fate, session), incident.id, 1)
            except Killed:
                await investigate(unharmed, incident.id, 1)
        parents, replies = said(world.slack, incident.id)
        done = await program.incidents.get(incident.id)
        assert len(parents) == 1, f"one parent after a death at step {step}"
        assert replies == [f"{incident.id}:report:1"], f"one report after a death at step {step}"
        assert done.run is not None
        assert done.run.state == "done"
        assert done.run.verdict is not None
        assert done.run.verdict in parents[0]["text"], f"the parent says the verdict after step {step}"
        if fate.steps < step:
            break
    assert step > 6, "every step was tried, and there are several"


@pytest.mark.parametrize("channel", ["#nowhere", "#archived", "G0SECURITY"])
async def test_a_channel_that_cannot_be_posted_in_falls_back_with_a_notice(
    program: Program, world: World, channel: str
) -> None:
    world.slack.workspace.channel("#random").name = "archived"
    world.slack.workspace.channel("#archived").is_archived = True
    program = without_github(program)
    incident = await open_incident(program, world.demo.crash, channel=channel)
    await investigate(program, incident.id, 1)
    parents, replies = said(world.slack, incident.id, "#incidents")
    assert len(parents) == 1, "the incident is in the default channel"
    assert set(replies) == {f"{incident.id}:misrouted", f"{incident.id}:report:1"}, (
        "and says where it belongs"
    )


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "headers": {"Retry-After": "60"}, "body": b"{}"},
        {"status": 503, "body": b"<html>busy</html>", "content_type": "text/html"},
    ],
    ids=["rate limited", "down"],
)
@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
async def test_slack_in_trouble_is_tried_again_without_saying_anything_twice(
    program: Program, world: World, fault: dict[str, Any], method: str
) -> None:
    program = without_github(program)
    incident = await open_incident(program, world.demo.crash)
    world.slack.faults.add(f"/api/{method}", times=1, **fault)
    with pytest.raises(OutsideCallFailed):
        await investigate(program, incident.id, 1)
    await program.store.delete(keys.slack_pause(method))  # as long as Slack asked for has passed
    await investigate(program, incident.id, 1)
    parents, replies = said(world.slack, incident.id)
    assert (len(parents), replies) == (1, [f"{incident.id}:report:1"])


def plain(slack: SlackSandbox, incident_id: str) -> str:
    """What a person reads in the thread, in one line."""
    parents, _ = said(slack, incident_id)
    replies = [
        as_text(Message(text=reply["text"], blocks=tuple(reply["blocks"])))
        for reply in slack.thread(CHANNEL, parents[0]["ts"])
    ]
    return " ".join(" ".join(replies).split())


@pytest.mark.parametrize(
    ("fault", "said_of_it"),
    [
        ({"status": 404, "body": b'{"message": "Not Found"}'}, "not found"),
        ({"status": 403, "body": b'{"message": "Resource not accessible"}'}, "forbidden"),
        ({"status": 502, "body": b"<html>", "content_type": "text/html"}, "server error"),
        ({"hang": True}, "the time for gathering evidence was up"),
    ],
    ids=["404", "403", "502", "hangs"],
)
async def test_the_report_stands_without_github_and_says_so(
    world: World, fault: dict[str, Any], said_of_it: str
) -> None:
    world.github.faults.add("/", **fault)
    settings = world.settings.model_copy(update={"pilot_evidence_budget_seconds": 1.0})
    async with compose(settings) as program:
        incident = await open_incident(program, world.demo.crash)
        await investigate(program, incident.id, 1)
    text = plain(world.slack, incident.id)
    assert "take_units" in text, "the stack is told without GitHub"
    assert "commits were not looked at" in text, "what is missing is said"
    assert said_of_it in text, "and why"
    assert "To change that" in text, "and what to do about it"


async def test_the_report_stands_without_sentrys_api(program: Program, world: World) -> None:
    world.sentry.faults.add("/", status=503, body=b"{}")
    incident = await open_incident(program, world.demo.crash)
    await investigate(program, incident.id, 1)
    assert "Sentry" in plain(world.slack, incident.id)
    assert f"#{world.demo.service.culprit_pull_request}" in str(said(world.slack, incident.id)[0])


async def test_with_nothing_but_slack_and_a_webhook_it_works_and_says_what_is_missing(world: World) -> None:
    async with compose(world.without("github_token", "sentry_auth_token", "sentry_org")) as program:
        incident = await open_incident(program, world.demo.crash)
        await investigate(program, incident.id, 1)
    text = plain(world.slack, incident.id)
    assert "no GitHub credentials: commits were not looked at" in text
    assert "AI analysis unavailable: no provider configured" in text


async def test_a_further_run_says_what_changed_and_details_come_once_a_run(
    program: Program, world: World
) -> None:
    program = without_github(program)
    incident = await open_incident(program, world.demo.crash)
    await investigate(program, incident.id, 1)
    for _ in range(2):
        await post_expansion(program, incident.id, "frames")
    asking: dict[str, Any] = {"by": "U0PRIYA", "at": NOW, "request": "click-1"}
    _, new = await request_run(program.incidents, program.jobs, incident.id, **asking)
    assert new
    await investigate(program, incident.id, 2)
    await post_expansion(program, incident.id, "frames")

    parents, replies = said(world.slack, incident.id)
    number = incident.id
    expected = ["report:1", "expand:1:frames", "report:2", "expand:2:frames"]
    assert replies == [f"{number}:{key}" for key in expected]
    again = world.slack.thread(CHANNEL, parents[0]["ts"])[2]["text"]
    assert "run 2" in again
    assert "nothing changed" in again

    same, new = await request_run(program.incidents, program.jobs, incident.id, **asking)
    assert len(same.runs) == 2, "the same click, delivered again later, asks for nothing"


async def test_a_run_given_up_is_told_in_the_thread_and_can_be_tried_again(
    program: Program, world: World
) -> None:
    program = without_github(program)
    incident = await open_incident(program, world.demo.crash)
    await investigate(program, incident.id, 1)
    asking: dict[str, Any] = {"by": "U0PRIYA", "at": NOW}
    await request_run(program.incidents, program.jobs, incident.id, request="2", **asking)
    await give_up(program, incident.id, 1, "a run that is done is not given up")
    await give_up(program, incident.id, 2, "Sentry: timeout")

    parents, replies = said(world.slack, incident.id)
    assert replies == [f"{incident.id}:report:1", f"{incident.id}:failure:2"]
    assert "re-run failed" in str(parents[0]["blocks"]), "the parent says it too"
    assert "Sentry: timeout" in plain(world.slack, incident.id)
    incident, new = await request_run(program.incidents, program.jobs, incident.id, request="3", **asking)
    assert (new, len(incident.runs)) == (True, 3), "and a person may ask again"
