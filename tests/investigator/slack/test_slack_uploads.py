"""A file reaches Slack in its three steps, and what can go wrong has a name."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from investigator.errors import OutsideCallFailed
from investigator.models.message import Message
from investigator.slack import Slack, SlackRefused
from investigator.thread import Thread
from sandbox.slack import SlackSandbox

PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 64


async def test_a_picture_is_shown_by_a_message_that_names_it(
    slack: Slack, slack_sandbox: SlackSandbox, store: Redis
) -> None:
    file = await slack.upload("timeline.png", PICTURE, title="Timeline", alt_text="two bars")
    assert slack_sandbox.workspace.files[file].content == PICTURE
    blocks = ({"type": "image", "slack_file": {"id": file}, "alt_text": "two bars"},)
    at = await Thread(slack, store).say(
        "1:picture", Message(text="two bars", blocks=blocks), incident="1", channel="#incidents"
    )
    assert at.ts


async def test_an_empty_file_is_refused_in_slacks_words(slack: Slack) -> None:
    with pytest.raises(SlackRefused, match="invalid_arguments"):
        await slack.upload("empty.png", b"", title="Empty")


async def test_a_slack_that_is_away_is_an_outside_failure(slack: Slack, slack_sandbox: SlackSandbox) -> None:
    slack_sandbox.faults.add("/api/files.completeUploadExternal", status=503)
    with pytest.raises(OutsideCallFailed, match="HTTP 503"):
        await slack.upload("timeline.png", PICTURE, title="Timeline")
