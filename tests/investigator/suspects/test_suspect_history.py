from __future__ import annotations

import pytest

from investigator.models.evidence import Commit
from investigator.suspects.history import undoing, without_merges
from investigator.suspects.outage import recognise
from investigator.suspects.paths import kind, same_file
from tests.fixtures.suspects import commit, sha


def test_a_merge_of_listed_commits_is_left_out_and_another_is_kept() -> None:
    inner = commit("inner")
    repeating = Commit(sha=sha("m1"), message="Merge", parents=(sha("base"), inner.sha))
    foreign = Commit(sha=sha("m2"), message="Merge", parents=(sha("base"), sha("unlisted")))
    assert without_merges([foreign, repeating, inner]) == [foreign, inner]


def test_a_revert_is_matched_by_sha_or_by_headline() -> None:
    by_sha = commit("r1", f"Take it back\n\nThis reverts commit {sha('a')}.")
    by_title = commit("r2", 'Revert "Change b" (#8)')
    history = [by_title, by_sha, commit("a"), commit("b", "Change b (#7)"), commit("c")]
    assert undoing(history).undone == {sha("a"): by_sha.sha, sha("b"): by_title.sha}


def test_a_revert_that_was_itself_reverted_undoes_nothing() -> None:
    again = commit("again", 'Revert "Revert "Change a""')
    revert = commit("revert", 'Revert "Change a"')
    assert sha("a") not in undoing([again, revert, commit("a")]).undone


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("connect ECONNREFUSED 127.0.0.1:5432", "refused or dropped the connection"),
        ("certificate verify failed: certificate has expired", "certificate"),
        ("getaddrinfo ENOTFOUND api.internal", "name resolution"),
        ("JavaScript heap out of memory", "memory"),
        ("[Errno 28] No space left on device", "disk"),
        ("context deadline exceeded", "in time"),
        ("FATAL: sorry, too many clients already", "connections ran out"),
        ("503 Service Unavailable", "load or limits"),
    ],
)
def test_outages_are_recognised(text: str, what: str) -> None:
    outage = recognise(text)
    assert outage is not None
    assert what in outage.what


@pytest.mark.parametrize("text", ["KeyError: 'total'", "invalid literal for int() with base 10: 'x503'", ""])
def test_ordinary_errors_are_not_outages(text: str) -> None:
    assert recognise(text) is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("shop/cart.py", "code"),
        ("tests/test_cart.py", "test"),
        ("src/cart.spec.ts", "test"),
        ("src/test/java/CartTest.java", "test"),
        ("docs/index.rst", "document"),
        ("CHANGELOG.md", "document"),
        (".github/workflows/ci.yml", "pipeline"),
        ("package-lock.json", "dependency"),
        ("requirements/prod.txt", "dependency"),
        ("shop/migrations/0007_tidy.py", "migration"),
        ("config/production.yml", "configuration"),
        ("src/contest/latest.py", "code"),
    ],
)
def test_paths_tell_the_kind_of_a_change(path: str, expected: str) -> None:
    assert kind(path) == expected


@pytest.mark.parametrize(
    ("frame", "path", "same"),
    [
        ("/srv/app/shop/cart.py", "shop/cart.py", True),
        ("shop/cart.py", "backend/shop/cart.py", True),
        ("/usr/lib/cart.py", "shop/cart.py", False),
        ("C:\\app\\shop\\cart.py", "shop/cart.py", True),
    ],
)
def test_frames_are_matched_by_the_end_of_their_path(frame: str, path: str, same: bool) -> None:
    assert same_file(frame, path) is same


@pytest.mark.parametrize("headline", ['Reapply "Change a"', 'Reland "Change a" (#12)', 'Revert^2 "Change a"'])
def test_a_change_made_again_after_its_revert_stands(headline: str) -> None:
    revert, again = commit("revert", 'Revert "Change a" (#11)'), commit("again", headline)
    assert undoing([again, revert, commit("a", "Change a (#10)")]).undone == {revert.sha: again.sha}


def test_a_revert_finds_the_cherry_pick_of_what_it_names() -> None:
    original = sha("elsewhere")
    picked = commit("picked", f"Change a\n\n(cherry picked from commit {original})")
    revert = commit("revert", f"Take it back\n\nThis reverts commit {original}.")
    assert undoing([revert, picked]).undone == {picked.sha: revert.sha}
