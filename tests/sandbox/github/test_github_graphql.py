"""GraphQL answers with GitHub's names, its errors and git's facts."""

from __future__ import annotations

from typing import Any

import pytest
from github import UnknownObjectException

from sandbox.github import Deployment, HostHistory, PullRequest
from sandbox.github.hosted import instant
from tests.fixtures.host_clone import NAME, Clone, Served, serve_repository

REPOSITORY = 'repository(owner: "acme", name: "shop")'
BLAME = """
query ($sha: GitObjectID!, $path: String!) {
  repository(owner: "acme", name: "shop") {
    nameWithOwner
    object(oid: $sha) {
      ... on Commit {
        blame(path: $path) {
          ranges {
            startingLine endingLine age
            commit { oid messageHeadline author { name email user { login } } }
          }
        }
      }
    }
  }
}
"""


async def test_blame_is_gits_own_line_by_line(served: Served, shop: Clone) -> None:
    sha = shop.shas["rename"]

    data = await served.data(BLAME, sha=sha, path="src/basket.py")

    printed = shop.git("blame", "-l", "-s", "--root", sha, "--", "src/basket.py").splitlines()
    expected = [line.split()[0] for line in printed]
    ranges = data["object"]["blame"]["ranges"]
    told = [r["commit"]["oid"] for r in ranges for _ in range(r["startingLine"], r["endingLine"] + 1)]
    assert told == expected, "blame follows the rename and covers every line"
    assert {r["commit"]["oid"] for r in ranges} == {shop.shas[k] for k in ("rename", "squash", "import")}


async def test_blame_of_a_missing_file_fails_only_where_it_was_asked(served: Served, shop: Clone) -> None:
    answer = await served.graphql(BLAME, sha=shop.shas["rename"], path="src/cart.py")

    error = answer["errors"][0]
    assert (error["type"], error["path"]) == ("NOT_FOUND", ["repository", "object", "blame"])
    assert answer["data"]["repository"] == {"nameWithOwner": NAME, "object": None}


async def test_an_unknown_repository_is_an_error_of_its_own(served: Served) -> None:
    query = f'{{ {REPOSITORY} {{ name }} other: repository(owner: "x", name: "y") {{ name }} }}'

    answer = await served.graphql(query)

    assert answer["data"] == {"repository": {"name": "shop"}, "other": None}
    assert answer["errors"][0]["message"] == "Could not resolve to a Repository with the name 'x/y'."
    with pytest.raises(UnknownObjectException):
        await served.sdk(
            lambda github: github.requester.graphql_query('{ repository(owner: "x", name: "y") { id } }', {})
        )


@pytest.mark.parametrize(
    ("query", "message", "code"),
    [
        (
            f"{{ {REPOSITORY} {{ compare }} }}",
            "Field 'compare' doesn't exist on type 'Repository'",
            "undefinedField",
        ),
        (
            f"{{ {REPOSITORY} {{ object(sha: 1) {{ id }} }} }}",
            "Field 'object' doesn't accept argument 'sha'",
            "argumentNotAccepted",
        ),
        (
            '{ repository(name: "shop") { id } }',
            "Field 'repository' is missing required arguments: owner",
            "missingRequiredArguments",
        ),
    ],
)
async def test_wrong_queries_are_refused_in_githubs_words(
    served: Served, query: str, message: str, code: str
) -> None:
    answer = await served.graphql(query)

    assert "data" not in answer
    assert answer["errors"][0]["message"] == message
    assert answer["errors"][0]["extensions"]["code"] == code


async def test_a_missing_variable_is_named(served: Served) -> None:
    answer = await served.graphql(BLAME, path="README.md")

    message = answer["errors"][0]["message"]
    assert message == "Variable $sha of type GitObjectID! was provided invalid value"


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ('refPrefix: "refs/heads/"', "MISSING_PAGINATION_BOUNDARIES"),
        ('refPrefix: "x", first: 101', "EXCESSIVE_PAGINATION"),
    ],
)
async def test_connections_insist_on_a_page_size(served: Served, arguments: str, kind: str) -> None:
    answer = await served.graphql(f"{{ {REPOSITORY} {{ refs({arguments}) {{ totalCount }} }} }}")

    assert answer["errors"][0]["type"] == kind


async def test_a_history_is_walked_by_cursor(served: Served, shop: Clone) -> None:
    query = """
    query ($after: String) {
      repository(owner: "acme", name: "shop") {
        object(expression: "main") {
          ... on Commit {
            history(first: 2, after: $after) { totalCount nodes { oid } pageInfo { hasNextPage endCursor } }
          }
        }
      }
    }
    """
    walked: list[str] = []
    after: str | None = None
    while after is not None or not walked:
        page = (await served.data(query, after=after))["object"]["history"]
        walked += [node["oid"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"] if page["pageInfo"]["hasNextPage"] else None

    assert walked == shop.git("log", "--format=%H", "main").split()
    assert page["totalCount"] == len(walked)


async def test_a_history_can_be_narrowed_by_path_and_time(served: Served, shop: Clone) -> None:
    query = """
    query ($since: GitTimestamp) {
      repository(owner: "acme", name: "shop") {
        object(expression: "HEAD") {
          ... on Commit {
            touched: history(first: 9, path: "src/cart.py") { nodes { oid } }
            late: history(first: 9, since: $since) { nodes { oid } }
          }
        }
      }
    }
    """
    since = shop.git("log", "-1", "--format=%cI", shop.shas["merge"]).strip()

    commit = (await served.data(query, since=since))["object"]

    touched = shop.git("log", "--format=%H", "main", "--", "src/cart.py").split()
    assert [node["oid"] for node in commit["touched"]["nodes"]] == touched
    assert [node["oid"] for node in commit["late"]["nodes"]] == [shop.shas["rename"], shop.shas["merge"]]


RANGE = """
query ($base: String!, $head: String!) {
  repository(owner: "acme", name: "shop") {
    ref(qualifiedName: $base) {
      compare(headRef: $head) {
        status aheadBy behindBy
        commits(first: 50) {
          totalCount
          nodes {
            oid messageHeadline messageBody additions deletions changedFilesIfAvailable
            parents(first: 2) { totalCount }
            statusCheckRollup { state }
            associatedPullRequests(first: 3) {
              nodes {
                number title merged mergeCommit { oid } baseRefName headRefName
                files(first: 9) { nodes { path changeType } }
                commits(first: 9) { nodes { commit { oid } } }
              }
            }
          }
        }
      }
    }
  }
}
"""


async def test_a_comparison_of_references_tells_of_pull_requests(served: Served, shop: Clone) -> None:
    data = await served.data(RANGE, base="refs/tags/v1", head="main")

    comparison = data["ref"]["compare"]
    commits = {node["oid"]: node for node in comparison["commits"]["nodes"]}
    assert (comparison["status"], comparison["aheadBy"]) == ("AHEAD", 4)
    assert set(commits) == set(shop.git("rev-list", "v1..main").split())
    pull: dict[str, Any] = commits[shop.shas["coupon"]]["associatedPullRequests"]["nodes"][0]
    assert (pull["number"], pull["headRefName"], pull["baseRefName"]) == (9, "coupons", "main")
    assert pull["files"]["nodes"] == [{"path": "src/coupon.py", "changeType": "ADDED"}]
    assert [node["commit"]["oid"] for node in pull["commits"]["nodes"]] == [shop.shas["coupon"]]
    assert commits[shop.shas["notes"]]["associatedPullRequests"]["nodes"] == []
    assert commits[shop.shas["merge"]]["parents"]["totalCount"] == 2


@pytest.mark.parametrize("head", ["nowhere", "0" * 40, "-main"])
async def test_a_comparison_with_no_such_reference_is_null(served: Served, head: str) -> None:
    data = await served.data(RANGE, base="refs/tags/v1", head=head)

    assert data["ref"]["compare"] is None


async def test_files_are_read_by_expression_at_any_commit(served: Served, shop: Clone) -> None:
    query = """
    query ($old: String!) {
      repository(owner: "acme", name: "shop") {
        old: object(expression: $old) { ... on Blob { text byteSize isBinary isTruncated } }
        logo: object(expression: "HEAD:logo.png") { ... on Blob { text isBinary } }
        tree: object(expression: "main:src") { ... on Tree { entries { name type object { oid } } } }
        none: object(expression: "HEAD:nope") { id }
        tag: object(expression: "refs/tags/v2") { ... on Tag { name message target { oid } } }
      }
    }
    """

    data = await served.data(query, old=f"{shop.shas['import']}:src/cart.py")

    text = shop.git("show", f"{shop.shas['import']}:src/cart.py")
    assert (data["old"]["text"], data["old"]["byteSize"], data["old"]["isBinary"]) == (text, len(text), False)
    assert data["logo"] == {"text": None, "isBinary": True}
    assert [entry["name"] for entry in data["tree"]["entries"]] == ["basket.py", "coupon.py"]
    assert data["none"] is None
    assert data["tag"] == {"name": "v2", "message": "Second\n", "target": {"oid": shop.shas["merge"]}}


async def test_code_owners_come_with_the_lines_github_would_refuse(served: Served) -> None:
    query = """
    {
      repository(owner: "acme", name: "shop") {
        codeowners { errors { kind line column path source } }
        file: object(expression: "HEAD:.github/CODEOWNERS") { ... on Blob { text } }
      }
    }
    """

    data = await served.data(query)

    told = [(e["kind"], e["line"], e["column"]) for e in data["codeowners"]["errors"]]
    assert told == [("Invalid pattern", 2, 1), ("Invalid owner", 3, 7)]
    assert data["file"]["text"].startswith("* @acme/core")


async def test_deployments_are_filtered_and_newest_first(shop: Clone) -> None:
    deployments = [
        Deployment(
            1, shop.shas["squash"], "production", instant("2026-01-01T03:00:00Z"), "inactive", "ada", "v1"
        ),
        Deployment(2, shop.shas["merge"], "staging", instant("2026-01-01T06:00:00Z")),
        Deployment(3, shop.shas["merge"], "production", instant("2026-01-01T07:00:00Z")),
    ]
    query = """
    query ($environments: [String!]) {
      repository(owner: "acme", name: "shop") {
        deployments(first: 5, environments: $environments, orderBy: {field: CREATED_AT, direction: DESC}) {
          nodes {
            databaseId commitOid createdAt state
            ref { name }
            creator { login }
            latestStatus { state }
            statuses(first: 5) { nodes { state } }
          }
        }
      }
    }
    """
    async with serve_repository(shop.path, history=HostHistory(deployments=deployments)) as served:
        nodes = (await served.data(query, environments=["production"]))["deployments"]["nodes"]

    assert [node["databaseId"] for node in nodes] == [3, 1]
    assert (nodes[0]["createdAt"], nodes[0]["state"]) == ("2026-01-01T07:00:00Z", "ACTIVE")
    old = nodes[1]
    assert old["latestStatus"] == {"state": "INACTIVE"}
    assert {"state": "SUCCESS"} in old["statuses"]["nodes"], "what is superseded was a success before"
    assert (old["creator"]["login"], old["ref"]["name"]) == ("ada", "v1")


async def test_pull_requests_are_asked_again_by_id(shop: Clone) -> None:
    history = HostHistory()
    history.put(PullRequest(9, "Coupons", merge_commit=shop.shas["merge"], commits=(shop.shas["coupon"],)))
    history.put(PullRequest(12, "Undo coupons", body="Reverts #9.", state="open", head_ref="hotfix"))
    query = """
    query ($ids: [ID!]!) {
      nodes(ids: $ids) {
        ... on PullRequest {
          number state merged viewerCanUpdate revertUrl
          files(first: 9) { totalCount }
          timelineItems(last: 9, itemTypes: [CROSS_REFERENCED_EVENT]) {
            nodes { ... on CrossReferencedEvent { source { ... on PullRequest { number state } } } }
          }
        }
      }
    }
    """
    by_number = f"{{ {REPOSITORY} {{ pullRequest(number: 9) {{ id }} }} }}"
    async with serve_repository(shop.path, history=history) as served:
        pull_id = (await served.data(by_number))["pullRequest"]["id"]
        answer = await served.graphql(query, ids=[pull_id, "PR_bogus"])

    found, missing = answer["data"]["nodes"]
    assert (found["number"], found["state"], found["files"]["totalCount"]) == (9, "MERGED", 1)
    assert found["timelineItems"]["nodes"] == [{"source": {"number": 12, "state": "OPEN"}}]
    assert missing is None
    assert answer["errors"][0]["type"] == "NOT_FOUND"


async def test_points_are_counted_as_documented(served: Served) -> None:
    query = """
    {
      rateLimit { cost remaining nodeCount limit }
      repository(owner: "acme", name: "shop") {
        pullRequests(first: 100) {
          nodes { commits(first: 100) { nodes { commit { parents(first: 2) { totalCount } } } } }
        }
      }
    }
    """

    first = (await served.graphql(query))["data"]["rateLimit"]
    async with served.http.post("/graphql", json={"query": "{ rateLimit { cost } }"}) as response:
        remaining = int(response.headers["x-ratelimit-remaining"])

    assert first["cost"] == 101, "1 + 100 + 10,000 fetches, by a hundred"
    assert first["nodeCount"] == 100 + 10_000 + 20_000
    assert first["remaining"] == first["limit"] - 101
    assert remaining == first["remaining"] - 1


async def test_a_query_for_too_many_nodes_is_refused(served: Served) -> None:
    nested = "totalCount"
    for _ in range(3):
        nested = f"nodes {{ parents(first: 100) {{ {nested} }} }}"
    commit = f"... on Commit {{ history(first: 1) {{ {nested} }} }}"
    query = f'{{ {REPOSITORY} {{ object(expression: "HEAD") {{ {commit} }} }} }}'

    answer = await served.graphql(query)

    assert answer["errors"][0]["type"] == "MAX_NODE_LIMIT_EXCEEDED"
