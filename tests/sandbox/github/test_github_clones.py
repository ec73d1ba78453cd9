"""Every kind of clone people have is served: bare, shallow, a linked work tree, detached, remote-only."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from sandbox.github import Git, GitFailed, HostHistory
from tests.fixtures.host_clone import Clone, serve_repository

BLAMED = """
{
  repository(owner: "acme", name: "shop") {
    defaultBranchRef { name target { oid } }
    object(expression: "HEAD") {
      ... on Commit { oid blame(path: "src/basket.py") { ranges { commit { oid } } } }
    }
  }
}
"""


def clone(source: Clone, target: Path, *options: str) -> Path:
    subprocess.run(["git", "clone", "--quiet", *options, f"file://{source.path}", str(target)], check=True)
    return target


@pytest.mark.parametrize("options", [(), ("--bare",), ("--mirror",), ("--no-checkout",)])
async def test_clones_answer_alike(shop: Clone, tmp_path: Path, options: tuple[str, ...]) -> None:
    async with serve_repository(clone(shop, tmp_path / "clone", *options)) as served:
        data = await served.data(BLAMED)
        compared = await served.get("/compare/hotfix...main")

    assert data["defaultBranchRef"] == {"name": "main", "target": {"oid": shop.shas["rename"]}}
    blamed = {r["commit"]["oid"] for r in data["object"]["blame"]["ranges"]}
    assert blamed == {shop.shas[label] for label in ("import", "squash", "rename")}
    assert compared["behind_by"] == 1, "a branch known from origin only is the host's own"


async def test_a_linked_work_tree_has_its_own_head(own_shop: Clone, tmp_path: Path) -> None:
    tree = tmp_path / "linked"
    own_shop.git("worktree", "add", "--quiet", str(tree), "hotfix")

    async with serve_repository(tree) as served:
        body = await served.get("")
        tip = await served.get("/commits/HEAD")

    assert body["default_branch"] == "hotfix"
    assert tip["sha"] == own_shop.shas["hotfix"]


async def test_a_folder_inside_the_work_tree_counts_paths_from_the_top(own_shop: Clone) -> None:
    async with serve_repository(own_shop.path / "src") as served:
        data = await served.data(BLAMED)
        commits = await served.get("/commits?path=src/basket.py")

    assert data["object"]["blame"]["ranges"]
    assert [commit["sha"] for commit in commits] == [own_shop.shas["rename"]]


async def test_a_detached_head_is_what_the_clone_stands_on(own_shop: Clone) -> None:
    own_shop.git("checkout", "--quiet", "--detach", "v1")

    async with serve_repository(own_shop.path) as served:
        head = (await served.get("/commits/HEAD"))["sha"]
        branch = (await served.get(""))["default_branch"]

    assert (head, branch) == (own_shop.shas["squash"], "main")


async def test_a_shallow_clone_says_nothing_of_what_it_lacks(shop: Clone, tmp_path: Path) -> None:
    async with serve_repository(clone(shop, tmp_path / "shallow", "--depth=2")) as served:
        edge = await served.get(f"/commits/{shop.shas['merge']}")
        data = await served.data(BLAMED)

    assert edge["files"] == [], "its parent is not here: it must not seem to have added every file"
    blamed = {r["commit"]["oid"] for r in data["object"]["blame"]["ranges"]}
    assert blamed == {shop.shas["merge"], shop.shas["rename"]}


@pytest.mark.parametrize("when", ["1262304000 +5180", "1262304000 -7530", "nonsense"])
async def test_dates_that_no_clock_shows_are_survived(own_shop: Clone, tmp_path: Path, when: str) -> None:
    tree = own_shop.git("rev-parse", "main^{tree}").strip()
    raw = tmp_path / "raw"
    raw.write_text(f"tree {tree}\nauthor Ada <a@b> {when}\ncommitter Ada <a@b> {when}\n\nOld import\n")
    sha = own_shop.git("hash-object", "-t", "commit", "-w", "--literally", str(raw)).strip()

    async with serve_repository(own_shop.path) as served:
        commit = await served.get(f"/commits/{sha}")

    assert commit["commit"]["message"] == "Old import"
    assert commit["commit"]["author"]["date"].endswith("Z")


async def test_an_empty_repository_is_served(tmp_path: Path) -> None:
    Clone(tmp_path).git("init", "--quiet", "--initial-branch=main")
    async with serve_repository(tmp_path) as served:
        body = await served.get("")
        data = await served.data(BLAMED)

    assert (body["default_branch"], body["pushed_at"]) == ("main", None)
    assert data == {"defaultBranchRef": None, "object": None}


async def test_a_clone_whose_head_names_no_branch_is_served_from_its_usual_one(own_shop: Clone) -> None:
    own_shop.git("symbolic-ref", "HEAD", "refs/heads/gone")
    async with serve_repository(own_shop.path) as served:
        body = await served.get("")
        head = await served.get("/commits/HEAD")

    assert body["default_branch"] == "main"
    assert head["sha"] == own_shop.git("rev-parse", "main").strip(), (
        "a clone with commits was taken for empty"
    )


@pytest.mark.parametrize("name", ["nothing", ""])
async def test_a_folder_that_is_no_repository_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(GitFailed, match=r"no folder|not a git repository"):
        await HostHistory.derive(Git(tmp_path / name))
