"""What people say about cascades: this is the root, these do not belong together, those two do.

Their word stands: it is kept on the board, where grouping respects it, and as an event for the figures of
quality.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from redis.exceptions import WatchError
from redis.typing import EncodableT, FieldT

from investigator import keys
from investigator.cascade import confirmed, grouping
from investigator.composition import Program
from investigator.desk import Desk
from investigator.desk_store import StoreLook, write_desk
from investigator.errors import PilotError
from investigator.judgements import KEPT
from investigator.models.cascade import Alert, Board, Candidate, Change, Group, Merged, Reason, RootRanking
from investigator.models.incident import Incident, Member
from investigator.regrouping import carry_out
from investigator.store import begin

_CONFLICTS = 20

Decide = Callable[[Board], tuple[Board, Sequence[Change]]]


async def mark_root(program: Program, incident: Incident, node: str, *, by: str, at: datetime) -> Incident:
    """The root is `node`, whatever evidence says."""
    first = incident.root.first if incident.root else None
    candidate = Candidate(node=node, score=1.0, reasons=(Reason(kind="marked"),))
    marked = RootRanking(candidates=(candidate,), clear=True)

    def change(desk: Desk) -> None:
        update = {"root": marked, "root_by": by, "root_said": node}
        desk.incidents[incident.id] = desk.incidents[incident.id].model_copy(update=update)
        desk.changed.add(incident.id)

    def decide(board: Board) -> tuple[Board, Sequence[Change]]:
        board = confirmed.confirm(board, incident.id, node, incident.services, at=at)
        return grouping.pin_root(board, incident.id, node), ()

    desk = await _carry(program, decide, at, also=(incident.id,), change=change)
    kind = "root_confirmed" if first and first.node == node else "root_corrected"
    await _remember(program, kind, incident.id, by, at, said=first.node if first else "", root=node)
    return desk.incidents[incident.id]


async def split_off(
    program: Program, incident: Incident, gone: Sequence[Member], *, by: str, at: datetime
) -> Incident:
    """These alerts are an incident of their own, now and later; returns that.

    Raises:
        PilotError: what was told of them is not kept any more.
    """
    number = (await program.incidents.new_ids(1))[0]
    issues = {member.issue_id for member in gone}

    def decide(board: Board) -> tuple[Board, Sequence[Change]]:
        board = board if board.group(incident.id) else _with_group(board, incident)
        stay = {member.service for member in incident.members if member not in gone}
        board = confirmed.withdraw(board, incident.id, {member.service for member in gone} - stay)
        return grouping.split(board, incident.id, issues, number, now=at)

    desk = await _carry(program, decide, at, also=(incident.id,), makes=number)
    await _remember(program, "split", incident.id, by, at, into=number, issues=" ".join(sorted(issues)))
    return desk.incidents[number]


async def merge(program: Program, one: Incident, other: Incident, *, by: str, at: datetime) -> Incident:
    """Both are one trouble: the younger becomes part of the older, which is returned."""
    older, younger = sorted((one, other), key=lambda incident: (incident.opened_at, int(incident.id)))

    def decide(board: Board) -> tuple[Board, Sequence[Change]]:
        board, changes = grouping.merge(board, younger.id, older.id)
        board = _confirmed_for_both(board, older, younger, at)
        return board, changes or [Merged(younger=younger.id, older=older.id)]

    desk = await _carry(program, decide, at)
    await _remember(program, "merged", older.id, by, at, younger=younger.id)
    return desk.incidents[older.id]


def _confirmed_for_both(board: Board, older: Incident, younger: Incident, at: datetime) -> Board:
    """What people said of one's root holds for what hit the other as well; the older's comes first."""
    told = {one.incident: one for one in board.confirmed}
    lesson = told.get(older.id) or told.get(younger.id)
    if lesson is None:
        return board
    services = {*older.services, *younger.services, *lesson.services}
    board = confirmed.without(board, [younger.id])
    return confirmed.confirm(board, older.id, lesson.root, services, at=at)


async def _carry(
    program: Program,
    decide: Decide,
    at: datetime,
    *,
    also: Collection[str] = (),
    change: Callable[[Desk], None] = lambda desk: None,
    makes: str | None = None,
) -> Desk:
    for _ in range(_CONFLICTS):
        async with program.store.pipeline(transaction=True) as pipe:
            await pipe.watch(keys.BOARD)
            look, desk = StoreLook(pipe), Desk()
            board, changes = decide(await look.board())
            await desk.lay_out(look, changes, board, also=also)
            carry_out(changes, desk, board, program.catalog, at)
            change(desk)
            if makes and makes not in desk.incidents:
                raise PilotError("what was told of these alerts was too long ago to be kept")
            begin(pipe)
            write_desk(pipe, desk, board)
            try:
                await pipe.execute()
            except WatchError:
                continue
            return desk
    raise PilotError(f"alerts were regrouped {_CONFLICTS} times meanwhile; say it once more")


def _with_group(board: Board, incident: Incident) -> Board:
    """The board with an incident that has been quiet for so long that it left."""
    alerts = tuple(
        Alert(
            key=member.key,
            issue_id=member.issue_id,
            service=member.service,
            at=member.since,
            received_at=member.since,
        )
        for member in sorted(incident.members, key=lambda member: member.since)
    )
    opened = incident.opened_at
    group = Group(incident_id=incident.id, opened_at=opened, investigate_at=opened, alerts=alerts)
    ranked = group.model_copy(update={"ranking": incident.root or RootRanking()})
    return board.model_copy(update={"groups": (*board.groups, ranked)})


async def _remember(program: Program, kind: str, number: str, by: str, at: datetime, **more: str) -> None:
    told = {"kind": kind, "incident": number, "by": by, "at": at.isoformat(), **more}
    fields: dict[FieldT, EncodableT] = dict(told.items())
    await program.store.xadd(keys.QUALITY_EVENTS, fields, maxlen=KEPT, approximate=True)
