"""Writing to a repository: a branch, one commit on it, a pull request from it. Nothing here is repeated by
itself: whoever is not answered looks at `standing` before asking again.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal
from urllib.parse import quote

from investigator.github.failures import Invisible, bad_answer
from investigator.github.repository import Repository
from investigator.github.wire import Nodes, Wire, read
from investigator.models.base import Value
from investigator.models.fix import REGULAR, Change

DOCUMENTS = files("investigator.github") / "pulls"
State = Literal["open", "closed", "merged"]


class Tip(Value):
    """The newest commit of a branch."""

    oid: str
    tree: str
    message: str = ""


class PullSeen(Value):
    number: int
    url: str
    state: State
    draft: bool
    body: str


class Standing(Value):
    """What there is of a proposal. `branch` None: no branch yet. Pull requests from forks are not ours."""

    repository_id: str
    base: str
    base_tip: Tip
    branch: Tip | None
    pulls: tuple[PullSeen, ...]


class _Tree(Wire):
    oid: str


class _Target(Wire):
    oid: str
    message: str = ""
    tree: _Tree | None = None

    @property
    def tip(self) -> Tip:
        if self.tree is None:
            raise bad_answer("a branch that points at no commit")
        return Tip(oid=self.oid, tree=self.tree.oid, message=self.message)


class _Ref(Wire):
    name: str = ""
    target: _Target


class _Pull(Wire):
    number: int
    url: str
    state: str
    is_draft: bool
    is_cross_repository: bool
    body: str

    @property
    def seen(self) -> PullSeen:
        state = {"OPEN": "open", "MERGED": "merged"}.get(self.state, "closed")
        return PullSeen.model_validate(
            {
                "number": self.number,
                "url": self.url,
                "state": state,
                "draft": self.is_draft,
                "body": self.body,
            }
        )


class _Repository(Wire):
    id: str
    default_branch_ref: _Ref | None = None
    ref: _Ref | None = None
    pull_requests: Nodes[_Pull] = Nodes()


async def standing(repository: Repository, branch: str) -> Standing:
    """What there is now; never out of the cache.

    Raises:
        OutsideCallFailed: as the repository; not_found when the credential does not see it.
    """
    owner, _, name = repository.name.partition("/")
    variables = {"owner": owner, "name": name, "branch": f"refs/heads/{branch}", "head": branch}
    data = await repository.graphql(document("standing"), variables)
    if data.get("repository") is None:
        raise Invisible("the credential that may write does not see it")
    found = read(_Repository.model_validate, data["repository"])
    if found.default_branch_ref is None:
        raise bad_answer("the repository has no default branch")
    return Standing(
        repository_id=found.id,
        base=found.default_branch_ref.name,
        base_tip=found.default_branch_ref.target.tip,
        branch=found.ref.target.tip if found.ref else None,
        pulls=tuple(pull.seen for pull in found.pull_requests.present if not pull.is_cross_repository),
    )


async def create_branch(repository: Repository, repository_id: str, branch: str, oid: str) -> None:
    """Raises OutsideCallFailed: as the repository; rejected when it is there already."""
    given = {"repositoryId": repository_id, "name": f"refs/heads/{branch}", "oid": oid}
    await repository.graphql(document("create_ref"), {"input": given})


async def commit(
    repository: Repository, branch: str, tip: Tip, message: str, changes: Sequence[Change]
) -> str:
    """One commit with these changes on top of `tip`, signed by GitHub; returns its SHA.

    The first line of `message` is its headline.

    Raises:
        OutsideCallFailed: as the repository; rejected when the branch is not at `tip` any more.
    """
    plain = all(file is None or file.mode == REGULAR for c in changes for file in (c.before, c.after))
    if not plain:  # createCommitOnBranch knows no modes
        return await _commit_tree(repository, branch, tip, message, changes)
    headline, _, body = message.partition("\n")
    additions = [
        {"path": change.path, "contents": _base64(change.after.content)} for change in changes if change.after
    ]
    deletions = [{"path": change.path} for change in changes if change.after is None]
    given = {
        "branch": {"repositoryNameWithOwner": repository.name, "branchName": branch},
        "expectedHeadOid": tip.oid,
        "message": {"headline": headline, "body": body.strip()},
        "fileChanges": {"additions": additions, "deletions": deletions},
    }
    data = await repository.graphql(document("create_commit_on_branch"), {"input": given})
    return _text(data, "createCommitOnBranch", "commit", "oid")


async def open_pull(
    repository: Repository, at: Standing, branch: str, title: str, body: str, *, draft: bool
) -> PullSeen:
    """Raises OutsideCallFailed: as the repository; rejected when there is one already."""
    given = {
        "repositoryId": at.repository_id,
        "baseRefName": at.base,
        "headRefName": branch,
        "title": title,
        "body": body,
        "draft": draft,
    }
    data = await repository.graphql(document("create_pull_request"), {"input": given})
    made = data.get("createPullRequest")
    return read(_Pull.model_validate, made.get("pullRequest") if isinstance(made, dict) else None).seen


async def add_labels(repository: Repository, number: int, labels: Sequence[str]) -> None:
    """Raises OutsideCallFailed: as the repository."""
    await repository.rest("POST", f"/issues/{number}/labels", {"labels": list(labels)})


async def ask_reviewers(repository: Repository, number: int, owners: Sequence[str]) -> None:
    """`owners` as CODEOWNERS has them: @login or @org/team. Raises OutsideCallFailed: as the repository."""
    names = [owner.removeprefix("@") for owner in owners if owner.startswith("@")]
    asked = {
        "reviewers": [name for name in names if "/" not in name],
        "team_reviewers": [name.partition("/")[2] for name in names if "/" in name],
    }
    if any(asked.values()):
        await repository.rest("POST", f"/pulls/{number}/requested_reviewers", asked)


async def _commit_tree(
    repository: Repository, branch: str, tip: Tip, message: str, changes: Sequence[Change]
) -> str:
    """The same through git's own objects, which have modes; GitHub signs it for an App."""
    entries = []
    for change in changes:
        oid = None
        if change.after is not None:
            blob = {"content": _base64(change.after.content), "encoding": "base64"}
            oid = _text(await repository.rest("POST", "/git/blobs", blob), "sha")
        file = change.after or change.before
        mode = f"{file.mode if file else REGULAR:o}"
        entries.append({"path": change.path, "mode": mode, "type": "blob", "sha": oid})
    tree = await repository.rest("POST", "/git/trees", {"base_tree": tip.tree, "tree": entries})
    made = {"message": message, "tree": _text(tree, "sha"), "parents": [tip.oid]}
    sha = _text(await repository.rest("POST", "/git/commits", made), "sha")
    await repository.rest(
        "PATCH", f"/git/refs/{quote(f'heads/{branch}', safe='')}", {"sha": sha, "force": False}
    )
    return sha


def _base64(content: bytes | None) -> str:
    return base64.b64encode(content or b"").decode()


def _text(data: Any, *path: str) -> str:
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    if not isinstance(data, str):
        raise bad_answer(f"no {'.'.join(path)} in the answer")
    return data


@cache
def document(name: str) -> str:
    """A GraphQL document of `pulls/`."""
    return (DOCUMENTS / f"{name}.graphql").read_text(encoding="utf-8")
