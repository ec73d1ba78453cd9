"""A proposal to change code: what the button opens and `pilot fix` prints."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal

from investigator.errors import PilotError
from investigator.models.base import Value

REGULAR, EXECUTABLE = 0o100644, 0o100755
Kind = Literal["revert", "patch"]


class File(Value):
    """A file at one commit.

    `content` None: it was not read (binary, too large, a link or a submodule). `oid` is empty for a file that
    is yet to be written.
    """

    mode: int
    content: bytes | None
    oid: str = ""

    @property
    def text(self) -> str | None:
        """As UTF-8; bytes that are none come back when it is encoded with `surrogateescape`."""
        return None if self.content is None else self.content.decode(errors="surrogateescape")

    def same_as(self, other: File | None) -> bool:
        """Whether it is the same file; contents are told by their ids where both have one."""
        if other is None or self.mode != other.mode:
            return False
        return self.oid == other.oid if self.oid and other.oid else self.content == other.content


class Change(Value):
    """One path of a proposal. `before` None: it is new; `after` None: it goes."""

    path: str
    before: File | None
    after: File | None


class Proposal(Value):
    """Changes that are safe to offer at `base_sha`. `left_out` names what was not undone, and why.

    `slug` names it within its incident: the same proposal has the same one, whenever it is made.
    `commit`, `headline` and `pull_request` are what a revert undoes. `reasons` say why this is proposed;
    `cannot_know` and `checked` are a model's words on its patch, and ours on what was looked at.
    """

    kind: Kind
    repository: str
    base_sha: str
    changes: tuple[Change, ...]
    diff: str
    slug: str
    reasons: tuple[str, ...] = ()
    probability: float | None = None
    commit: str | None = None
    headline: str = ""
    pull_request: int | None = None
    left_out: tuple[str, ...] = ()
    why: str = ""
    cannot_know: str = ""
    checked: tuple[str, ...] = ()
    model: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(change.path for change in self.changes)

    @property
    def digest(self) -> str:
        """The same for the same change of the same lines, wherever in their files these stand now."""
        said = [line for line in self.diff.split("\n") if not line.startswith((" ", "@@"))]
        return hashlib.sha256("\n".join(said).encode(errors="surrogateescape")).hexdigest()[:16]


class FixPull(Value):
    """A pull request that a person had opened for an incident. `by` is their Slack user id.

    `missing` is what of labels and reviewers did not work, in words. From `state` on it is what GitHub and
    Sentry told since.
    """

    slug: str
    kind: Kind
    repository: str
    number: int
    url: str
    branch: str
    by: str
    opened_at: datetime
    missing: tuple[str, ...] = ()
    state: Literal["open", "closed", "merged", "reverted"] = "open"
    checks: Literal["passed", "failed"] | None = None
    approved_by: str | None = None
    merged_at: datetime | None = None
    merge_sha: str | None = None
    deployed_at: datetime | None = None
    told: int = 0  # how often there was something new
    quiet: bool = False  # a day without the error, after it was deployed
    quiet_since: datetime | None = None


class FixRequest(Value):
    """What a person confirmed: the proposal `slug` as it was shown (`digest`), with their words on it.

    `id` tells one confirmation from the next.
    """

    id: str
    incident: str
    slug: str
    digest: str
    by: str
    title: str
    body: str
    reviewers: tuple[str, ...] = ()
    draft: bool = True


class NoProposal(PilotError):
    """Nothing is safe to propose; the text says why."""
