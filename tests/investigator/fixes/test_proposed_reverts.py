"""A revert is what `git revert` makes of it, or refused with the file that stands in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from investigator.models.fix import NoProposal
from investigator.models.service import PullRequestRules
from tests.fixtures.reverts import (
    CODE,
    Step,
    both,
    edit,
    history,
    move,
    proposed,
    remove,
    tree_reverted,
    tree_with,
    write,
)

CULPRIT = edit("app.py", "line 10\n", "line ten\n")
LATER = edit("app.py", "line 25\n", "line 25, later\n")
LATIN = b"caf\xe9\n" + b"x\n" * 8

SAME_AS_GIT: dict[str, tuple[Step, ...]] = {
    "nothing came after it": (CULPRIT,),
    "other lines changed since": (CULPRIT, LATER),
    "windows line ends": (
        write("app.py", CODE.replace("\n", "\r\n")),
        edit("app.py", "line 10\r\n", "line ten\r\n"),
        edit("app.py", "line 25\r\n", "later\r\n"),
    ),
    "no line break at the end": (
        write("app.py", CODE.rstrip("\n")),
        edit("app.py", "line 30", "line 30\nmore"),
        edit("app.py", "line 3\n", "line three\n"),
    ),
    "not utf-8": (
        write("app.py", LATIN + b"old\n"),
        edit("app.py", "old\n", "new\n"),
        write("app.py", b"# first\n" + LATIN + b"new\n"),
    ),
    "files added and deleted": (
        both(CULPRIT, write("new/module.py", "x = 1\n")),
        write("other.py", "y = 1\n"),
    ),
    "a deleted file comes back, executable": (
        write("run.py", "#!/usr/bin/env python\n", executable=True),
        both(remove("run.py"), CULPRIT),
        LATER,
    ),
    "a file was made executable": (both(CULPRIT, write("README.md", "Hello\n", executable=True)), LATER),
    "a file was moved and changed by it": (
        both(CULPRIT, move("app.py", "shop/app.py")),
        edit("shop/app.py", "line 25\n", "line 25, later\n"),
    ),
    "the file was moved since": (CULPRIT, both(LATER, move("app.py", "shop/app.py"))),
    "names with spaces and umlauts": (
        write("größe n/a b.py", CODE),
        edit("größe n/a b.py", "line 10\n", "line ten\n"),
        edit("größe n/a b.py", "line 25\n", "later\n"),
    ),
}
LAST_STEP_IS_THE_CULPRIT = {"nothing came after it"}


@pytest.mark.parametrize("what", SAME_AS_GIT)
async def test_it_is_what_git_makes_of_it(what: str, tmp_path: Path) -> None:
    steps = SAME_AS_GIT[what]
    clone = history(tmp_path / "shop", *steps)
    culprit = str(len(steps) if what in LAST_STEP_IS_THE_CULPRIT else len(steps) - 1)
    proposal = await proposed(clone, culprit)
    assert tree_with(clone, proposal.diff) == tree_reverted(clone, culprit), "it is not what git reverts"
    assert proposal.left_out == ()


async def test_release_notes_that_conflict_are_left_alone_and_named(tmp_path: Path) -> None:
    culprit = both(CULPRIT, edit("README.md", "Hello\n", "Hello\nNew: line ten\n"))
    clone = history(tmp_path / "shop", culprit, edit("README.md", "New: line ten\n", "New: ten\nNew: 25\n"))
    proposal = await proposed(clone, "1")
    assert proposal.paths == ("app.py",)
    assert proposal.left_out[0].startswith("README.md was changed since")


async def test_a_conflict_in_code_names_file_line_and_the_commit_in_the_way(tmp_path: Path) -> None:
    clone = history(tmp_path / "shop", CULPRIT, edit("app.py", "line ten\n", "line X\n"))
    with pytest.raises(NoProposal) as refused:
        await proposed(clone, "1")
    said = str(refused.value)
    assert "app.py was changed since around line 10" in said
    assert clone.shas["2"][:7] in said, "the later commit is not named"
    assert "Step 2" in said


REFUSED: dict[str, tuple[tuple[Step, ...], str]] = {
    "changed and then deleted": (
        (CULPRIT, both(remove("app.py"), write("b.py", ""))),
        "app.py was deleted or moved since",
    ),
    "added and then changed": (
        (both(CULPRIT, write("n.py", "a\n")), write("n.py", "b\n")),
        "n.py was added by it, and changed",
    ),
    "undone already": ((CULPRIT, edit("app.py", "line ten\n", "line 10\n")), "undone already"),
    "continuous integration": (
        (both(CULPRIT, write(".github/workflows/x.yml", "on: push\n")), LATER),
        ".github/workflows/x.yml, which steers continuous integration",
    ),
    "a lock file": ((both(CULPRIT, write("poetry.lock", "a\n")), LATER), "poetry.lock, which locks"),
    "a secret": ((both(CULPRIT, write(".env", "A=1\n")), LATER), ".env, which may hold secrets"),
    "infrastructure": ((both(CULPRIT, write("infra/x.tf", "a\n")), LATER), "infra/x.tf, which is infra"),
    "binary": ((both(CULPRIT, write("shop/words", b"a\0b\n")), LATER), "shop/words is binary"),
    "documentation only": ((edit("README.md", "Hello", "Hi"), LATER), "it touches no code"),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_it_is_refused_with_the_file_that_stands_in_the_way(what: str, tmp_path: Path) -> None:
    steps, reason = REFUSED[what]
    clone = history(tmp_path / "shop", *steps)
    with pytest.raises(NoProposal) as refused:
        await proposed(clone, "1")
    assert reason in str(refused.value)


async def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    def link(folder: Path) -> None:
        (folder / "shop.py").symlink_to("/etc/passwd")

    clone = history(tmp_path / "shop", both(CULPRIT, link), LATER)
    with pytest.raises(NoProposal, match=r"shop\.py is a symbolic link"):
        await proposed(clone, "1")


async def test_pilot_yml_denies_and_allows(tmp_path: Path) -> None:
    clone = history(tmp_path / "shop", both(CULPRIT, write("deploy/notes.py", "a\n")), LATER)
    with pytest.raises(NoProposal, match="is infrastructure"):
        await proposed(clone, "1")
    allowed = await proposed(clone, "1", PullRequestRules(allow=("deploy/*.py",)))
    assert "deploy/notes.py" in allowed.paths
    with pytest.raises(NoProposal, match=r"app\.py, which is denied by pilot\.yml"):
        await proposed(clone, "1", PullRequestRules(allow=("deploy/*",), deny=("app.*",)))


async def test_the_first_commit_and_a_huge_one_are_refused(tmp_path: Path) -> None:
    many: Step = both(*(write(f"m{number}.py", "a\n") for number in range(60)))
    clone = history(tmp_path / "shop", many)
    with pytest.raises(NoProposal, match="first commit"):
        await proposed(clone, "0")
    with pytest.raises(NoProposal, match="changed 60 files"):
        await proposed(clone, "1")


async def test_a_merge_is_undone_against_its_first_parent(tmp_path: Path) -> None:
    clone = history(tmp_path / "shop")
    clone.git("checkout", "--quiet", "-b", "side")
    CULPRIT(clone.path)
    clone.commit("side", "On the side", {})
    clone.git("checkout", "--quiet", "main")
    clone.commit("main", "On main", {"other.py": "x\n"})
    clone.git("merge", "--quiet", "--no-ff", "--no-edit", "side")
    clone.remember("merge")
    proposal = await proposed(clone, "merge")
    assert proposal.paths == ("app.py",), "only what the merge brought is undone"
