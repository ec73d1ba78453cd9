"""Whatever others write stays text in all that is posted: no mention, no link, nothing carried out."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from investigator.changes import changes
from investigator.classic_blocks import to_classic
from investigator.models.incident import Findings
from investigator.models.message import Message
from investigator.rendering import Renderer
from investigator.report import build_report
from tests.fixtures import findings as made
from tests.fixtures.foreign_text import PLACES, incident_of, planted
from tests.fixtures.slack_checker import check, strings
from tests.investigator.injection.attacks import ATTACKS, CANARY, EVIL, Attack

HOSTS = {"github.com", "acme.sentry.io"}
ACTIONS = {
    "pilot_expand",
    "pilot_rerun",
    "pilot_analyse",
    "pilot_resolve",
    "pilot_more",
    "pilot_link_sentry",
} | {f"pilot_feedback_{side}" for side in ("positive", "negative")}
BLOCKS = {"header", "section", "context", "actions", "context_actions", "plan", "rich_text", "divider"}
ANGLES = re.compile(r"<([^<>]*)>")


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def test_there_are_attacks_of_every_kind() -> None:
    assert len({attack.text for attack in ATTACKS}) >= 60


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_is_posted_as_text_or_not_at_all(renderer: Renderer, attack: Attack, place: str) -> None:
    for message in posted(renderer, planted(place, attack.text), attack.text):
        check(message)
        judge(message)
        judge(to_classic(message, ""))


@pytest.mark.parametrize(
    "markup",
    [
        "<!channel>",
        "<@U0123ABCD>",
        f"<https://{EVIL}/|github.com>",
        f"<https://github.com@{EVIL}/|github.com>",
    ],
)
def test_the_judge_of_these_tests_sees_what_is_alive(markup: str) -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": markup, "verbatim": True}}
    with pytest.raises(AssertionError, match=r"a live mention|a link to"):
        judge(Message(text="x", blocks=(section,)))


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_what_a_person_types_is_answered_as_text(renderer: Renderer, attack: Attack) -> None:
    said = attack.text
    incident = made.incident(title=said, runs=(made.run(verdict=said),))
    answers: tuple[tuple[str, dict[str, Any]], ...] = (
        ("usage", {"verb": None, "verbs": (), "why": said, "near": None}),
        ("not_found", {"reference": said, "why": said}),
        ("problem", {"why": said}),
        ("delayed", {"reference": said, "why": said}),
        ("failure", {"incident": incident, "why": said}),
        ("accepted", {"incident": incident}),
        ("accepted", {"incident": None, "reference": said}),
        ("ops_notice", {"incident": incident, "channel": "#inc-checkout", "code": said, "remedy": said}),
        ("status", {"incidents": [incident], "now": made.minutes(9)}),
    )
    for name, context in answers:
        message = renderer.render(name, **context)
        check(message)
        judge(message)


def posted(renderer: Renderer, found: Findings, text: str) -> Iterator[Message]:
    """Every message of an incident's life."""
    incident = incident_of(found, text)
    report = build_report(found, service=made.CHECKOUT, opened_at=made.OPENED)
    before = build_report(Findings(), service=made.CHECKOUT, opened_at=made.OPENED)
    context: dict[str, Any] = {"incident": incident, "service": made.CHECKOUT, "report": report}
    yield renderer.render("parent_investigating", **context)
    yield renderer.render("parent", **context)
    yield renderer.render("parent", **{**context, "report": None})
    yield renderer.render("report", **context)
    yield renderer.render("expand", part="all", **context)
    yield renderer.render("expand", part="frames", **context)
    difference = changes(made.run(1, suspect=None), made.run(2), before=before, after=report)
    yield renderer.render("rerun", changes=difference, **context)
    yield renderer.render("status", incidents=[incident], now=made.minutes(9))


def judge(message: Message) -> None:
    """Fails when anything of the message is alive that is not ours."""
    for text in mrkdwn(message):
        for inside in ANGLES.findall(text):
            assert not inside.startswith(("@", "!", "#")), f"a live mention: <{inside}>"
            host = urlsplit(html.unescape(inside.partition("|")[0])).hostname
            assert host in HOSTS, f"a link to {host}: <{inside}>"
    for block in message.blocks:
        assert block["type"] in BLOCKS, f"a block of theirs: {block['type']}"
        for button in block.get("elements", ()) if block["type"] == "actions" else ():
            assert button["action_id"] in ACTIONS, f"a button of theirs: {button['action_id']}"
            assert urlsplit(button.get("url", "https://github.com")).hostname in HOSTS, button
    shown = json.dumps([message.text, *message.blocks], ensure_ascii=False)
    assert "49049" not in shown, "an expression was evaluated"
    assert CANARY + CANARY not in shown, "a statement was carried out"


def mrkdwn(message: Message) -> Iterator[str]:
    yield message.text
    for block in message.blocks:
        yield from (text for text in strings(block) if block["type"] not in {"rich_text", "header"})
