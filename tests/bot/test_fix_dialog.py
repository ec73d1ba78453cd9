"""*Open fix PR*, from the click to the confirmation: nothing is written before a person confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.exceptions import TimeoutError as RedisTimeout
from rq.job import Job
from rq.serializers import JSONSerializer

from bot.web import application
from investigator.fixes.opening import open_fix
from investigator.fixes.preparing import prepare
from investigator.github.client import GitHub
from investigator.github.credentials import App, Credentials, Role
from investigator.investigation import latest_report, show_verdict
from investigator.models.fix import FixRequest
from investigator.queue import Jobs
from investigator.store import connect_sync
from sandbox.serving import serve
from tests.fixtures.fixing import Fixing, fixing
from tests.fixtures.talking import jobs

__all__ = ["fixing"]


@pytest.fixture
async def clicking(fixing: Fixing) -> AsyncIterator[Fixing]:
    """The bot's web application is known to Slack, and the parent shows the verdict."""
    program = fixing.program
    await show_verdict(program, fixing.incident, await latest_report(program, fixing.incident))
    async with application(program) as app, serve(app) as url:
        fixing.world.slack.bot_url = f"{url}/slack/events"
        yield fixing


def dialog(fixing: Fixing) -> Any:
    (opened,) = fixing.world.slack.workspace.views.values()
    return opened


async def enqueued(fixing: Fixing, what: str) -> None:
    for _ in range(500):
        if any(job.startswith(what) for job in jobs(fixing.world)):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"no job {what}")


async def click(fixing: Fixing, user: str = "priya") -> Any:
    slack = fixing.world.slack
    (parent,) = slack.messages("#checkout")
    await slack.acts.click("#checkout", parent["ts"], "pilot_fix", user=user)
    await slack.until(lambda: bool(slack.workspace.views), timeout=10)
    await enqueued(fixing, "prepare-fix")
    return dialog(fixing)


async def prepared(fixing: Fixing, user: str, slug: str = "") -> str:
    opened = await click(fixing, user)
    await prepare(fixing.program, fixing.incident.id, opened.user, opened.id, slug)
    return str(dialog(fixing).view)


def confirmed(fixing: Fixing) -> FixRequest:
    """What the job that waits would open."""
    (name,) = [job for job in jobs(fixing.world) if job.startswith("open-fix")]
    assert fixing.world.settings.redis_url
    with connect_sync(fixing.world.settings.redis_url) as connection:
        job = Job.fetch(name, connection=connection, serializer=JSONSerializer)
    return FixRequest.model_validate(job.args[0])


async def test_a_confirmation_is_acknowledged_while_the_store_hangs_and_then_told_that_it_failed(
    clicking: Fixing, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(_jobs: Jobs, _request: FixRequest) -> bool:
        await asyncio.sleep(0.5)
        raise RedisTimeout("no answer")

    monkeypatch.setattr(Jobs, "open_fix", hang)
    monkeypatch.setattr("bot.listeners.fixes.HANDED_OVER_SECONDS", 0.01)
    await prepared(clicking, "priya")
    opened, slack = dialog(clicking), clicking.world.slack
    reply = await slack.acts.submit(opened.id, {}, user=opened.user)
    assert "Opening it" in reply.body, "acknowledged without waiting for the store"
    await slack.until(lambda: "store does not answer" in str(dialog(clicking).view), timeout=10)


async def test_the_dialog_shows_the_diff_and_the_confirmation_opens_it(clicking: Fixing) -> None:
    shown = await prepared(clicking, "priya")
    proposal = await clicking.proposal()
    assert proposal.commit
    assert proposal.commit[:7] in shown
    assert "diff --git a/" in shown, "the diff is not shown"
    assert "@acme/checkout" in shown, "owners are not offered as reviewers"
    assert clicking.pulls == [], "written before it was confirmed"
    await clicking.world.slack.acts.submit(dialog(clicking).id, {}, user="priya")
    request = confirmed(clicking)
    assert (request.slug, request.digest, request.draft) == (proposal.slug, proposal.digest, True)
    assert request.reviewers == ("@acme/checkout", "@priya")
    await open_fix(clicking.program, request, last_try=True)
    (pull,) = clicking.pulls
    assert pull.title.startswith(f"Revert {proposal.commit[:7]}")
    assert "No test was run" in pull.body


async def test_who_may_not_is_told_whom_to_ask(clicking: Fixing) -> None:
    shown = await prepared(clicking, "sam")
    assert "only people in @checkout-oncall may open pull requests" in shown
    assert "submit" not in dialog(clicking).view


async def test_a_second_confirmation_is_told_that_the_first_is_under_way(clicking: Fixing) -> None:
    await prepared(clicking, "priya")
    slack = clicking.world.slack
    first = dialog(clicking)
    await slack.acts.submit(first.id, {}, user="priya")
    assert "Opening it" in str(dialog(clicking).view)
    await slack.acts.close(first.id, user="priya")
    await prepared(clicking, "priya")
    await slack.acts.submit(dialog(clicking).id, {}, user="priya")
    assert "is being opened already" in str(dialog(clicking).view)
    assert len([job for job in jobs(clicking.world) if job.startswith("open-fix")]) == 1


async def test_words_of_a_person_become_title_and_text(clicking: Fixing) -> None:
    await prepared(clicking, "priya")
    entered: dict[str, Any] = {"title": {"title": "Undo\nit <now>"}, "body": {"body": "Mine"}}
    entered["draft"] = {"draft": []}
    await clicking.world.slack.acts.submit(dialog(clicking).id, entered, user="priya")
    request = confirmed(clicking)
    assert (request.title, request.body, request.draft) == ("Undo it <now>", "Mine", False)


async def test_without_a_credential_that_may_write_the_diff_is_shown_and_what_to_configure(
    clicking: Fixing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GitHub, "may_write", lambda self, name: False)
    shown = await prepared(clicking, "priya")
    assert "role: writer" in shown, "nobody is told what to configure"
    assert "diff --git a/" in shown
    assert "submit" not in dialog(clicking).view


def test_an_app_for_reading_may_not_write() -> None:
    cases: tuple[tuple[Role | None, bool], ...] = (("reader", False), ("writer", True), (None, True))
    for role, may in cases:
        github = GitHub("http://127.0.0.1:9", Credentials(apps=[App(1, "a key", role=role)]))
        assert github.may_write("acme/checkout") is may, f"an App with role {role}"
        github.close()
