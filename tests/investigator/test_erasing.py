"""What we posted leaves Slack when somebody asks; what people wrote stays, and what stays is said."""

from __future__ import annotations

from typing import Any

from investigator.erasing import ANNOUNCES_CANVAS, erase_channel, erase_thread
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
    report: dict[str, Any] = {"channel": at.channel, "thread_ts": at.ts, "text": "report", "blocks": [image]}
    await slack.call("chat.postMessage", **report)
    await slack.upload("postmortem.md", b"# what happened", title="postmortem", share=at)
    await sandbox.acts.say("it was Ada", channel=CHANNEL, user="priya", thread_ts=at.ts)
    return at


def said(sandbox: SlackSandbox, where: str = CHANNEL) -> list[str]:
    channel = sandbox.workspace.channel(where)
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
    assert (done.messages, done.files, len(done.failed)) == (0, 1, 2)
    assert "cant_delete_message" in done.failed[1]
    again = await erase_thread(slack, at)
    assert again.failed == []
    assert said(slack_sandbox) == ["it was Ada"]
    assert not slack_sandbox.workspace.files, "what led to it was gone, and nobody found it again"


async def test_erasing_twice_is_no_failure(slack: Slack, slack_sandbox: SlackSandbox) -> None:
    at = await thread_of(slack, slack_sandbox)
    await erase_thread(slack, at)
    assert (await erase_thread(slack, at)).failed == []


async def canvas_in(slack: Slack, sandbox: SlackSandbox, channel: str, key: str) -> str:
    """A canvas, and a message of ours with this key that links to it."""
    content = {"type": "markdown", "markdown": "# what happened"}
    made = await slack.call("canvases.create", title="Postmortem", document_content=content)
    canvas = str(made["canvas_id"])
    link = {"type": "mrkdwn", "text": f"<{sandbox.url}/docs/T0ACME/{canvas}|Postmortem>"}
    metadata = {"event_type": "incident_pilot", "event_payload": {"key": key}}
    blocks = [{"type": "section", "text": link}]
    await slack.call("chat.postMessage", channel=channel, text=key, blocks=blocks, metadata=metadata)
    return canvas


async def own_channel(slack: Slack, sandbox: SlackSandbox) -> str:
    """With a topic, a message of ours, a thread of both, and a person's message."""
    made = await slack.call("conversations.create", name="inc-42")
    channel = str(made["channel"]["id"])
    await slack.call("conversations.setTopic", channel=channel, topic="ZeroDivisionError in checkout")
    await slack.call("conversations.invite", channel=channel, users="U0PRIYA")
    welcome = await slack.call("chat.postMessage", channel=channel, text="welcome")
    await slack.call("chat.postMessage", channel=channel, thread_ts=welcome["ts"], text="an answer")
    await sandbox.acts.say("on it", channel="#inc-42", user="priya")
    return channel


async def test_the_incidents_own_channel_is_emptied_and_archived(
    slack: Slack, slack_sandbox: SlackSandbox
) -> None:
    channel = await own_channel(slack, slack_sandbox)
    done = await erase_channel(slack, channel)
    assert (done.messages, done.of_others, done.archived, done.failed) == (2, 1, True, [])
    assert said(slack_sandbox, channel) == ["on it"]
    there = slack_sandbox.workspace.channel(channel)
    assert (there.topic, there.is_archived) == ("", True)
    assert (await erase_channel(slack, channel)).failed == [], "erasing twice is no failure"


async def test_a_channel_with_something_of_ours_left_stays_open_for_the_next_try(
    slack: Slack, slack_sandbox: SlackSandbox
) -> None:
    channel = await own_channel(slack, slack_sandbox)
    slack_sandbox.faults.add(
        "/api/chat.delete", status=200, body=b'{"ok": false, "error": "cant_delete_message"}', times=1
    )
    done = await erase_channel(slack, channel)
    assert (done.archived, len(done.failed)) == (False, 1)
    assert not slack_sandbox.workspace.channel(channel).is_archived
    assert (await erase_channel(slack, channel)).archived


async def test_our_canvases_go_and_those_that_a_text_links_to_stay(
    slack: Slack, slack_sandbox: SlackSandbox
) -> None:
    channel = await own_channel(slack, slack_sandbox)
    ours = await canvas_in(slack, slack_sandbox, channel, f"42:document:x{ANNOUNCES_CANVAS}")
    theirs = await canvas_in(slack, slack_sandbox, channel, "42:report:1")
    done = await erase_channel(slack, channel)
    assert (done.canvases, done.failed) == (1, [])
    assert ours not in slack_sandbox.workspace.files
    assert theirs in slack_sandbox.workspace.files, "a link in somebody's error deleted somebody's canvas"


async def test_a_canvas_that_stays_is_named_and_its_message_stays_with_it(
    slack: Slack, slack_sandbox: SlackSandbox
) -> None:
    channel = await own_channel(slack, slack_sandbox)
    canvas = await canvas_in(slack, slack_sandbox, channel, f"42:document:x{ANNOUNCES_CANVAS}")
    refusal = b'{"ok": false, "error": "canvas_deleting_disabled"}'
    slack_sandbox.faults.add("/api/canvases.delete", status=200, body=refusal, times=1)
    done = await erase_channel(slack, channel)
    assert [line.split(":")[0] for line in done.failed] == [canvas]
    assert (await erase_channel(slack, channel)).canvases == 1
