"""GitHub's REST answers turned into our values. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from investigator.github import wire_rest as wire
from investigator.github.answers import Comparison, Tree
from investigator.github.wire import read
from investigator.models.evidence import Commit, FileChange, Person


def comparison(data: object) -> Comparison:
    """Raises OutsideCallFailed (bad_answer) when the answer does not fit."""
    compared = read(wire.Compare.model_validate, data)
    return Comparison(
        status=compared.status,
        commits=tuple(_rest_commit(commit) for commit in reversed(compared.commits)),
        total_commits=compared.total_commits,
        files=tuple(_file(each) for each in compared.files),
    )


def commit(data: object) -> Commit:
    """Raises OutsideCallFailed (bad_answer) when the answer does not fit."""
    return _rest_commit(read(wire.Commit.model_validate, data))


def tree(data: object) -> Tree:
    """Raises OutsideCallFailed (bad_answer) when the answer does not fit."""
    listed = read(wire.Tree.model_validate, data)
    paths = frozenset(entry.path for entry in listed.tree if entry.type == "blob")
    submodules = frozenset(entry.path for entry in listed.tree if entry.type == "commit")
    return Tree(paths=paths, complete=not listed.truncated, submodules=submodules)


def _rest_commit(each: wire.Commit) -> Commit:
    author, committer = each.commit.author, each.commit.committer
    files = None if each.files is None else tuple(_file(file) for file in each.files)
    return Commit(
        sha=each.sha,
        message=each.commit.message,
        url=each.html_url,
        author=_rest_person(author, each.author),
        authored_at=_date(author),
        committed_at=_date(committer) or _date(author),
        parents=tuple(parent.sha for parent in each.parents),
        additions=each.stats.additions if each.stats else None,
        deletions=each.stats.deletions if each.stats else None,
        changed_files=None if files is None else len(files),
        files=files,
    )


def _rest_person(actor: wire.GitActor | None, user: wire.User | None) -> Person:
    known: dict[str, Any] = {"name": actor.name, "email": actor.email} if actor else {}
    return Person(**known, login=user.login if user else None)


def _date(actor: wire.GitActor | None) -> datetime | None:
    return actor.date if actor else None


def _file(each: wire.File) -> FileChange:
    return FileChange(
        path=each.filename,
        previous_path=each.previous_filename,
        status=each.status,
        additions=each.additions,
        deletions=each.deletions,
        patch=each.patch,
    )
