"""What several answers say of a commit is put together, and nothing is said that they do not tell."""

from __future__ import annotations

from datetime import UTC, datetime

from investigator.evidence import commits as suspicion
from investigator.evidence import patches
from investigator.github.answers import Comparison, RangeFacts, SourceFile
from investigator.models.evidence import BlameRange, CodeFrame, Commit, FileChange, PullRequest
from investigator.models.sentry import Frame

A, B, C, BASE = "a" * 40, "b" * 40, "c" * 40, "0" * 40
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def commit(sha: str, parent: str, **changed: object) -> Commit:
    return Commit(sha=sha, message=f"Commit {sha[0]}", parents=(parent,), committed_at=NOON).model_copy(
        update=changed
    )


def compared(*files: FileChange, total: int = 3) -> Comparison:
    commits = (commit(C, B), commit(B, A), commit(A, BASE))
    return Comparison(status="ahead", commits=commits, total_commits=total, files=files)


def files_of(commits: tuple[Commit, ...], sha: str) -> dict[str, FileChange]:
    found = next(each for each in commits if each.sha == sha)
    return {change.path: change for change in found.files or ()}


def test_the_sum_of_a_file_is_the_patch_of_the_only_commit_that_touched_it() -> None:
    comparison = compared(
        FileChange(path="one.py", patch="@@ one"),
        FileChange(path="two.py", patch="@@ two"),
        FileChange(path="new.py", previous_path="old.py", status="renamed", patch="@@ renamed"),
    )
    facts = RangeFacts(touched={"one.py": (A,), "two.py": (C, A), "new.py": (B,)})
    commits = suspicion.assemble(comparison, facts)
    assert files_of(commits, A)["one.py"].patch == "@@ one"
    assert files_of(commits, A)["two.py"].patch is None, "two commits share this sum: it is nobody's patch"
    assert files_of(commits, B)["new.py"].patch is None, "others may have changed it under its old name"
    assert files_of(commits, B)["new.py"].previous_path == "old.py"


def test_a_sum_is_nobodys_patch_while_commits_are_unlisted_or_touches_are_cut() -> None:
    change = FileChange(path="one.py", patch="@@ one")
    unlisted = RangeFacts(touched={"one.py": (A, "e" * 40)})
    assert files_of(suspicion.assemble(compared(change, total=400), unlisted), A)["one.py"].patch is None
    cut = RangeFacts(touched={"one.py": (A, *(f"{n:040x}" for n in range(1, suspicion.TOUCHES_ASKED)))})
    assert files_of(suspicion.assemble(compared(change), cut), A)["one.py"].patch is None


def test_pull_requests_join_and_stand_in_for_unknown_files() -> None:
    pull = PullRequest(number=7, title="Seven", url="https://x.test/7")
    facts = RangeFacts(
        commits=(commit(B, A, pull_request=pull),),
        pull_request_files=((B, (FileChange(path="seven.py"),)),),
    )
    commits = suspicion.assemble(compared(), facts)
    assert [each.sha for each in commits] == [C, B, A]
    assert commits[1].pull_request == pull
    assert set(files_of(commits, B)) == {"seven.py"}
    assert commits[0].files is None, "nothing is known of the files of this commit"


def test_without_answers_there_are_no_commits() -> None:
    assert suspicion.assemble(None, None) == ()
    assert [each.sha for each in suspicion.assemble(compared(), None)] == [C, B, A]


def test_of_a_long_range_the_newest_commits_come_from_the_history() -> None:
    newest = commit("d" * 40, C)
    commits = suspicion.assemble(compared(total=4), RangeFacts(commits=(newest, commit(C, B))))
    assert [each.sha for each in commits] == [newest.sha, C, B, A]


def test_the_stack_goes_first_and_tests_last_when_paths_are_traced() -> None:
    comparison = compared(*(FileChange(path=path) for path in ("tests/a.py", "other/b.py", "shop/c.py")))
    paths = suspicion.paths_to_trace(("shop/crash.py",), comparison, "shop")
    assert paths == ("shop/crash.py", "shop/c.py", "other/b.py", "tests/a.py")
    many = compared(*(FileChange(path=f"p{n}.py") for n in range(200)), FileChange(path="docs/x.md"))
    traced = suspicion.paths_to_trace(("crash.py",), many, None)
    assert len(traced) == suspicion.MAX_TOUCHED
    assert "docs/x.md" not in traced


FRAME = CodeFrame(frame=Frame(line=10), path="crash.py")
CHANGED = (FileChange(path="crash.py"),)


def test_commits_that_made_the_crashing_lines_are_read_first() -> None:
    commits = (commit(C, B, files=CHANGED), commit(B, A, files=CHANGED), commit(A, BASE, files=CHANGED))
    blame = (
        BlameRange(path="crash.py", start=10, end=10, sha=A),
        BlameRange(path="crash.py", start=13, end=14, sha=B),
    )
    assert suspicion.worth_reading(commits, (FRAME,), blame, 2) == (A, B)
    assert suspicion.worth_reading(commits, (FRAME,), blame, 0) == ()


def test_a_commit_whose_patches_are_known_is_not_read_again() -> None:
    known = commit(A, BASE, files=(FileChange(path="crash.py", patch="@@"), FileChange(path="docs/x.md")))
    merge = commit(B, A, files=CHANGED, parents=(A, C))
    assert suspicion.worth_reading((known, merge), (FRAME,), (), 3) == ()


def test_blame_is_kept_near_the_stack_and_of_suspects() -> None:
    near = BlameRange(path="crash.py", start=12, end=15, sha=BASE)
    far = BlameRange(path="crash.py", start=500, end=510, sha=BASE)
    suspect = BlameRange(path="crash.py", start=400, end=401, sha=A)
    kept = suspicion.relevant_blame((near, far, suspect), (FRAME,), (commit(A, BASE),))
    assert kept == (near, suspect)


def test_patches_are_told_from_both_versions() -> None:
    files = (
        FileChange(path="crash.py"),
        FileChange(path="new.py", previous_path="old.py"),
        FileChange(path="fresh.py"),
        FileChange(path="gone.py"),
        FileChange(path="data.bin"),
        FileChange(path="unread.py"),
        FileChange(path="huge.py"),
    )
    commits = (commit(A, BASE, files=files),)
    wanted = patches.unknown(commits, ("crash.py",), {"huge.py": SourceFile(size=10**7)})
    assert "huge.py" not in {each.change.path for each in wanted}, "too large to be fetched twice"
    texts = {
        f"{A}:crash.py": "x = 2\n",
        f"{BASE}:crash.py": "x = 1\n",
        f"{A}:new.py": "y = 1\n",
        f"{BASE}:old.py": "y = 0\n",
        f"{A}:fresh.py": "z = 1\n",
        f"{BASE}:gone.py": "z = 1\n",
        f"{A}:data.bin": None,
        f"{BASE}:data.bin": None,
    }
    assert set(texts) <= set(patches.expressions(wanted))
    sources = {name: SourceFile(text=text, binary=text is None) for name, text in texts.items()}
    told = files_of(patches.filled(commits, wanted, sources), A)
    assert told["crash.py"].patch == "@@ -1,1 +1,1 @@\n-x = 1\n+x = 2"
    assert (told["crash.py"].additions, told["crash.py"].deletions) == (1, 1)
    assert told["new.py"].patch == "@@ -1,1 +1,1 @@\n-y = 0\n+y = 1", (
        "a renamed file is compared with its old name"
    )
    assert (told["fresh.py"].status, told["gone.py"].status) == ("added", "removed")
    assert {told[name].patch for name in ("data.bin", "unread.py", "huge.py")} == {None}
