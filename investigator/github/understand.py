"""GitHub's GraphQL answers turned into our values. Pure."""

from __future__ import annotations

from datetime import datetime

from investigator.github import wire
from investigator.github.answers import (
    CodeownersFile,
    HeadFacts,
    HistoryEntry,
    RangeFacts,
    Revision,
    SourceFile,
)
from investigator.github.graphql import GraphQLAnswer
from investigator.models.evidence import BlameRange, Commit, Deploy, FileChange, Person, PullRequest

CHANGE_TYPES = {"ADDED": "added", "DELETED": "removed", "RENAMED": "renamed", "COPIED": "added"}
GHOST = "ghost"  # the login GitHub shows for accounts that are gone
# A deployment without statuses of its own, by the state GitHub derives for it.
RAN = {None, "ACTIVE", "INACTIVE", "SUCCESS", "DESTROYED"}


def head_facts(answer: GraphQLAnswer, until: datetime, revisions: int, probes: tuple[str, ...]) -> HeadFacts:
    """The branch as of `until`. Raises OutsideCallFailed (bad_answer) when the answer does not fit."""
    data = answer.data["repository"]
    head = wire.read(wire.HeadAnswer.model_validate, data)
    branch = head.default_branch_ref
    hosted = wire.read(wire.HostedAnswer.model_validate, answer.data.get("hosted") or {})
    return HeadFacts(
        repository=head.name_with_owner,
        web_url=head.url.rstrip("/"),
        branch=branch.name if branch else None,
        branch_head=_newest(branch.target, until) if branch and branch.target else None,
        deploys=(
            *(_deployment(each) for each in hosted.deployments.present),
            *(_release(each) for each in hosted.releases.present if not each.is_draft),
        ),
        lost=frozenset(each.commit_oid for each in hosted.deployments.present if each.commit is None),
        codeowners=_codeowners(head),
        revisions=tuple(_revision(data.get(f"r{n}")) for n in range(revisions)),
        existing=frozenset(path for n, path in enumerate(probes) if _is_file(data.get(f"p{n}"))),
        errors=answer.errors,
    )


def revision(answer: GraphQLAnswer) -> Revision | None:
    """Raises OutsideCallFailed (bad_answer) when the answer does not fit."""
    return _revision(answer.data["repository"].get("r0"))


def texts(answer: GraphQLAnswer, expressions: tuple[str, ...]) -> dict[str, SourceFile]:
    """Raises OutsideCallFailed (bad_answer) when the answer does not fit."""
    return _sources(answer, expressions)


def range_facts(
    answer: GraphQLAnswer, files: tuple[str, ...], touched: tuple[str, ...], read: tuple[str, ...] = ()
) -> RangeFacts:
    """Raises OutsideCallFailed (bad_answer) when the answer does not fit."""
    data = answer.data["repository"]
    window = wire.read(wire.CommitWindow.model_validate, data.get("window") or {})
    nodes = window.history.present
    blame = {path: _blame(path, data.get(f"b{n}")) for n, path in enumerate(files)}
    touched_data = data.get("touched")
    parts = touched_data if isinstance(touched_data, dict) else {}
    touches = {path: _touches(parts[f"t{n}"]) for n, path in enumerate(touched) if parts.get(f"t{n}")}
    return RangeFacts(
        commits=tuple(_commit(node) for node in nodes),
        pull_request_files=tuple((node.oid, _pull_request_files(node)) for node in nodes),
        sources=_sources(answer, (*files, *read)),
        blame={path: ranges for path, ranges in blame.items() if ranges},
        touched={path: tuple(commit.sha for commit in found) for path, found in touches.items()},
        touching=tuple({commit.sha: commit for found in touches.values() for commit in found}.values()),
        errors=answer.errors,
    )


def _newest(target: wire.CommitWithHistory, until: datetime) -> Revision:
    """The newest commit of the history that is not newer than `until` is the branch as it was then.

    A branch that is younger than that is taken as it is now.
    """
    history = tuple(
        entry for entry in _history(target) if entry.committed_at.timestamp() <= until.timestamp()
    )
    if not history:
        return Revision(sha=target.oid, committed_at=target.committed_date)
    return Revision(sha=history[0].sha, committed_at=history[0].committed_at, history=history)


def _revision(data: object) -> Revision | None:
    if data is None:
        return None
    found = wire.read(wire.GitObject.model_validate, data)
    target = found.target or found
    if target.committed_date is None:
        return None  # a tree or a blob, not a commit
    return Revision(sha=target.oid, committed_at=target.committed_date, history=_history(target))


def _history(target: wire.CommitWithHistory) -> tuple[HistoryEntry, ...]:
    return tuple(
        HistoryEntry(
            sha=node.oid,
            committed_at=node.committed_date,
            first_parent=next((parent.oid for parent in node.parents.present), None),
        )
        for node in target.history.present
    )


def _deployment(each: wire.Deployment) -> Deploy:
    statuses = each.statuses.present if each.statuses else []
    successes = [status.created_at for status in statuses if status.state == "SUCCESS" and status.created_at]
    ran = bool(successes) or (not statuses and each.state in RAN)
    return Deploy(
        source="github_deployment",
        name=each.latest_environment or each.environment or "deployment",
        sha=each.commit_oid,
        environment=each.latest_environment or each.environment,
        at=min(successes, default=each.created_at),
        state="success" if ran else (each.state or "unknown").lower(),
        by=_known(each.creator),
        url=(each.latest_status.log_url or each.latest_status.environment_url)
        if each.latest_status
        else None,
    )


def _release(each: wire.Release) -> Deploy:
    return Deploy(
        source="github_release",
        name=each.tag_name,
        sha=each.tag_commit.oid if each.tag_commit else None,
        at=each.published_at or each.created_at,
        state="success",
        by=_known(each.author),
        url=each.url,
    )


def _known(actor: wire.Actor | None) -> Person | None:
    return Person(login=actor.login) if actor and actor.login and actor.login != GHOST else None


def _codeowners(head: wire.HeadAnswer) -> CodeownersFile | None:
    places = (
        (".github/CODEOWNERS", head.owners_github),
        ("CODEOWNERS", head.owners_root),
        ("docs/CODEOWNERS", head.owners_docs),
    )
    for path, blob in places:
        if blob and blob.text is not None:
            errors = head.codeowners.errors if head.codeowners else []
            broken = frozenset(error.line for error in errors if error.path in ("", path))
            return CodeownersFile(path=path, text=blob.text, broken_lines=broken)
    return None


def _is_file(data: object) -> bool:
    return isinstance(data, dict) and data.get("__typename") == "Blob"


def _sources(answer: GraphQLAnswer, names: tuple[str, ...]) -> dict[str, SourceFile]:
    """By name, without those that are not there; one that GitHub failed to read is there without text."""
    data = answer.data["repository"]
    failed = {step for error in answer.errors for step in error.path}
    found = {
        name: SourceFile() if f"s{n}" in failed else _source(data.get(f"s{n}"))
        for n, name in enumerate(names)
    }
    return {name: source for name, source in found.items() if source}


def _source(data: object) -> SourceFile | None:
    if not data:
        return None
    blob = wire.read(wire.Blob.model_validate, data)
    text = None if blob.is_binary or blob.is_truncated else blob.text
    return SourceFile(text=text, size=blob.byte_size, binary=bool(blob.is_binary))


def _blame(path: str, data: object) -> tuple[BlameRange, ...]:
    answer = wire.read(wire.CommitWithBlame.model_validate, data or {})
    return tuple(
        BlameRange(
            path=path,
            start=each.starting_line,
            end=each.ending_line,
            sha=each.commit.oid,
            committed_at=each.commit.committed_date,
            headline=each.commit.message_headline,
            author=each.commit.author.person if each.commit.author else Person(),
        )
        for each in (answer.blame.ranges if answer.blame else ())
    )


def _touches(data: object) -> tuple[Commit, ...]:
    return tuple(
        _commit(node) for node in wire.read(wire.Nodes[wire.CommitNode].model_validate, data).present
    )


def _commit(node: wire.CommitNode) -> Commit:
    pull = _pull_of(node)
    return Commit(
        sha=node.oid,
        message=node.message or node.message_headline,
        url=node.url,
        author=node.author.person if node.author else Person(),
        authored_at=node.authored_date,
        committed_at=node.committed_date,
        parents=tuple(parent.oid for parent in node.parents.present),
        additions=node.additions,
        deletions=node.deletions,
        changed_files=node.changed_files_if_available,
        pull_request=_pull_request(pull) if pull else None,
    )


def _pull_of(node: wire.CommitNode) -> wire.PullRequestNode | None:
    """The pull request that brought the commit: merged ones go before those that merely contain it."""
    pulls = node.associated_pull_requests.present if node.associated_pull_requests else []
    return next((pull for pull in pulls if pull.state == "MERGED"), pulls[0] if pulls else None)


def _pull_request(node: wire.PullRequestNode) -> PullRequest:
    return PullRequest(
        number=node.number,
        title=node.title,
        url=node.url,
        state=node.state.lower(),
        author=_known(node.author),
        merged_at=node.merged_at,
    )


def _pull_request_files(node: wire.CommitNode) -> tuple[FileChange, ...]:
    pull = _pull_of(node)
    files = pull.files.present if pull and pull.files else []
    return tuple(
        FileChange(
            path=each.path,
            status=CHANGE_TYPES.get(each.change_type, "modified"),
            additions=each.additions,
            deletions=each.deletions,
        )
        for each in files
    )
