"""Dialog, shortcut, unfurls and home: the ways to the bot that are not typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.listeners.home import publish
from investigator.by_paste import open_pasted
from investigator.composition import Program
from investigator.investigation import investigate
from investigator.models.evidence import CodeEvidence, Ownership
from investigator.models.incident import Findings, Incident, ParentMessage
from tests.fixtures.playing import CHANNEL, World, open_incident, said, without_github
from tests.fixtures.talking import command, jobs, read

TRACE = """look:
```Traceback (most recent call last):
  File "/srv/app/checkout/cart.py", line 3, in total
E: x```"""


def words(view: Any) -> str:
    return str(view.view["blocks"])


async def dialog(world: World) -> Any:
    """The dialog of `/pilot investigate`, filled."""
    assert "Choose in the dialog" in await command(world, "investigate")
    (view,) = world.slack.workspace.views.values()
    return view


async def answered(world: World, times: int = 1) -> str:
    await world.slack.until(lambda: len(world.slack.ephemerals("priya")) >= times, timeout=10)
    return read(world.slack.ephemerals("priya")[-1])


async def test_the_dialog_offers_recent_issues_and_incidents(
    listening: World, incident: Incident, program: Program
) -> None:
    view = await dialog(listening)
    assert "Investigate again" in words(view)
    assert f"rerun #{incident.id}" in words(view)
    submitted = {"chosen": {"choice": f"rerun #{incident.id}"}}
    assert (await listening.slack.acts.submit(view.id, submitted, user="priya")).ok
    assert "Investigating #1 again" in await answered(listening, 2)
    assert jobs(listening) == ["investigate-1-2"]


@pytest.mark.parametrize(
    "typed", ["{short}", "{id}", "https://sentry.example/organizations/acme/issues/{id}/"]
)
async def test_the_dialog_takes_what_one_types(listening: World, typed: str) -> None:
    issue = listening.demo.crash.issue
    view = await dialog(listening)
    values = {"typed": {"words": typed.format(id=issue["id"], short=issue["shortId"])}}
    assert (await listening.slack.acts.submit(view.id, values, user="priya")).ok
    assert "Investigating" in await answered(listening, 2)
    assert len(jobs(listening)) == 1


async def test_the_dialog_says_what_it_does_not_understand(listening: World) -> None:
    view = await dialog(listening)
    reply = await listening.slack.acts.submit(view.id, {"typed": {"words": "the cart"}}, user="priya")
    assert "errors" in reply.json()
    assert jobs(listening) == []


async def test_the_dialog_opens_while_sentry_is_away(listening: World) -> None:
    listening.sentry.faults.add("/api/0/", status=503)
    assert "Or name one" in words(await dialog(listening))


async def shortcut(world: World, text: str) -> None:
    message = await world.slack.acts.say(text, channel=CHANNEL, user="marco")
    reply = await world.slack.acts.shortcut("pilot_investigate_message", CHANNEL, message.ts, user="priya")
    assert reply.ok, reply.error


async def test_the_shortcut_investigates_a_linked_issue(listening: World) -> None:
    await shortcut(
        listening, f"see https://sentry.example/organizations/acme/issues/{listening.issue_id}/?x=1"
    )
    assert "Investigating" in await answered(listening)
    assert jobs(listening)[0].startswith("open-")


async def test_the_shortcut_investigates_a_pasted_stack_trace(listening: World, program: Program) -> None:
    await shortcut(listening, TRACE)
    assert "Investigating this stack trace" in await answered(listening)
    (job,) = jobs(listening)
    assert job.startswith("paste-")
    for _ in range(2):
        await open_pasted(
            program,
            TRACE,
            user="U0PRIYA",
            channel=("C0CHECKOUT", "checkout"),
            reply_to="http://127.0.0.1:1",
            request=job,
        )
    (opened,) = await program.incidents.recent()
    assert (opened.service, opened.title, opened.issue_ids) == ("checkout", "E: x", ())
    await investigate(without_github(program), opened.id, 1)
    parents, replies = said(listening.slack, opened.id)
    assert "E: x" in parents[0]["text"]
    assert f"{opened.id}:report:1" in replies


async def test_the_shortcut_says_when_there_is_nothing_to_investigate(listening: World) -> None:
    await shortcut(listening, "lunch? https://example.com/issues/12/")
    assert "neither a link to a Sentry issue nor a stack trace" in await answered(listening)
    assert jobs(listening) == []


async def test_a_link_to_a_known_issue_is_unfurled_with_its_state(
    listening: World, incident: Incident, program: Program
) -> None:
    address = f"https://sentry.example/organizations/acme/issues/{listening.issue_id}/"
    others = "https://sentry.example/organizations/acme/issues/1/ https://evil.example/issues/1/"
    message = await listening.slack.acts.say(f"this? {address} {others}", channel=CHANNEL, user="marco")
    await listening.slack.until(lambda: bool(message.unfurls), timeout=10)
    assert list(message.unfurls) == [address], "links of issues without an incident stay plain"
    assert "*#1*" in str(message.unfurls)


async def test_home_shows_what_is_open_mine_and_muted(listening: World, program: Program) -> None:
    opened = await open_incident(program, listening.demo.crash)
    await program.incidents.update(opened.id, lambda it: it.model_copy(update={"assigned_to": "U0PRIYA"}))
    await command(listening, "mute checkout 2h")
    await listening.slack.acts.open_home(user="priya")
    await listening.slack.until(lambda: "U0PRIYA" in listening.slack.workspace.homes, timeout=10)
    shown = words(listening.slack.workspace.homes["U0PRIYA"])
    for what in ("Open incidents", f"#{opened.id}", "Mine", "Muted", "How I am doing"):
        assert what in shown, what
    assert "/archives/" not in shown, "nothing was posted of it yet"


async def test_home_leads_to_the_thread_of_each_incident(listening: World, program: Program) -> None:
    opened = await open_incident(program, listening.demo.crash)
    posted = await listening.slack.acts.say("the parent", channel=CHANNEL, user="marco")
    parent = ParentMessage(channel=posted.channel, ts=posted.ts)
    await program.incidents.update(opened.id, lambda it: it.model_copy(update={"parent": parent}))
    for _ in range(2):
        await publish(program, "U0PRIYA", datetime.now(UTC))
    shown = words(listening.slack.workspace.homes["U0PRIYA"])
    assert f"/archives/{posted.channel}/p{posted.ts.replace('.', '')}|#{opened.id}>" in shown
    assert listening.slack.call_counts["chat.getPermalink"] == 1, "a known address is asked for again"


async def test_an_empty_home_says_how_to_begin(listening: World) -> None:
    await listening.slack.acts.open_home(user="sam")
    await listening.slack.until(lambda: "U0SAM" in listening.slack.workspace.homes, timeout=10)
    shown = words(listening.slack.workspace.homes["U0SAM"])
    assert "No open incidents" in shown
    assert "I know of no service of yours" in shown, "with what to do about it"


async def test_home_knows_whose_the_services_and_the_code_are(listening: World, program: Program) -> None:
    ours = program.catalog.services[0].model_copy(update={"owners": ("marco@acme.example", "@platform")})
    people = {"octocat": "U0SAM"}
    knowing = replace(
        program, catalog=program.catalog.model_copy(update={"services": (ours,), "people": people})
    )
    opened = await open_incident(program, listening.demo.crash)
    ownership = Ownership(path="a.py", owners=("@octocat", "@stranger"), file="CODEOWNERS")
    await program.incidents.save_findings(opened.id, 1, Findings(code=CodeEvidence(ownership=ownership)))
    for user in ("U0MARCO", "U0AIKO", "U0SAM", "U0PRIYA"):
        await publish(knowing, user, datetime.now(UTC))
    shown = {user: words(listening.slack.workspace.homes[user]) for user in listening.slack.workspace.homes}
    assert "checkout: 1 open incident" in shown["U0MARCO"].replace("*", ""), "by e-mail address"
    assert "checkout: 1 open incident" in shown["U0AIKO"].replace("*", ""), "by user group"
    assert "you own this code" in shown["U0SAM"], "by CODEOWNERS and people:"
    assert "I know of no service of yours" in shown["U0PRIYA"]
