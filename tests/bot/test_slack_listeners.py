"""Slack's requests through the real application: acknowledged first, carried out once, always answered."""

from __future__ import annotations

import json
import time

import aiohttp
import pytest
from slack_sdk.signature import SignatureVerifier

from bot.listeners.app import slack_app
from bot.web import application
from investigator.composition import Program, compose
from investigator.investigation import investigate
from investigator.models.incident import Incident
from sandbox.serving import serve
from tests.fixtures.playing import CHANNEL, World, key_of, open_incident, without_github
from tests.fixtures.talking import command, jobs, read

ACK_SECONDS = 3.0


async def test_help_names_every_verb(listening: World) -> None:
    for text in ("help", "", "  HELP "):
        answer = await command(listening, text)
        for verb in ("investigate", "rerun", "expand", "status", "help"):
            assert f"/pilot {verb}" in answer, f"/pilot {text!r} explains {verb}"


async def test_status_lists_what_is_open(listening: World, program: Program) -> None:
    assert "No open incidents" in await command(listening, "status")
    incident = await open_incident(program, listening.demo.crash)
    settled = await open_incident(program, listening.demo.outage)
    await program.incidents.update(settled.id, lambda it: it.model_copy(update={"status": "resolved"}))
    answer = await command(listening, "status")
    assert f"#{incident.id}" in answer
    assert f"#{settled.id} " not in answer, "what is resolved is not listed"
    for _ in range(30):
        await open_incident(program, listening.demo.crash)
    answer = await command(listening, "status")
    assert "31 open incidents" in answer, "all of them are counted"
    assert "11 older ones are open too" in answer


async def test_a_typing_error_is_met_with_the_nearest_verb(listening: World) -> None:
    answer = await command(listening, "investgate 4711")
    assert "no command “investgate”" in answer
    assert "Did you mean `/pilot investigate" in answer
    assert "/pilot help" in await command(listening, "<!channel> *x*")
    assert jobs(listening) == []


@pytest.mark.parametrize("text", ["investigate what is this", "investigate #1", "investigate http://x"])
async def test_rubbish_to_investigate_is_explained(listening: World, text: str) -> None:
    answer = await command(listening, text)
    assert "That did not work" in answer
    assert "issue id | short id | Sentry URL" in answer, "it says how it is used"
    assert jobs(listening) == [], "and nothing is started"


@pytest.mark.parametrize(
    "reference", ["{id}", "{short}", "<https://sentry.example/organizations/acme/issues/{id}/?x=1>"]
)
async def test_an_issue_is_investigated_by_one_job(listening: World, reference: str) -> None:
    issue = listening.demo.crash.issue
    reference = reference.format(id=issue["id"], short=str(issue["shortId"]).lower())
    answer = await command(listening, f"investigate {reference}")
    assert "Investigating" in answer
    assert len(jobs(listening)) == 1, "one command is one job"
    assert jobs(listening)[0].startswith("open-")


async def test_rerun_and_expand_take_a_number_or_the_channels_newest_incident(
    listening: World, incident: Incident, program: Program
) -> None:
    assert "Investigating #1 again" in await command(listening, "rerun")
    assert "Already investigating #1" in await command(listening, "rerun #1")
    assert jobs(listening) == ["investigate-1-2"]
    assert "The frames of #1" in await command(listening, "expand frames")
    assert "All of the evidence of #1" in await command(listening, "expand 1")
    assert jobs(listening) == ["expand-1-all", "expand-1-frames", "investigate-1-2"]
    assert "no incident #99" in await command(listening, "rerun #99")
    assert "not the number of an incident" in await command(listening, "rerun the last one")
    assert "no open incident in this channel" in await command(listening, "expand", channel="#random")
    running = await open_incident(program, listening.demo.outage)
    assert "still being investigated" in await command(listening, f"expand #{running.id}")


@pytest.mark.parametrize(
    ("button", "job"), [("pilot_rerun", "investigate-1-2"), ("pilot_expand", "expand-1-all")]
)
async def test_a_button_clicked_twice_is_one_job(
    listening: World, incident: Incident, button: str, job: str
) -> None:
    assert incident.parent
    for _ in range(2):
        assert (await listening.slack.click(CHANNEL, incident.parent.ts, button)).ok
    await listening.slack.until(lambda: len(listening.slack.ephemerals("priya")) == 2, timeout=10)
    assert jobs(listening) == [job]


async def test_buttons_that_open_an_address_are_acknowledged(listening: World, incident: Incident) -> None:
    assert incident.parent
    assert (await listening.slack.click(CHANNEL, incident.parent.ts, "pilot_link_sentry")).ok


async def test_a_mention_in_the_thread_means_its_incident(
    listening: World, incident: Incident, program: Program
) -> None:
    assert incident.parent
    ts = incident.parent.ts
    other = await open_incident(program, listening.demo.outage)
    await investigate(without_github(program), other.id, 1)
    before = len(listening.slack.thread(CHANNEL, ts))
    await listening.slack.mention("@pilot  rerun", channel=CHANNEL, thread_ts=ts)
    await listening.slack.until(lambda: len(listening.slack.thread(CHANNEL, ts)) == before + 2, timeout=10)
    assert "Investigating #1 again" in read(listening.slack.thread(CHANNEL, ts)[-1])
    assert jobs(listening) == ["investigate-1-2"]


async def test_a_mention_in_the_channel_is_answered_below_it(listening: World, incident: Incident) -> None:
    await listening.slack.mention("@pilot status", channel=CHANNEL)
    asked = listening.slack.messages(CHANNEL)[-1]
    await listening.slack.until(lambda: bool(listening.slack.thread(CHANNEL, asked["ts"])), timeout=10)
    assert "1 open incident" in read(listening.slack.thread(CHANNEL, asked["ts"])[0])


async def deliver(world: World, event_id: str, **event: str) -> None:
    """An event as Slack signs and sends it."""
    body = json.dumps(
        {
            "type": "event_callback",
            "team_id": "T0ACME",
            "event_id": event_id,
            "event": {"type": "app_mention", "channel": "C0CHECKOUT", "ts": "1.1", **event},
        }
    )
    at = str(int(time.time()))
    signature = SignatureVerifier("signing").generate_signature(timestamp=at, body=body)
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": at,
        "X-Slack-Signature": str(signature),
    }
    assert world.slack.bot_url
    async with (
        aiohttp.ClientSession() as session,
        session.post(world.slack.bot_url, data=body, headers=headers) as answer,
    ):
        assert answer.status == 200, await answer.text()


async def test_a_mention_delivered_again_is_carried_out_and_answered_once(
    listening: World, incident: Incident, program: Program
) -> None:
    assert incident.parent
    parent = incident.parent.ts
    mention = {"user": "U0PRIYA", "text": "<@U0PILOT> rerun", "thread_ts": parent}

    def answers(event_id: str) -> int:
        return [key_of(it) for it in listening.slack.thread(CHANNEL, parent)].count(f"mention:{event_id}")

    await deliver(listening, "Ev1", **mention)
    await listening.slack.until(lambda: answers("Ev1") == 1, timeout=10)
    await investigate(without_github(program), "1", 2)  # long done when Slack delivers the event once more
    await deliver(listening, "Ev1", **mention)
    await deliver(listening, "Ev2", **mention)
    await listening.slack.until(lambda: answers("Ev2") == 1, timeout=10)
    assert answers("Ev1") == 1, "answered once"
    assert len((await program.incidents.get("1")).runs) == 3, "each event asked for one run"


async def test_another_bots_mention_is_not_answered(listening: World) -> None:
    await deliver(listening, "Ev1", bot_id="B0OTHER", user="U0OTHER", text="<@U0PILOT> help")
    assert "/pilot help" in await command(listening, "help")
    assert listening.slack.call_counts["chat.postMessage"] == 0


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b"payload=%7B%7D"])
@pytest.mark.parametrize("headers", [{}, {"X-Slack-Request-Timestamp": "soon", "X-Slack-Signature": "v0=1"}])
async def test_what_is_not_from_slack_is_refused_unread(
    listening: World, body: bytes, headers: dict[str, str]
) -> None:
    assert listening.slack.bot_url
    headers = {"Content-Type": "application/json; charset=nonsense", **headers}
    async with (
        aiohttp.ClientSession() as session,
        session.post(listening.slack.bot_url, data=body, headers=headers) as answer,
    ):
        assert answer.status == 401
        assert "SLACK_SIGNING_SECRET" in (await answer.json())["error"]


async def test_without_the_store_people_are_told_at_once(world: World) -> None:
    settings = world.settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    async with compose(settings) as program, application(program) as app, serve(app) as url:
        world.slack.bot_url = f"{url}/slack/events"
        started = time.monotonic()
        for text in ("status", "rerun #1", f"investigate {world.issue_id}"):
            assert "cannot reach my store" in await command(world, text)
        await world.slack.mention("@pilot status", channel=CHANNEL)
        asked = world.slack.messages(CHANNEL)[0]
        await world.slack.until(lambda: bool(world.slack.thread(CHANNEL, asked["ts"])), timeout=10)
        assert "cannot reach my store" in read(world.slack.thread(CHANNEL, asked["ts"])[0])
        assert time.monotonic() - started < 2 * ACK_SECONDS


async def test_a_start_warns_of_no_token_that_is_ignored(
    program: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    slack_app(program)
    assert caplog.records == []


async def test_requests_are_acknowledged_while_slacks_own_api_hangs(listening: World) -> None:
    listening.slack.faults.add("/api/", hang=True)
    assert "No open incidents" in await command(listening, "status")
