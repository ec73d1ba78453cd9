"""Every write of ours is one that GitHub's own descriptions allow, and the answers are understood."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from investigator.deadline import Deadline
from investigator.errors import OutsideCallFailed
from investigator.github import pull_requests as hub
from investigator.github.client import GitHub
from investigator.github.credentials import Credentials, PersonalToken
from investigator.github.pull_news import pull_news
from investigator.github.pull_requests import PullSeen, Standing, Tip
from investigator.github.repository import Repository
from investigator.models.fix import EXECUTABLE, REGULAR, Change, File

pytestmark = [pytest.mark.contract, pytest.mark.timeout(400)]

SHA = "6dcb09b5b57875f334f61aebed695e2e4193db5e"
BRANCH = "pilot/42-revert-6dcb09b"
TIP = Tip(oid=SHA, tree=SHA)
AT = Standing(repository_id="R_1", base="main", base_tip=TIP, branch=None, pulls=())


def change(path: str = "src/a.py", mode: int = REGULAR) -> Change:
    return Change(path=path, before=File(mode=mode, content=b"a\n"), after=File(mode=mode, content=b"b\n"))


@pytest.fixture
async def repository(contract: str) -> AsyncIterator[Repository]:
    github = GitHub(contract, Credentials([PersonalToken("ghp_contract")]), patience=60)
    yield github.repository("octocat/Hello-World", Deadline.after(120), purpose="write")
    github.close()


async def test_where_a_proposal_stands(repository: Repository) -> None:
    at = await hub.standing(repository, BRANCH)
    assert at.repository_id
    assert len(at.base_tip.oid) == 40


async def test_a_branch(repository: Repository) -> None:
    await hub.create_branch(repository, "R_1", BRANCH, SHA)


async def test_a_signed_commit(repository: Repository) -> None:
    gone = Change(path="src/old.py", before=File(mode=REGULAR, content=b"x"), after=None)
    assert len(await hub.commit(repository, BRANCH, TIP, "Revert\n\nWhy", (change(), gone))) == 40


async def test_a_commit_of_an_executable_goes_through_gits_own_objects(repository: Repository) -> None:
    gone = Change(path="src/old.py", before=File(mode=REGULAR, content=b"x"), after=None)
    made = await hub.commit(repository, BRANCH, TIP, "Revert\n\nWhy", (change(mode=EXECUTABLE), gone))
    assert made, "git's objects were refused"


async def test_a_draft_pull_request(repository: Repository) -> None:
    pull = await hub.open_pull(repository, AT, BRANCH, "Revert it", "Because", draft=True)
    assert isinstance(pull, PullSeen)


async def test_labels(repository: Repository) -> None:
    await hub.add_labels(repository, 7, ["incident"])


async def test_reviewers(repository: Repository) -> None:
    """The example that the description answers with breaks it (500); what it refuses to be asked is a 422."""
    with pytest.raises(OutsideCallFailed, match="HTTP 500"):
        await hub.ask_reviewers(repository, 7, ["@octocat", "@acme/checkout", "someone@acme.test"])
    with pytest.raises(OutsideCallFailed, match="HTTP 422"):
        await repository.rest("POST", "/pulls/7/requested_reviewers", {"reviewers": "octocat"})


async def test_what_became_of_it(repository: Repository) -> None:
    assert (await pull_news(repository, 7)).state in {"open", "closed", "merged", "reverted"}


async def test_the_bytes_of_a_file(repository: Repository) -> None:
    assert await repository.blob(SHA)


async def test_a_field_that_github_does_not_have_would_be_noticed(repository: Repository) -> None:
    wrong = hub.document("create_ref").replace("target { oid }", "target { nothing }")
    with pytest.raises(OutsideCallFailed, match="nothing"):
        await repository.graphql(wrong, {"input": {"repositoryId": "R", "name": "refs/heads/x", "oid": SHA}})
