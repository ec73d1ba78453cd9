"""What the streams of a row in the table have in common."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Setting:
    """`missing` is the share of edges that the catalogue lacks, `wrong` the share it makes up besides.

    `streams_of` names the setting whose streams these are, but for what is drawn apart (traces).
    """

    name: str
    streams_of: str = ""
    catalog: bool = True
    missing: float = 0.0
    wrong: float = 0.0
    scale: int = 1  # of a layered topology of 27 services and 6 stores
    published: bool = False
    entangled: bool = False  # calls cross domains, and several incidents may hit the same one
    concurrent: int = 3
    lone: int = 4
    repeated: int = 1  # times as many issues of each victim
    named_share: float = 1.0
    strange_hosts: bool = False
    late_root: bool = False
    silent_share: float = 0.0
    misleading_root: float = 0.0
    root_deployed: float = 0.0  # share of root services that were released shortly before
    victim_deployed: float = 0.0  # the same of victims, where it means nothing
    tracing: float = 0.0  # share of services that take up the trace they are called with and pass it on
    one_request: float = 0.4  # share of neighbouring errors soon after each other that were of one request
    skew: bool = True
    late: float = 0.03
    duplicate: float = 0.1
    refire: float = 0.5


EASY = Setting("easy")
HARD = replace(
    EASY,
    name="hard",
    named_share=0.5,
    strange_hosts=True,
    late_root=True,
    silent_share=0.25,
    misleading_root=0.1,
    late=0.05,
)
SETTINGS = {
    setting.name: setting
    for setting in (
        EASY,
        HARD,
        replace(HARD, name="hard, 30 % of edges missing", missing=0.3),
        replace(HARD, name="hard, 15 % missing and 10 % wrong", missing=0.15, wrong=0.1),
        replace(HARD, name="hard, no catalogue", catalog=False),
        replace(HARD, name="hard, entangled domains", entangled=True),
        replace(HARD, name="hard, five times as large", scale=5),
        replace(HARD, name="hard, published topologies", published=True),
        replace(HARD, name="hard, deploys", root_deployed=0.6, victim_deployed=0.1),
        replace(EASY, name="easy, no catalogue", catalog=False),
        replace(HARD, name="hard, shared traces", streams_of="hard", tracing=0.7),
        replace(
            HARD,
            name="hard, no catalogue, shared traces",
            streams_of="hard, no catalogue",
            catalog=False,
            tracing=0.7,
        ),
    )
}
