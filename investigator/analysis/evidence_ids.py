"""Findings as numbered pieces of evidence, so that a claim can say what it rests on. Pure.

The numbering depends on the findings alone: the same findings, read again a week later, have the same ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from investigator.analysis import hunks
from investigator.models.base import Value
from investigator.models.evidence import BlameRange, CodeEvidence, CodeFrame, Commit, Deploy, Suspect
from investigator.models.incident import Findings
from investigator.models.sentry import Breadcrumb, Frame, SentryEvent, SentryIssue
from investigator.slack_text import clean
from investigator.wording import clip, one_line

COMMITS, FRAMES, DEPLOYS, CRUMBS, PATCHES = 40, 12, 8, 15, 6
PATCH_LIMIT, MESSAGE_LIMIT, VALUE_LIMIT = 4_000, 1_500, 300

Span = tuple[str, int, int]  # path, first line, last line


class Piece(Value):
    """One citable piece. `weight` is 0 for what is needed most; what weighs more is left out first.

    `shas`, `paths`, `spans` and `pull_requests` are what may be cited because of this piece.
    """

    id: str
    weight: int
    label: str
    text: str
    url: str | None = None
    shas: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    pull_requests: tuple[int, ...] = ()


def number(findings: Findings) -> tuple[Piece, ...]:
    """The pieces of these findings: E error, F frames, C commits, D deploys, O owners, B what came before.

    C1 is the first suspect; commits nobody suspects follow the suspects.
    """
    event, issue, code = findings.event or SentryEvent(), findings.issue or SentryIssue(id=""), findings.code
    return (
        *_error(event, issue),
        *_frames(event, code),
        *_commits(findings.ranking.suspects, code),
        *(_deploy(at, deploy) for at, deploy in enumerate(code.deploys[:DEPLOYS], 1)),
        *_owners(code),
        *_crumbs(event.breadcrumbs),
    )


def fit(pieces: Sequence[Piece], limit: int) -> tuple[Piece, ...]:
    """What is worth most within `limit` characters, in the order given. No piece takes over a quarter."""
    kept: dict[str, Piece] = {}
    left = limit
    for piece in sorted(pieces, key=lambda p: p.weight):
        text = clip(piece.text, max(200, limit // 4))
        if len(text) <= left:
            kept[piece.id] = piece.model_copy(update={"text": text})
            left -= len(text)
    return tuple(kept[piece.id] for piece in pieces if piece.id in kept)


def _lines(*lines: str | None) -> str:
    return "\n".join(clean(line) for line in lines if line)


def _error(event: SentryEvent, issue: SentryIssue) -> Iterator[Piece]:
    chain = [f"{e.type or 'error'}: {clip(e.value or '', MESSAGE_LIMIT)}" for e in reversed(event.exceptions)]
    headline = chain[0] if chain else event.title or issue.title or event.message
    if headline:
        told = event.message if event.message and event.message not in headline else None
        text = _lines(" caused by ".join(chain) or headline, told and clip(told, MESSAGE_LIMIT))
        yield Piece(id="E1", weight=0, label="the error", text=text, url=event.web_url or issue.web_url)
    facts = {
        "in": event.culprit or issue.culprit,
        "environment": event.environment,
        "release": event.release,
        "platform": event.platform or issue.platform,
        "occurred": event.occurred_at,
        "first seen": issue.first_seen,
        "last seen": issue.last_seen,
        "events": issue.count,
        "users affected": issue.user_count,
        "request": " ".join(filter(None, (event.request_method, event.request_url))),
        **{f"tag {name}": value for name, value in event.tags[:20]},
    }
    known = [f"{name}: {clip(str(value), VALUE_LIMIT)}" for name, value in facts.items() if value]
    if known:
        yield Piece(id="E2", weight=1, label="what Sentry counts", text=_lines(*known), url=issue.web_url)


def _frames(event: SentryEvent, code: CodeEvidence) -> Iterator[Piece]:
    mapped = {frame.frame: frame for frame in code.frames}
    frames = [mapped.pop(frame, CodeFrame(frame=frame)) for frame in reversed(event.frames)]
    ours = [frame for frame in frames if frame.frame.in_app or frame.path]
    for at, frame in enumerate([*ours, *mapped.values()][:FRAMES] or frames[:FRAMES], 1):
        yield _frame(at, frame, code.blame)


def _frame(at: int, mapped: CodeFrame, blame: Sequence[BlameRange]) -> Piece:
    frame = mapped.frame
    path = mapped.path or frame.filename or frame.abs_path or frame.module or "unknown file"
    lines = mapped.lines or _context(frame)
    touched = [b for b in blame if b.path == path and frame.line and b.start <= frame.line <= b.end]
    place = f"{path}:{frame.line}" if frame.line else path
    text = _lines(
        f"{place} in {frame.function or 'unknown function'}" + (", crashing frame" if at == 1 else ""),
        *(f"{'>' if number == frame.line else ' '}{number:>5} {line}" for number, line in lines),
        *(f"{name} = {clip(value, VALUE_LIMIT)}" for name, value in frame.variables[:15]),
        *(f"line {frame.line} was last changed by {b.sha[:12]}" for b in touched),
    )
    shown = [number for number, _ in lines] or ([frame.line] if frame.line else [])
    return Piece(
        id=f"F{at}",
        weight=0 if at == 1 else 2 + at // 4,
        label=place,
        text=text,
        url=mapped.permalink,
        shas=tuple(b.sha for b in touched),
        paths=tuple(dict.fromkeys(filter(None, (path, frame.filename, frame.abs_path)))),
        spans=((path, min(shown), max(shown)),) if shown else (),
    )


def _context(frame: Frame) -> tuple[tuple[int, str], ...]:
    if not frame.line or frame.context_line is None:
        return ()
    lines = (*frame.pre_context, frame.context_line, *frame.post_context)
    return tuple(enumerate(lines, frame.line - len(frame.pre_context)))


def _commits(suspects: Sequence[Suspect], code: CodeEvidence) -> Iterator[Piece]:
    suspected = {suspect.commit.sha for suspect in suspects}
    others = [commit for commit in code.commits if commit.sha not in suspected]
    at = 0
    for at, suspect in enumerate(suspects[:COMMITS], 1):
        yield _commit(at, suspect.commit, suspect)
    for later, commit in enumerate(others[: max(0, COMMITS - at)], at + 1):
        yield _commit(later, commit, None)


def _commit(at: int, commit: Commit, suspect: Suspect | None) -> Piece:
    pull = commit.pull_request
    files = commit.files or ()
    patches = [f for f in files if f.patch][:PATCHES] if suspect else []
    text = _lines(
        f"commit {commit.sha} by {commit.author.label}"
        + (f", committed {commit.committed_at}" if commit.committed_at else ""),
        clip(commit.message, MESSAGE_LIMIT),
        f"pull request #{pull.number}: {one_line(pull.title)}" if pull else None,
        "files: " + ", ".join(f.path for f in files[:40]) if files else None,
        *(f"our ranking says: {reason}" for reason in (suspect.reasons if suspect else ())),
        *(f"diff of {f.path}:\n{clip(f.patch or '', PATCH_LIMIT)}" for f in patches),
    )
    return Piece(
        id=f"C{at}",
        weight=min(at, 3) if suspect else 6 + at // 10,
        label=f"PR #{pull.number}" if pull else f"commit {commit.sha[:7]}",
        text=text,
        url=pull.url if pull else commit.url,
        shas=(commit.sha,),
        paths=tuple(f.path for f in files),
        spans=tuple((f.path, first, last) for f in patches for first, last in hunks.spans(f.patch or "")),
        pull_requests=(pull.number,) if pull else (),
    )


def _deploy(at: int, deploy: Deploy) -> Piece:
    text = _lines(
        f"{deploy.name} to {deploy.environment or 'an unknown environment'}"
        + (f" at {deploy.at}" if deploy.at else ", time unknown")
        + (f", commit {deploy.sha}" if deploy.sha else "")
        + (f", state {deploy.state}" if deploy.state else "")
    )
    return Piece(
        id=f"D{at}",
        weight=2 + at // 3,
        label=f"deploy {one_line(deploy.name)}",
        text=text,
        url=deploy.url,
        shas=(deploy.sha,) if deploy.sha else (),
    )


def _owners(code: CodeEvidence) -> Iterator[Piece]:
    if code.ownership and code.ownership.owners:
        owned = code.ownership
        text = _lines(f"{owned.path} is owned by {', '.join(owned.owners)} ({owned.file})")
        yield Piece(id="O1", weight=5, label="code owners", text=text, paths=(owned.path, owned.file))


def _crumbs(crumbs: Sequence[Breadcrumb]) -> Iterator[Piece]:
    for at, crumb in enumerate(crumbs[-CRUMBS:], 1):
        when = f"{crumb.at:%H:%M:%S} " if crumb.at else ""
        text = _lines(
            f"{when}{crumb.category or ''} {crumb.level or ''}: {clip(crumb.message or '', VALUE_LIMIT)}"
        )
        yield Piece(id=f"B{at}", weight=5, label=f"breadcrumb {at}", text=text)
