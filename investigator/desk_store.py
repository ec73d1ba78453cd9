"""The documents of a desk in the store: read under watch, written as one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from pydantic import BaseModel
from redis.asyncio.client import Pipeline

from investigator import keys
from investigator.desk import Desk
from investigator.incidents import FINDINGS_SECONDS, write_count, write_incident
from investigator.models.alert import AlertRecord
from investigator.models.cascade import Board
from investigator.models.incident import Incident
from investigator.models.issue_state import IssueState

D = TypeVar("D", bound=BaseModel)


class StoreLook:
    """Reads through a pipeline that watches the board: `execute` fails if anything read here has changed."""

    def __init__(self, pipe: Pipeline) -> None:
        self._pipe = pipe

    async def board(self) -> Board:
        document = await self._pipe.get(keys.BOARD)
        return Board.model_validate_json(document) if document else Board()

    async def incidents(self, numbers: Iterable[str]) -> dict[str, Incident]:
        return await self._read(Incident, {number: keys.incident(number) for number in numbers})

    async def states(self, issue_ids: Iterable[str]) -> dict[str, IssueState]:
        return await self._read(IssueState, {issue_id: keys.issue(issue_id) for issue_id in issue_ids})

    async def records(self, alert_keys: Iterable[str]) -> dict[str, AlertRecord]:
        return await self._read(AlertRecord, {key: keys.alert(key) for key in alert_keys})

    async def _read(self, model: type[D], wanted: dict[str, str]) -> dict[str, D]:
        if not wanted:
            return {}
        await self._pipe.watch(*wanted.values())
        documents = await self._pipe.mget(list(wanted.values()))
        return {
            name: model.model_validate_json(document)
            for name, document in zip(wanted, documents, strict=True)
            if document
        }


def write_desk(pipe: Pipeline, desk: Desk, board: Board | None) -> None:
    """Queue what a new grouping changed; the states of issues are written by whoever else changes them."""
    if board is not None:
        pipe.set(keys.BOARD, board.model_dump_json())
    for key in desk.kept:
        pipe.set(keys.alert(key), desk.records[key].model_dump_json(), ex=FINDINGS_SECONDS)
    for number in desk.changed:
        incident = desk.incidents[number]
        write_incident(pipe, incident.model_copy(update={"version": incident.version + 1}))
    for key, number in desk.left:
        pipe.hdel(keys.incident_counts(number), key)
    for issue_id in desk.replaced:
        state = desk.states[issue_id]
        pipe.set(keys.issue(issue_id), state.model_dump_json())
        for episode in state.episodes:
            write_count(pipe, episode)
