"""What PyGithub reads from the sandbox is what git says of the same repository."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from github import Github, GithubException, UnknownObjectException

from tests.fixtures.host_clone import NAME, Clone, Served, serve_repository


@pytest.mark.parametrize("prefix", ["", "/api/v3"])
async def test_both_layouts_of_addresses_work_with_the_sdk(served: Served, shop: Clone, prefix: str) -> None:
    def read(github: Github) -> Any:
        repo = github.get_repo(NAME)
        return repo.default_branch, repo.get_branch("main").commit.sha, repo.get_commits()[0].parents[0].sha

    branch, tip, parent = await served.sdk(read, prefix=prefix)

    assert (branch, tip, parent) == ("main", shop.shas["rename"], shop.shas["merge"])


async def test_a_commit_carries_the_patch_git_prints(served: Served, shop: Clone) -> None:
    files = (await served.get(f"/commits/{shop.shas['squash']}"))["files"]

    printed = shop.git("show", "--format=", shop.shas["squash"]).partition(" @@")[2]
    assert [file["filename"] for file in files] == ["src/cart.py"]
    told = files[0]["patch"]
    assert told.startswith("@@ -15,4 +15,4 @@"), "a patch starts at its hunk, without file header"
    assert told.splitlines()[1:] == printed.splitlines()[1:], "the lines are git's own"
    assert (files[0]["additions"], files[0]["deletions"]) == (1, 1)


async def test_hunk_headers_name_the_method_as_github_does(served: Served, shop: Clone) -> None:
    files = (await served.get(f"/commits/{shop.shas['squash']}"))["files"]

    header = files[0]["patch"].splitlines()[0]
    assert header.endswith("@@ def total(self, price):"), "not the class, which git alone would print"


async def test_renames_and_binary_files_are_told_apart(served: Served, shop: Clone) -> None:
    renamed = (await served.get(f"/commits/{shop.shas['rename']}"))["files"][0]
    noted = {file["filename"]: file for file in (await served.get(f"/commits/{shop.shas['notes']}"))["files"]}

    assert (renamed["status"], renamed["previous_filename"]) == ("renamed", "src/cart.py")
    assert noted["logo.png"]["status"] == "modified"
    assert "patch" not in noted["logo.png"], "a binary file has no patch"


async def test_a_merge_shows_what_it_brought_to_its_first_parent(served: Served, shop: Clone) -> None:
    body = await served.get(f"/commits/{shop.shas['merge']}")

    assert [file["filename"] for file in body["files"]] == ["src/coupon.py"]
    assert body["stats"] == {"total": 2, "additions": 2, "deletions": 0}


async def test_a_comparison_counts_as_git_counts(served: Served, shop: Clone) -> None:
    comparison = await served.sdk(lambda github: github.get_repo(NAME).compare("hotfix", "main"))

    expected = shop.git("rev-list", "--reverse", "--topo-order", "hotfix..main").split()
    assert (comparison.status, comparison.ahead_by, comparison.behind_by) == ("diverged", len(expected), 1)
    assert {commit.sha for commit in comparison.commits} == set(expected)
    assert comparison.commits[comparison.total_commits - 1].sha == shop.shas["rename"], (
        "the newest comes last"
    )
    assert comparison.merge_base_commit.sha == shop.shas["squash"]
    changed = shop.git("diff", "--name-only", "hotfix...main").split()
    assert [file.filename for file in comparison.files] == changed


async def test_a_comparison_is_paginated_oldest_first(served: Served, shop: Clone) -> None:
    pages = [await served.get(f"/compare/v1...main?per_page=3&page={page}") for page in (1, 2)]

    walked = [commit["sha"] for page in pages for commit in page["commits"]]
    assert sorted(walked) == sorted(shop.git("rev-list", "v1..main").split())
    assert walked[-1] == shop.shas["rename"]
    assert pages[0]["files"], "the first page has the files"
    assert not pages[1]["files"], "later pages do not repeat them"


@pytest.mark.parametrize("path", ["/compare/main...nowhere", "/compare/main", f"/compare/main...{'1' * 40}"])
async def test_an_unknown_end_of_a_comparison_is_not_found(served: Served, path: str) -> None:
    body = await served.get(path, status=404)

    assert body["message"] == "Not Found"
    assert body["documentation_url"].startswith("https://docs.github.com/")


async def test_the_sdk_understands_our_errors(served: Served) -> None:
    with pytest.raises(UnknownObjectException):
        await served.sdk(lambda github: github.get_repo("acme/nothing"))
    with pytest.raises(GithubException, match="No commit found for SHA"):
        await served.sdk(lambda github: github.get_repo(NAME).get_commit("f" * 40))


async def test_contents_are_the_bytes_of_that_commit(served: Served, shop: Clone) -> None:
    old: Any = await served.sdk(lambda github: github.get_repo(NAME).get_contents("src/cart.py", ref="v1"))
    folder = await served.get("/contents/src?ref=main")
    blob = await served.get(f"/git/blobs/{old.sha}")

    printed = shop.git("show", "v1:src/cart.py").encode()
    assert old.decoded_content == printed
    assert base64.b64decode(blob["content"]) == printed
    assert [entry["path"] for entry in folder] == ["src/basket.py", "src/coupon.py"]
    await served.get("/contents/src/cart.py?ref=main", status=404)


async def test_a_tree_lists_every_path(served: Served, shop: Clone) -> None:
    tree = await served.get("/git/trees/main?recursive=1")

    blobs = [entry["path"] for entry in tree["tree"] if entry["type"] == "blob"]
    assert blobs == shop.git("ls-tree", "-r", "--name-only", "main").split()
    assert tree["truncated"] is False


async def test_a_history_is_walked_over_its_pages(served: Served, shop: Clone) -> None:
    def walk(github: Github) -> Any:
        github.per_page = 2
        repo = github.get_repo(NAME)
        return [c.sha for c in repo.get_commits()], [c.sha for c in repo.get_commits(path="src/cart.py")]

    everything, of_file = await served.sdk(walk)

    assert everything == shop.git("log", "--format=%H", "main").split()
    assert of_file == shop.git("log", "--format=%H", "main", "--", "src/cart.py").split()


async def test_references_and_tags_resolve_to_commits(served: Served, shop: Clone) -> None:
    ref = await served.get("/git/ref/tags/v2")
    tags = await served.get("/tags")

    assert ref["object"]["type"] == "tag", "an annotated tag is an object of its own"
    assert {tag["name"]: tag["commit"]["sha"] for tag in tags} == {
        "v1": shop.shas["squash"],
        "v2": shop.shas["merge"],
    }
    assert {branch["name"] for branch in await served.get("/branches")} == {"main", "hotfix", "coupons"}


async def test_pull_requests_are_read_from_merges_and_squashes(served: Served, shop: Clone) -> None:
    def read(github: Github) -> Any:
        repo = github.get_repo(NAME)
        merged = repo.get_pull(9)
        return merged, [file.filename for file in merged.get_files()], list(repo.get_pulls(state="closed"))

    merged, files, pulls = await served.sdk(read)
    of_squash = await served.get(f"/commits/{shop.shas['squash']}/pulls")

    assert (merged.title, merged.body, merged.merged) == ("Coupons for everyone", "As agreed.", True)
    assert merged.merge_commit_sha == shop.shas["merge"]
    assert files == ["src/coupon.py"]
    assert [pull.number for pull in pulls] == [9, 7]
    assert [(pull["number"], pull["title"]) for pull in of_squash] == [(7, "Count guests")]
    assert await served.get("/pulls") == [], "nothing is open"


async def test_releases_come_from_tags_and_deployments_from_nowhere(served: Served) -> None:
    releases = await served.get("/releases")

    assert [release["tag_name"] for release in releases] == ["v2", "v1"]
    assert await served.get("/deployments") == [], "a clone alone tells of no deployment"


async def test_only_the_first_300_files_of_a_difference_are_told(own_shop: Clone) -> None:
    files = {f"many/file {number:03}.txt": f"{number}\n" for number in range(320)}
    sha = own_shop.commit("many", "Add many", {**files, "a huge one": "line\n" * 20_001})
    async with serve_repository(own_shop.path) as served:
        told = (await served.get(f"/commits/{sha}"))["files"]

    assert len(told) == 300
    assert "patch" not in told[0], "a huge file has no patch"
    assert (told[1]["filename"], told[1]["patch"]) == ("many/file 000.txt", "@@ -0,0 +1 @@\n+0")
    assert all("patch" in file for file in told[1:])


async def test_addresses_lie_on_the_host_that_was_asked(served: Served) -> None:
    text = str(await served.get("/compare/v1...main"))

    assert served.url in text
    assert "api.github.com" not in text, "the SDK refuses addresses on another host"
