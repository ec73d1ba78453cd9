"""What is known of the bot itself at one moment. Times are seconds since 1970, 0 for never."""

from __future__ import annotations

from dataclasses import dataclass, field

from investigator.canary.level import Canary
from investigator.outside_results import Results


@dataclass(frozen=True, slots=True)
class StoreLook:
    """`refusal` is why it takes no writes that hold, in its own words; empty while it does.

    `replicas` are those online. `file_problem`: what of its append-only file failed last.
    """

    reachable: bool
    refusal: str = ""
    role: str = ""
    version: str = ""
    replicas: int = 0
    file_problem: str = ""
    memory_share: float = 0.0  # of maxmemory, 0 where there is none


@dataclass(frozen=True, slots=True)
class Place:
    """A process that faces the outside, and what only it sees of its machine. Sizes are in bytes."""

    name: str
    at: float
    spool_deliveries: int = 0
    spool_bytes: int = 0
    spool_problem: str = ""
    disk_free: int = 0
    settings_problem: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """What GitHub leaves a credential, which is named by its fingerprint."""

    credential: str
    resource: str
    left: int
    limit: int
    resets_at: float


@dataclass(frozen=True, slots=True)
class Circuit:
    """A language model: left alone until `open_until`, after so many `failures` in a row."""

    provider: str
    model: str
    open_until: float = 0.0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """What the store tells of the work. Ages are in seconds."""

    inbox_waiting: int = 0
    inbox_oldest: float = 0.0
    set_aside: int = 0
    queue_waiting: int = 0
    queue_oldest: float = 0.0
    jobs_failed: int = 0
    workers: int = 0
    triage_active: bool = False
    clock_at: float = 0.0
    swept_until: float = 0.0
    places: tuple[Place, ...] = ()
    slack: Results = field(default_factory=Results)
    models: Results = field(default_factory=Results)
    circuits: tuple[Circuit, ...] = ()
    budgets: tuple[Budget, ...] = ()
    canary: Canary = field(default_factory=Canary)


@dataclass(frozen=True, slots=True)
class Expected:
    """What the settings promise, so that its absence means something; 0 or False: not in use."""

    replicas: int = 0
    sweep_seconds: int = 0
    canary_seconds: int = 0
    models: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`flow` is None while the store is away. `own` is the place of whoever looked, if it is one."""

    at: float
    store: StoreLook
    flow: Flow | None = None
    own: Place | None = None
    expected: Expected = field(default_factory=Expected)

    @property
    def places(self) -> tuple[Place, ...]:
        """All there are, each once; one's own as it is now."""
        told = self.flow.places if self.flow else ()
        others = tuple(place for place in told if self.own is None or place.name != self.own.name)
        return (*((self.own,) if self.own else ()), *others)
