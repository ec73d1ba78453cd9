"""How long an answer of GitHub's stays true, and under which name it is found again. Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Literal

from investigator.github import wire

Subject = Literal["head", "pulls"]
"""What a webhook tells of: branches, tags, deployments and releases; or pull requests."""
SUBJECTS: tuple[Subject, ...] = ("head", "pulls")

Kind = Literal["immutable", "immutable_if_found", "head", "window"]

DAY = 24 * 3600
FULL_SHA = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Keep:
    """For how many seconds, and which webhooks end it earlier."""

    seconds: int
    until: Subject | None = None


FOR_GOOD = Keep(30 * DAY)
CLOSED = Keep(DAY)  # pull requests are seldom renamed once they are closed
SOON = Keep(30, "head")
OPEN = Keep(300, "pulls")
TURN_SECONDS = 40 * DAY  # longer than any entry lives
REVALIDATED = DAY  # seconds for which an answer is kept to be confirmed by its ETag


def lasting(kind: Kind, value: Any) -> Keep:
    """What is said of a full SHA holds for ever, if the SHA is there; what is said of a name holds shortly.

    `immutable` is for SHAs that are known to be there, so that a path missing from them is missing for good.
    `window` is commits with their pull requests, which change until they are closed.
    """
    if kind == "head" or (kind == "immutable_if_found" and value is None):
        return SOON
    if kind == "window":
        if value is None:
            return SOON
        window = wire.read(wire.CommitWindow.model_validate, value)
        return OPEN if any(_has_open_pull(node) for node in window.history.present) else CLOSED
    return FOR_GOOD


def of_revision(expression: str) -> Kind:
    """The kind of what is asked by a SHA, tag or branch (also as `REVISION:path`)."""
    return "immutable_if_found" if is_full_sha(expression.partition(":")[0]) else "head"


def is_full_sha(text: str) -> bool:
    return FULL_SHA.fullmatch(text) is not None


def digest(*what: str) -> str:
    """A short name for a question: its words and the text it is asked with, so that new text asks anew."""
    return hashlib.sha256("\0".join(what).encode()).hexdigest()[:32]


def fingerprint(secret: str) -> str:
    """Names a token in metrics and in the store without telling anything of it."""
    return hashlib.sha256(secret.encode()).hexdigest()[:8]


def _has_open_pull(node: wire.CommitNode) -> bool:
    pulls = node.associated_pull_requests.present if node.associated_pull_requests else ()
    return any(pull.state == "OPEN" for pull in pulls)
