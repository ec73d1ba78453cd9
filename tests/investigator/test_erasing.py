"""What we posted leaves Slack when somebody asks; what people wrote stays, and what stays is said."""

from __future__ import annotations

from typing import Any

from investigator.erasing import erase_thread
from investigator.models.incident import ParentMessage
from investigator.slack import Slack
from sandbox.slack import SlackSandbox

CHANNEL = "#incidents"


async def thread_of(slack: Slack, sandbox: SlackSandbox) -> ParentMessage:
    """A parent, a report that shows a picture, a shared file, and a person's reply."""
    parent = await slack.call("chat.postMessage", channel=CHANNEL, text="parent")
    at = ParentMessage(channel=parent["channel"], ts=parent["ts"])
    await slack.call("conversations.join", channel=at.channel)
    picture = await slack.upload("cascade.png", b"png", title="cascade", alt_text="a cascade")
    image: dict[str, Any] = {"type": "image", "slack_file": {"id": picture}, "alt_text": "a cascade"}
    report = {"channel": at.channel, "thread_ts": at.ts, "text": "report", "blocks": [image]}
    await slack.call("chat.postMessage", **report)
    await slack.upload("postmortem.md", b"# what happened", title="postmortem", share=at)
    await sandbox.acts.say("it was Ada", channel=CHANNEL, user="priya", thread_ts=at.ts)
    return at


def said(sandbox: SlackSandbox) -> list[str]:
    channel = sandbox.workspace.channel(CHANNEL)
    return [message.text for message in sandbox.workspace.visible(channel)]


async def test_our_messages_and_files_go_and_those_of_people_stay(
    slack: Slack, slack_sandbox: SlackSandbox
) -> None:
    at = await thread_of(slack, slack_sandbox)
    done = await erase_thread(slack, at)
    assert (done.messages, done.files, done.of_others, done.failed) == (3, 2, 1, [])
    assert said(slack_sandbox) == ["it was Ada"]
    assert not slack_sandbox.workspace.files


async def test_what_could_not_be_deleted_is_named_and_goes_at_the_next_try(
    slack: Slack, slack_sandbox: SlackSandbox
) -> None:
    at = await thread_of(slack, slack_sandbox)
    slack_sandbox.faults.add("/api/files.delete", status=503, times=1)
    slack_sandbox.faults.add(
        "/api/chat.delete", status=200, body=b'{"ok": false, "error": "cant_delete_message"}', times=1
    )
    done = await erase_thread(slack, at)
    assert (done.messages, done.files, len(done.failed)) == (2, 1, 2)
    assert "cant_delete_message" in done.failed[1]


async def test_erasing_twice_is_no_failure(slack: Slack, slack_sandbox: SlackSandbox) -> None:
    at = await thread_of(slack, slack_sandbox)
    await erase_thread(slack, at)
    assert (await erase_thread(slack, at)).failed == []
