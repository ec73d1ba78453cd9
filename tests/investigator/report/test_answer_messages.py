"""Answers to people: short, and each says what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from investigator.models.incident import ParentMessage
from investigator.plain_text import as_text
from investigator.rendering import Renderer
from tests.fixtures import findings as given
from tests.fixtures.slack_checker import check


@dataclass(frozen=True)
class Verb:
    name: str
    usage: str
    summary: str


VERBS = (
    Verb("investigate", "<issue id | short id>", "investigate a Sentry issue"),
    Verb("status", "", "list the open incidents"),
)
POSTED = given.incident(parent=ParentMessage(channel="C0123456", ts="1.2"))
ANSWERS: dict[str, tuple[str, dict[str, Any], str]] = {
    "help": (
        "help",
        {"verbs": VERBS},
        "`/pilot investigate <issue id | short id>` investigate a Sentry issue",
    ),
    "a near miss": (
        "usage",
        {"verb": None, "verbs": VERBS, "why": "there is no command “statsu”", "near": "status"},
        "Did you mean `/pilot status`, to list the open incidents?",
    ),
    "an unknown verb": (
        "usage",
        {"verb": None, "verbs": VERBS, "why": "there is no command “x”", "near": None},
        "`/pilot help` lists what I know.",
    ),
    "a verb used wrongly": (
        "usage",
        {"verb": VERBS[0], "verbs": VERBS, "why": "name the issue", "near": None},
        "It is used like this: `/pilot investigate <issue id | short id>`",
    ),
    "accepted": ("accepted", {"incident": given.incident()}, "Investigating #42…"),
    "accepted, still unknown": (
        "accepted",
        {"incident": None, "reference": "SHOP-1", "already": False},
        "Investigating `SHOP-1`…",
    ),
    "accepted, under way already": (
        "accepted",
        {"incident": POSTED, "reference": None, "already": True},
        "Already investigating #42…",
    ),
    "expanding": ("expanding", {"incident": POSTED, "part": "frames"}, "The frames of #42"),
    "not found": (
        "not_found",
        {"reference": "SHOP-9", "why": "Sentry knows no such issue"},
        "cannot find `SHOP-9`",
    ),
    "failure": ("failure", {"incident": POSTED, "why": "GitHub: timeout"}, "Re-run tries again"),
    "problem": ("problem", {"why": "no incident #7"}, "no incident #7"),
    "store away": ("store_away", {}, "Try again in a minute"),
    "misrouted": (
        "ops_notice",
        {"incident": POSTED, "channel": "#inc", "code": "not_in_channel", "remedy": "type /invite @pilot"},
        "To change that: type /invite @pilot",
    ),
    "misrouted, cause unknown": (
        "ops_notice",
        {"incident": POSTED, "channel": "C0123456", "code": "is_archived", "remedy": None},
        "Slack says `is_archived`",
    ),
    "no open incidents": ("status", {"incidents": [], "now": given.OPENED}, "No open incidents."),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_says_what_is_the_matter(renderer: Renderer, answer: str) -> None:
    name, context, words = ANSWERS[answer]
    message = renderer.render(name, **context)
    check(message)
    assert words in as_text(message, width=1_000)


def test_the_status_names_each_incident_its_age_and_verdict(renderer: Renderer) -> None:
    waiting = given.incident(id="41", runs=(given.run(state="requested"),))
    failed = given.incident(id="40", runs=(given.run(state="failed", failure="Slack: timeout"),))
    done = given.incident(runs=(given.run(verdict="most likely since PR #142"),))
    message = renderer.render("status", incidents=[done, waiting, failed], now=given.minutes(50))
    check(message)
    text = as_text(message, width=1_000)
    assert message.text == "3 open incidents"
    for piece in (
        "#42",
        "open for 49 minutes",
        "most likely since PR #142",
        "#41",
        "Investigating…",
        "Slack: timeout",
    ):
        assert piece in text, f"the status lacks {piece}"


def test_a_long_status_tells_how_many_it_leaves_out(renderer: Renderer) -> None:
    message = renderer.render("status", incidents=[given.incident()] * 60, now=given.minutes(50))
    check(message)
    assert "40 older ones are open too" in as_text(message)
