"""The demo's first scenario: a deploy breaks the checkout, and its pull request is found and reverted."""

from __future__ import annotations

from bot.demo.play import Play, Scenario, until
from bot.demo.stage import CHANNEL, Stage, StepFailed

_INVITATION = """\
Click Open fix PR, Expand or Re-run there, or type in its message box:
  /pilot status
  /pilot investigate CHECKOUT-3J      (an error that is no commit's fault)"""


async def _play(scene: Stage, play: Play, as_a_person: bool) -> None:
    await _alert(scene, play)
    await _watch_thread(scene, play)
    await _ask_status(scene, play)
    if as_a_person:
        await _open_fix(scene, play)


async def _alert(scene: Stage, play: Play) -> None:
    async with play.step("Sentry's webhooks are accepted"):
        await scene.alert(scene.incident.issue, scene.incident.event)


async def _watch_thread(scene: Stage, play: Play) -> None:
    slack = scene.slack
    async with play.step("the parent message is posted"):
        await until(scene, lambda: bool(slack.messages(CHANNEL)), "no message in the channel")
        play.parent = slack.messages(CHANNEL)[0]
        play.channel = slack.workspace.channel(CHANNEL).id
    async with play.step("the report is in the thread"):
        ts = str(play.parent["ts"])
        await until(scene, lambda: bool(slack.thread(CHANNEL, ts)), "nothing in the thread")
    async with play.step("the parent names the pull request that did it"):
        culprit = f"#{scene.service.culprit_pull_request}"
        await until(
            scene, lambda: culprit in str(slack.messages(CHANNEL)[0]), f"no {culprit} in the parent message"
        )
    async with play.step("the analysis of a scripted model is in the thread"):
        await until(scene, lambda: "AI analysis of" in _said(scene, ts), "no analysis in the thread")
    async with play.step("its change of code was checked, and is suggested"):
        await until(scene, lambda: "Suggested fix for" in _said(scene, ts), "no suggested fix in the thread")
    play.parent = slack.messages(CHANNEL)[0]
    play.thread = slack.thread(CHANNEL, ts)
    if len(slack.messages(CHANNEL)) != 1:
        raise StepFailed(f"one incident has {len(slack.messages(CHANNEL))} parent messages")


def _said(scene: Stage, ts: str) -> str:
    """What the thread says so far, a notification text a line."""
    return "\n".join(str(message["text"]) for message in scene.slack.thread(CHANNEL, ts))


async def _ask_status(scene: Stage, play: Play) -> None:
    async with play.step("/pilot status answers"):
        await scene.slack.slash("/pilot", "status", channel=CHANNEL, user="priya")
        await until(
            scene,
            lambda: f"#{play.incident}" in str(scene.slack.ephemerals("priya")),
            "no answer with the incident",
        )


async def _open_fix(scene: Stage, play: Play) -> None:
    slack, ts = scene.slack, str(play.parent["ts"])
    async with play.step("Open fix PR shows the revert, and opens it once it is confirmed"):
        await slack.acts.click(CHANNEL, ts, "pilot_fix", user="priya")
        await until(scene, lambda: _dialog(scene, "diff --git") is not None, "no diff in the dialog")
        dialog = _dialog(scene, "diff --git")
        await slack.acts.submit(dialog or "", {}, user="priya")
        await until(scene, lambda: "View PR #" in str(slack.messages(CHANNEL)[0]), "no pull request")
        for view in list(slack.workspace.views):
            await slack.acts.close(view, user="priya")
    play.parent = slack.messages(CHANNEL)[0]
    play.thread = slack.thread(CHANNEL, ts)


def _dialog(scene: Stage, words: str) -> str | None:
    """The id of the open dialog that says this."""
    views = scene.slack.workspace.views.values()
    return next((opened.id for opened in views if words in str(opened.view)), None)


BAD_DEPLOY = Scenario("bad-deploy", "a deploy breaks one service", _play, _INVITATION)
