"""Make a modal or a home tab fit Slack's limits. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from investigator.block_limits import fit
from investigator.clipping import clip_lines
from investigator.models.message import Message

BLOCKS = 100
TITLE = 24
METADATA = 3_000


def fit_view(about: dict[str, Any], blocks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A view for `views.*`; `about` is its type, callback_id, title, submit and private_metadata."""
    # Inputs are made within their limits; what a message may hold is fitted as in a message.
    fitted = [kept for block in blocks for kept in _fitted(block)][:BLOCKS]
    view: dict[str, Any] = {"type": about["type"], "blocks": fitted}
    if about["callback_id"]:
        view["callback_id"] = about["callback_id"]
    if about["private_metadata"]:
        view["private_metadata"] = about["private_metadata"][:METADATA]
    if about["type"] == "home":
        return view
    view |= {"title": _plain(about["title"]), "close": _plain("Close")}
    return view | ({"submit": _plain(about["submit"])} if about["submit"] else {})


def _fitted(block: dict[str, Any]) -> Sequence[dict[str, Any]]:
    return (block,) if block["type"] == "input" else fit(Message(text="…", blocks=(block,)), "").blocks


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": clip_lines(text, TITLE).text, "emoji": False}
