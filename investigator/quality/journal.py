"""The stream of quality events: runs as they end, judgements, outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import structlog
from pydantic import ValidationError
from redis.asyncio import Redis

from investigator import keys
from investigator.models.incident import Findings, Incident, Run
from investigator.models.report import Report
from investigator.quality.records import Asked, Journal, RunRecord, Said
from investigator.store import decoded

log = structlog.get_logger()

KEPT = 100_000
RUN = "run"
_PAGE = 2_000
_LANGUAGES = {
    "py": "python", "js": "javascript", "jsx": "javascript", "mjs": "javascript", "ts": "typescript",
    "tsx": "typescript", "java": "java", "kt": "kotlin", "go": "go", "rb": "ruby", "cs": "csharp",
    "php": "php", "rs": "rust", "ex": "elixir", "scala": "scala", "swift": "swift",
}  # fmt: skip


def record_of(
    incident: Incident, run: Run, findings: Findings, report: Report, *, budget: float, at: datetime
) -> RunRecord:
    """What to remember of a run that ended. Pure."""
    assessment = findings.assessment
    analysis = assessment.analysis if assessment else None
    shown = report.suspect
    return RunRecord(
        incident=incident.id,
        run=run.number,
        at=at,
        service=incident.service,
        language=language_of(report.where.path if report.where else None),
        unavailable="" if analysis else (assessment.reason if assessment else "disabled"),
        provider=analysis.provider if analysis else "",
        model=analysis.model if analysis else "",
        prompt=analysis.prompt if analysis else "",
        asked=tuple(
            Asked(provider=each.provider, model=each.model, outcome=each.outcome)
            for each in (assessment.attempts if assessment else ())
        ),
        seconds=assessment.seconds if assessment else 0.0,
        budget=budget,
        claims=(2 if analysis.blast_radius else 1) + len(analysis.mechanism) if analysis else 0,
        withheld=analysis.withheld if analysis else 0,
        confidence=analysis.confidence if analysis else None,
        said=analysis.said if analysis else None,
        blamed=analysis.suspect if analysis else None,
        suspect=shown.commit.sha if shown else None,
        probability=shown.probability if shown else None,
        dollars=assessment.dollars if assessment else None,
        late=assessment.late if assessment else False,
    )


def language_of(path: str | None) -> str:
    """By the ending of the crashing frame's file. Pure."""
    return _LANGUAGES.get((path or "").rpartition(".")[2].lower(), "unknown")


async def note_run(store: Redis, record: RunRecord) -> None:
    """Append a run; of one that is told twice the newest counts."""
    await store.xadd(
        keys.QUALITY_EVENTS, {"kind": RUN, "record": record.model_dump_json()}, maxlen=KEPT, approximate=True
    )


async def read(store: Redis, since: datetime) -> Journal:
    """Everything from `since` on. An entry that cannot be read is logged and left out."""
    runs: dict[tuple[str, int], RunRecord] = {}
    said: list[Said] = []
    start = f"{int(since.timestamp() * 1000)}-0"
    while page := await store.xrange(keys.QUALITY_EVENTS, min=start, count=_PAGE):
        for entry, raw in page:
            fields = {decoded(name): decoded(value) for name, value in (raw or {}).items()}
            try:
                _take(fields, _time_of(decoded(entry)), runs, said)
            except ValidationError as error:
                log.warning("quality_entry_unreadable", entry=decoded(entry), error=error.errors()[0]["msg"])
        start = f"({decoded(page[-1][0])}"
    return Journal(runs=tuple(runs.values()), said=tuple(said))


async def forget_words(store: Redis, incident_id: str) -> int:
    """Remove the judgements of this incident whose reason somebody typed; returns how many."""
    ids = []
    start = "-"
    while page := await store.xrange(keys.QUALITY_EVENTS, min=start, count=_PAGE):
        for entry, raw in page:
            fields = {decoded(name): decoded(value) for name, value in (raw or {}).items()}
            if fields.get("incident") == incident_id and fields.get("reason"):
                ids.append(decoded(entry))
        start = f"({decoded(page[-1][0])}"
    return int(await store.xdel(keys.QUALITY_EVENTS, *ids)) if ids else 0


def _take(
    fields: Mapping[str, str], at: datetime, runs: dict[tuple[str, int], RunRecord], said: list[Said]
) -> None:
    if fields.get("kind") == RUN:
        record = RunRecord.model_validate_json(fields["record"], extra="ignore")
        runs[record.incident, record.run] = record
    else:
        given = {
            name: fields[name] for name in ("kind", "incident", "run", "value", "by") if fields.get(name)
        }
        said.append(Said.model_validate({**given, "at": at}))


def _time_of(entry: str) -> datetime:
    return datetime.fromtimestamp(int(entry.partition("-")[0]) / 1000, UTC)
