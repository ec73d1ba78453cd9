"""What simpler rules would have blamed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from investigator.models.evidence import BlameRange, CodeEvidence, CodeFrame

YEAR = timedelta(days=365)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def newest_commit(code: CodeEvidence) -> str | None:
    return code.commits[0].sha if code.commits else None


def deepest_frame(code: CodeEvidence) -> str | None:
    """The blame of the crashing line."""
    blame = _blame(code, code.frames[0]) if code.frames else None
    return blame.sha if blame else None


def newest_blame(code: CodeEvidence, now: datetime) -> str | None:
    """Sentry's rule: the newest blame among in-app frames, if it is younger than a year."""
    found = [blame for frame in code.frames if (blame := _blame(code, frame)) is not None]
    newest = max(found, key=lambda one: one.committed_at or _NEVER, default=None)
    if newest is None or (newest.committed_at or _NEVER) < now - YEAR:
        return None
    return newest.sha


def _blame(code: CodeEvidence, frame: CodeFrame) -> BlameRange | None:
    line = frame.frame.line or 0
    return next((one for one in code.blame if one.path == frame.path and one.start <= line <= one.end), None)
