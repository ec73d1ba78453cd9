"""Branches, commits and pull requests made through the APIs are real ones in the repository."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from github import Github, GithubException, InputGitTreeElement

from tests.fixtures.host_clone import NAME, Clone, Served

REPOSITORY = 'repository(owner: "acme", name: "shop")'
OPEN_FIX = """
mutation ($ref: CreateRefInput!, $commit: CreateCommitOnBranchInput!, $pr: CreatePullRequestInput!) {
  createRef(input: $ref) { ref { id name target { oid } } }
  createCommitOnBranch(input: $commit) { commit { oid url author { user { login } } } ref { name } }
  createPullRequest(input: $pr) { pullRequest { id number url isDraft state } }
}
"""
MESSAGE = "Survive empty carts\n\nAs found out."
REVERT = """
mutation ($input: RevertPullRequestInput!) {
  revertPullRequest(input: $input) { revertPullRequest { number isDraft headRefName title } }
}
"""


async def fix_input(served: Served, head: str, *, expected: str | None = None) -> dict[str, Any]:
    repository = (await served.data(f"{{ {REPOSITORY} {{ id }} }}"))["id"]
    content = base64.b64encode(b"def half(x):\n    return (x or 0) / 2\n").decode()
    return {
        "ref": {"repositoryId": repository, "name": "refs/heads/pilot/fix", "oid": head},
        "commit": {
            "branch": {"repositoryNameWithOwner": NAME, "branchName": "pilot/fix"},
            "message": dict(zip(("headline", "body"), MESSAGE.split("\n\n"), strict=True)),
            "expectedHeadOid": expected or head,
            "fileChanges": {
                "additions": [{"path": "src/coupon.py", "contents": content}],
                "deletions": [{"path": "logo.png"}],
            },
        },
        "pr": {
            "repositoryId": repository,
            "baseRefName": "main",
            "headRefName": "pilot/fix",
            "title": "Survive",
            "draft": True,
        },
    }


async def pull_id(served: Served, number: int) -> str:
    data = await served.data(f"{{ {REPOSITORY} {{ pullRequest(number: {number}) {{ id }} }} }}")
    return str(data["pullRequest"]["id"])


async def test_one_request_makes_branch_commit_and_draft(writable: Served, own_shop: Clone) -> None:
    head = own_shop.shas["rename"]

    answer = await writable.graphql(OPEN_FIX, **await fix_input(writable, head))

    data = answer["data"]
    assert "errors" not in answer, answer
    commit = data["createCommitOnBranch"]["commit"]["oid"]
    assert own_shop.git("rev-parse", "pilot/fix", "pilot/fix~1").split() == [commit, head]
    assert own_shop.git("show", "pilot/fix:src/coupon.py").endswith("return (x or 0) / 2\n")
    changed = own_shop.git("diff", "--name-status", "main", "pilot/fix").split()
    assert changed == ["D", "logo.png", "M", "src/coupon.py"]
    assert own_shop.git("log", "-1", "--format=%B", "pilot/fix").strip() == MESSAGE
    assert data["createPullRequest"]["pullRequest"]["isDraft"] is True
    assert own_shop.git("status", "--porcelain") == "", "the work tree and index are nobody's business"
    opened = await writable.get("/pulls")
    assert [pull["head"]["ref"] for pull in opened] == ["pilot/fix"]


async def test_an_open_pull_request_grows_with_its_branch(writable: Served, own_shop: Clone) -> None:
    def grow(github: Github) -> Any:
        repo = github.get_repo(NAME)
        pull = repo.create_pull("main", "hotfix", title="Hurry")
        repo.create_file("MORE", "Do more", "more\n", branch="hotfix")
        return [commit.sha for commit in pull.get_commits()]

    commits = await writable.sdk(grow)

    assert commits == own_shop.git("rev-list", "--reverse", "main..hotfix").split()
    assert len(commits) == 2


async def test_a_branch_that_moved_is_not_committed_to(writable: Served, own_shop: Clone) -> None:
    given = await fix_input(writable, own_shop.shas["rename"], expected=own_shop.shas["merge"])

    answer = await writable.graphql(OPEN_FIX, **given)

    kinds = [error["type"] for error in answer["errors"]]
    assert kinds == ["STALE_DATA", "UNPROCESSABLE"], "no commit, so there is nothing to propose either"
    assert own_shop.git("rev-parse", "pilot/fix").strip() == own_shop.shas["rename"]


async def test_the_same_branch_is_made_once(writable: Served, own_shop: Clone) -> None:
    given = await fix_input(writable, own_shop.shas["rename"])
    await writable.graphql(OPEN_FIX, **given)

    again = await writable.graphql(OPEN_FIX, **given)

    paths = [(error["path"], error["type"]) for error in again["errors"]]
    assert paths[0] == (["createRef"], "UNPROCESSABLE")
    assert paths[-1] == (["createPullRequest"], "UNPROCESSABLE"), "one open pull request per branch"


async def test_reverting_takes_back_exactly_what_was_merged(writable: Served, own_shop: Clone) -> None:
    answer = await writable.graphql(
        REVERT, input={"pullRequestId": await pull_id(writable, 9), "draft": True}
    )

    revert = answer["data"]["revertPullRequest"]["revertPullRequest"]
    assert (revert["isDraft"], revert["title"]) == (True, 'Revert "Coupons for everyone"')
    changed = own_shop.git("diff", "--name-status", "main", revert["headRefName"]).split()
    assert changed == ["D", "src/coupon.py"], "later work on main stays"


async def test_a_revert_follows_a_renamed_file(writable: Served, own_shop: Clone) -> None:
    answer = await writable.graphql(REVERT, input={"pullRequestId": await pull_id(writable, 7)})

    branch = answer["data"]["revertPullRequest"]["revertPullRequest"]["headRefName"]
    assert own_shop.git("diff", "--name-only", "main", branch).split() == ["src/basket.py"]
    assert "return price\n" in own_shop.git("show", f"{branch}:src/basket.py")


async def test_a_conflicting_revert_is_refused(own_shop: Clone, writable: Served) -> None:
    basket = own_shop.git("show", "main:src/basket.py").replace("price or 0", "price or free")
    own_shop.commit("later", "Work on the same line", {"src/basket.py": basket})

    answer = await writable.graphql(REVERT, input={"pullRequestId": await pull_id(writable, 7)})

    assert answer["errors"][0]["type"] == "UNPROCESSABLE"
    assert "conflicts" in answer["errors"][0]["message"]


async def test_the_sdk_makes_a_fix_over_rest(writable: Served, own_shop: Clone) -> None:
    def fix(github: Github) -> Any:
        repo = github.get_repo(NAME)
        tip = repo.get_branch("main").commit.sha
        repo.create_git_ref("refs/heads/fix", tip)
        old: Any = repo.get_contents("README.md", ref="fix")
        repo.update_file("README.md", "Say more", "Shop, open\n", old.sha, branch="fix")
        repo.create_file("docs/new.md", "Add a page", "New\n", branch="fix")
        pull = repo.create_pull("main", "fix", title="Docs", body="More", draft=True)
        pull.add_to_labels("incident")
        pull.create_review_request(reviewers=["ada"])
        pull.create_review_request(team_reviewers=["pricing"])
        return repo.get_pull(pull.number)

    pull = await writable.sdk(fix)

    assert own_shop.git("diff", "--name-only", "main", "fix").split() == ["README.md", "docs/new.md"]
    assert own_shop.git("show", "fix:README.md") == "Shop, open\n"
    assert (pull.draft, pull.state, pull.commits, pull.changed_files) == (True, "open", 2, 2)
    assert [label.name for label in pull.labels] == ["incident"]
    assert [reviewer.login for reviewer in pull.requested_reviewers] == ["ada"]
    assert [team.slug for team in pull.requested_teams] == ["pricing"]


async def test_the_sdk_builds_a_commit_from_objects(writable: Served, own_shop: Clone) -> None:
    def build(github: Github) -> Any:
        repo = github.get_repo(NAME)
        parent = repo.get_git_commit(repo.get_branch("main").commit.sha)
        blob = repo.create_git_blob("made\n", "utf-8")
        element = InputGitTreeElement("src/made.py", "100644", "blob", sha=blob.sha)
        tree = repo.create_git_tree([element], base_tree=parent.tree)
        commit = repo.create_git_commit("Make it", tree, [parent])
        repo.get_git_ref("heads/main").edit(commit.sha)
        return commit.sha

    sha = await writable.sdk(build)

    assert own_shop.git("rev-parse", "main").strip() == sha
    assert own_shop.git("show", "main:src/made.py") == "made\n"


async def test_an_outdated_file_is_not_overwritten(writable: Served) -> None:
    def overwrite(github: Github) -> Any:
        github.get_repo(NAME).update_file("README.md", "Lose work", "x", "0" * 40, branch="main")

    with pytest.raises(GithubException) as refused:
        await writable.sdk(overwrite)
    assert refused.value.status == 409


async def test_a_repository_that_is_only_read_refuses_every_write(served: Served, shop: Clone) -> None:
    before = shop.git("for-each-ref")
    writes = [
        ("POST", "/git/refs", {"ref": "refs/heads/x", "sha": shop.shas["merge"]}),
        ("PUT", "/contents/x", {"message": "x", "content": ""}),
        ("POST", "/git/blobs", {"content": "x"}),
        ("POST", "/git/trees", {"tree": []}),
        ("POST", "/git/commits", {"message": "x", "tree": shop.shas["merge"]}),
        ("POST", "/pulls", {"title": "x", "base": "main", "head": "hotfix"}),
        ("POST", "/issues/9/labels", {"labels": ["x"]}),
        ("POST", "/pulls/9/requested_reviewers", {"reviewers": ["x"]}),
        ("DELETE", "/git/refs/heads/main", {}),
    ]
    for method, path, body in writes:
        async with served.http.request(method, f"/repos/{NAME}{path}", json=body) as response:
            assert (response.status, (await response.json())["message"]) == (
                403,
                "Resource not accessible by integration",
            ), f"{method} {path}"

    answer = await served.graphql(OPEN_FIX, **await fix_input(served, shop.shas["merge"]))

    assert {error["type"] for error in answer["errors"]} == {"FORBIDDEN"}
    assert shop.git("for-each-ref") == before
