"""The deterministic report: everything a template needs, already decided."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from investigator.models.base import Value
from investigator.models.evidence import Commit, Gap, Ownership, Person, PullRequest

Band = Literal["most likely", "probably", "possibly"]


class Moment(Value):
    """A time, and the same in words: `12 minutes before the first event`."""

    at: datetime
    relative: str


class Place(Value):
    """A line of code. `path` is the repository's when the frame was mapped, else what the frame said."""

    path: str | None = None
    line: int | None = None
    function: str | None = None
    url: str | None = None

    @property
    def position(self) -> str:
        """`services/checkout/pricing.py:88`, or empty."""
        if self.path is None:
            return ""
        return f"{self.path}:{self.line}" if self.line is not None else self.path

    @property
    def words(self) -> str:
        """`services/checkout/pricing.py:88 in unit_price`; empty when nothing is known."""
        return " in ".join(filter(None, (self.position, self.function)))


class FrameView(Value):
    """A stack frame to show. `listing` is the code around the line, numbered, the line itself marked `>`."""

    place: Place
    in_app: bool = False
    listing: str = ""
    candidates: tuple[str, ...] = ()


class Cause(Value):
    """One exception of the chain, as one line."""

    type: str
    message: str = ""


class DeployView(Value):
    name: str
    when: Moment | None = None
    sha: str | None = None
    environment: str | None = None
    state: str | None = None
    by: Person | None = None
    url: str | None = None

    @property
    def label(self) -> str:
        """Its name; where it is called after its environment, the commit's short id."""
        return self.sha[:7] if self.sha and self.name == self.environment else self.name


class SuspectView(Value):
    """A commit that may have done it; `probability` is between 0 and 1."""

    commit: Commit
    probability: float
    band: Band
    reasons: tuple[str, ...] = ()
    when: Moment | None = None  # merged, else committed
    deploy: DeployView | None = None  # the first deploy that carried it

    @property
    def pull_request(self) -> PullRequest | None:
        return self.commit.pull_request

    @property
    def title(self) -> str:
        return self.pull_request.title if self.pull_request else self.commit.headline

    @property
    def url(self) -> str | None:
        return self.pull_request.url if self.pull_request else self.commit.url

    @property
    def name(self) -> str:
        """`PR #142`, or `commit 1a2b3c4`."""
        return f"PR #{self.pull_request.number}" if self.pull_request else f"commit {self.commit.sha[:7]}"

    @property
    def author(self) -> Person | None:
        """Who wrote the commit, else who opened the pull request; None when neither is known."""
        people = (self.commit.author, self.pull_request.author if self.pull_request else None)
        return next((p for p in people if p and (p.login or p.name or p.email)), None)


class CommitView(Value):
    commit: Commit
    when: Moment | None = None
    suspected: bool = False


class Verdict(Value):
    """What most likely did it. `line` is plain text and stands alone in a list of incidents.

    `suspect`: a commit is named. `no_code_cause`: the commits were read and none explains it, `reasons` say
    why not. `no_commits`: there were none to read. `not_looked_at`: they could not be read, `gap` says why.
    """

    kind: Literal["suspect", "no_code_cause", "no_commits", "not_looked_at"]
    line: str
    band: Band | None = None
    probability: float | None = None
    reasons: tuple[str, ...] = ()
    gap: Gap | None = None


class Step(Value):
    """Something to do next; which fields are set depends on `kind`."""

    kind: Literal["revert", "roll_back", "look_at", "check_upstream", "ask", "check_outside", "no_stack"]
    suspect: SuspectView | None = None  # revert
    deploy: DeployView | None = None  # roll_back: the deploy to go back to
    place: Place | None = None  # look_at
    upstream: str | None = None  # check_upstream
    owners: tuple[str, ...] = ()  # ask


class Cited(Value):
    """A piece of evidence that a claim rests on; `label` names it for people."""

    id: str
    label: str
    url: str | None = None


class ClaimView(Value):
    text: str
    cited: tuple[Cited, ...] = ()


class AnalysisView(Value):
    """What a language model concluded. `suspect` None: no code cause. `cost` is in words."""

    hypothesis: ClaimView
    mechanism: tuple[ClaimView, ...] = ()
    suspect: Cited | None = None
    agrees: bool = True  # does it blame the commit that our own ranking names, if that names one?
    confidence: float
    calibrated_on: int = 0  # graded incidents
    band: Band
    blast_radius: ClaimView | None = None
    checks: tuple[str, ...] = ()
    disproof: tuple[str, ...] = ()
    model: str
    cost: str = ""
    withheld: int = 0
    late: bool = False


class Crumb(Value):
    at: datetime | None = None
    category: str = ""
    level: str = ""
    message: str = ""


class Facts(Value):
    """What Sentry said, without what was concluded from it. Times are UTC."""

    error_type: str
    error_message: str = ""
    causes: tuple[Cause, ...] = ()  # the outermost exception first, then what caused it
    culprit: str = ""
    service: str = ""
    level: str | None = None
    environment: str | None = None
    release: str | None = None
    events: int | None = None
    users: int | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    request: str = ""  # `POST https://…`
    breadcrumbs: tuple[Crumb, ...] = ()  # oldest first
    tags: tuple[tuple[str, str], ...] = ()
    web_url: str | None = None

    @property
    def headline(self) -> str:
        """`ZeroDivisionError: division by zero`."""
        return ": ".join(filter(None, (self.error_type, self.error_message)))


class Report(Facts):
    """What one investigation says. Relative times are relative to `anchor`, which `anchor_name` names."""

    anchor: datetime
    anchor_name: str
    where: Place | None = None
    calls: tuple[Place, ...] = ()  # the callers of `where`, nearest first
    frames: tuple[FrameView, ...] = ()  # crashing frame first
    outline: str = ""  # the whole stack as plain text, a line a frame
    verdict: Verdict
    upstream: str | None = None  # another system that the error names
    suspects: tuple[SuspectView, ...] = ()
    more_suspects: int = 0
    deploys: tuple[DeployView, ...] = ()  # newest first
    ownership: Ownership | None = None
    commits: tuple[CommitView, ...] = ()
    total_commits: int = 0
    range_reason: str = ""
    steps: tuple[Step, ...] = ()
    gaps: tuple[Gap, ...] = ()
    analysis: AnalysisView | None = None
    ai_status: Literal["ok", "unavailable", "disabled"] = "unavailable"
    ai_note: str = "AI analysis unavailable: no provider configured"
    ai_retry: bool = False  # may asking again help?

    @property
    def code(self) -> str:
        """The code around `where`, or empty."""
        return next((frame.listing for frame in self.frames if frame.place == self.where), "")

    @property
    def suspect(self) -> SuspectView | None:
        """The commit the verdict names; None when it names none."""
        return self.suspects[0] if self.suspects and self.verdict.kind == "suspect" else None
