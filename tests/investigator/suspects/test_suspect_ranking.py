from __future__ import annotations

from datetime import timedelta

import pytest

from investigator.models.evidence import CodeEvidence, Commit, Deploy, FileChange, Ranking
from investigator.models.sentry import SentryEvent
from investigator.suspects import rank
from tests.fixtures.suspects import (
    CART,
    FIRST_SEEN,
    blamed,
    changed,
    commit,
    crash,
    evidence,
    innocents,
    sha,
)


def ranked(event: SentryEvent | None, code: CodeEvidence) -> Ranking:
    return rank(event, code, first_seen=FIRST_SEEN)


def first(ranking: Ranking) -> str | None:
    return ranking.suspects[0].commit.sha if ranking.suspects else None


def reasons(ranking: Ranking) -> str:
    return "; ".join(ranking.suspects[0].reasons) if ranking.suspects else ""


def test_nothing_known_blames_nobody() -> None:
    assert ranked(None, CodeEvidence()) == Ranking(suspects=(), no_code_cause=True, unexplained=1.0)


def test_the_commit_that_last_changed_the_crashing_line_comes_first() -> None:
    event = crash()
    guilty = commit("guilty", files=(changed(CART, "+    return price * rate", at=42),), hours=3)
    ranking = ranked(event, evidence(event, *innocents(8), guilty, *innocents(3), blame=(blamed("guilty"),)))
    assert first(ranking) == sha("guilty"), "the blame of the crashing line lost"
    assert not ranking.no_code_cause, "a commit that wrote the crashing line was not believed"
    assert "last changed line 42 of `apply_discount`, where it crashed" in reasons(ranking)
    assert "3 hours before the first event" in reasons(ranking)


def test_blame_alone_is_enough_when_no_diff_could_be_read() -> None:
    event = crash()
    code = evidence(event, commit("a"), commit("guilty"), commit("b"), blame=(blamed("guilty"),))
    assert first(ranked(event, code)) == sha("guilty")


def test_a_deleted_check_just_above_the_crash_is_found_though_blame_cannot_see_it() -> None:
    event = crash()
    guilty = commit(
        "guilty", files=(changed(CART, " rate = 1", "-if rate is None:", "-    return 0", at=40),)
    )
    ranking = ranked(event, evidence(event, *innocents(8), guilty))
    assert first(ranking) == sha("guilty")


def test_lines_are_followed_back_through_later_commits() -> None:
    event = crash()
    added = [f"+import number_{n}" for n in range(30)]
    later = commit("later", files=(changed(CART, *added, at=1),))
    guilty = commit("guilty", files=(changed(CART, "-    check(rate)", at=12),))
    elsewhere = commit("elsewhere", files=(changed(CART, "-    check(rate)", at=42),))
    ranking = ranked(event, evidence(event, *innocents(8), later, guilty, elsewhere))
    assert first(ranking) == sha("guilty"), "line 42 today was line 12 before thirty lines were put above it"


def test_a_renamed_column_that_the_sql_error_names_is_found_in_a_migration() -> None:
    event = crash("UndefinedColumn", 'column "total_cents" does not exist', ("shop/db.py", "fetch", 9))
    lines = ("+ALTER TABLE carts RENAME COLUMN total_cents TO amount_cents;",)
    guilty = commit("guilty", files=(changed("db/migrations/7.sql", *lines, status="added"),))
    ranking = ranked(event, evidence(event, *innocents(8), guilty))
    assert first(ranking) == sha("guilty")
    assert "removes `total_cents`, the name in the error" in reasons(ranking)


def test_a_name_is_known_again_in_the_spelling_of_another_language() -> None:
    event = crash(
        "TypeError", "Cannot read properties of undefined (reading 'totalCents')", ("web/cart.ts", "show", 9)
    )
    guilty = commit("guilty", files=(changed("api/serializers.py", "-    total_cents = Field()"),))
    assert first(ranked(event, evidence(event, *innocents(8), guilty))) == sha("guilty")


def test_the_changed_definition_of_a_function_that_the_crashing_line_calls_is_found() -> None:
    event = crash("TypeError", "unsupported operand type(s)", text="    return price * rate_for(customer)")
    guilty = commit(
        "guilty",
        files=(changed("shop/rates.py", " def rate_for(customer):", "-    return 1", "+    return"),),
    )
    ranking = ranked(event, evidence(event, *innocents(8), guilty))
    assert first(ranking) == sha("guilty")
    assert "`rate_for`, which is called beside a line of the trace" in reasons(ranking)


def test_a_formatter_that_touched_everything_does_not_win() -> None:
    event = crash("AttributeError", "'Cart' object has no attribute 'total_cents'")
    reformatted = tuple(
        changed(path, "-    return cart.total_cents['x']", '+    return cart.total_cents["x"]', at=42)
        for path in (CART, *(f"shop/m{n}.py" for n in range(40)))
    )
    wide = commit("formatter", "Format with black", files=reformatted, hours=1)
    guilty = commit("guilty", files=(changed("shop/models.py", "-    total_cents = 0", "+    amount = 0"),))
    ranking = ranked(event, evidence(event, wide, *innocents(8), guilty, blame=(blamed("formatter"),)))
    assert first(ranking) == sha("guilty")


def test_tests_and_documents_that_name_the_error_do_not_win() -> None:
    event = crash("KeyError", "'total_cents'")
    noise = commit(
        "docs", files=(changed("docs/cart.md", "-total_cents"), changed("tests/test_cart.py", "-total_cents"))
    )
    guilty = commit("guilty", files=(changed("shop/api.py", '-    "total_cents": 1,'),))
    assert first(ranked(event, evidence(event, noise, *innocents(8), guilty))) == sha("guilty")


def test_a_change_that_was_taken_back_is_not_blamed() -> None:
    event = crash()
    touched = (changed(CART, "-    a = 1", "+    a = 2", at=42),)
    revert = commit(
        "revert", f'Revert "Change undone"\n\nThis reverts commit {sha("undone")}.', files=touched
    )
    undone = commit("undone", files=touched)
    guilty = commit("guilty", files=(changed(CART, "-    b = 1", "+    b = 2", at=43),))
    ranking = ranked(event, evidence(event, *innocents(5), revert, undone, guilty))
    assert first(ranking) == sha("guilty")


def test_a_revert_of_an_older_fix_is_a_suspect_like_any_other_and_says_so() -> None:
    event = crash()
    revert = commit(
        "revert", 'Revert "Guard against carts without a rate"', files=(changed(CART, "-check()", at=42),)
    )
    ranking = ranked(event, evidence(event, *innocents(8), revert))
    assert first(ranking) == sha("revert")
    assert "takes back “Guard against carts without a rate”" in reasons(ranking)


def test_a_dependency_bump_is_blamed_when_the_trace_ends_in_that_dependency() -> None:
    event = crash(
        "TypeError", "decode() got an unexpected keyword argument", (CART, "load", 4), ("x", "y", 1)
    )
    library = (
        event.exceptions[0]
        .frames[1]
        .model_copy(update={"filename": "site-packages/jsonpack/codec.py", "abs_path": None, "in_app": False})
    )
    error = event.exceptions[0].model_copy(update={"frames": (event.exceptions[0].frames[0], library)})
    event = event.model_copy(update={"exceptions": (error,)})
    bump = commit("bump", files=(changed("requirements.txt", "-jsonpack==1.4.0", "+jsonpack==2.0.0"),))
    other = commit("other", files=(changed("requirements.txt", "-taxlib==1.4.0", "+taxlib==2.0.0"),))
    ranking = ranked(event, evidence(event, other, *innocents(8), bump))
    assert first(ranking) == sha("bump")
    assert "`jsonpack`" in reasons(ranking)


@pytest.mark.parametrize(
    ("kind", "value", "manifest", "line"),
    [
        ("ModuleNotFoundError", "No module named yaml", "requirements.txt", "-PyYAML==6.0"),
        ("ModuleNotFoundError", "No module named 'google_auth'", "requirements.txt", "-google-auth==2.0.1"),
        ("Error", "Cannot find module 'moneykit/rates'", "package.json", '-    "moneykit": "^2.1.0",'),
        ("LoadError", "cannot load such file -- nokogiri", "Gemfile.lock", "-    nokogiri (1.16.0)"),
        ("ClassNotFoundException", "org.moneykit.Rates", "pom.xml", "-  <artifactId>moneykit</artifactId>"),
    ],
)
def test_a_dependency_that_was_removed_is_blamed_when_it_cannot_be_found(
    kind: str, value: str, manifest: str, line: str
) -> None:
    guilty = commit("guilty", "Tidy", files=(changed(manifest, line, " kept"),))
    near = commit("near", files=(changed(CART, "-    a = 1", "+    a = 2", at=80),))
    event = crash(kind, value)
    ranking = ranked(event, evidence(event, near, *innocents(20), guilty, *innocents(10)))
    assert first(ranking) == sha("guilty"), f"{value}: nobody saw that {manifest} lost it"
    assert not ranking.no_code_cause


def test_a_module_that_was_renamed_is_found_when_it_cannot_be_imported() -> None:
    event = crash("ModuleNotFoundError", "No module named 'shop.coupons'")
    moved = FileChange(path="shop/vouchers.py", previous_path="shop/coupons.py", status="renamed")
    ranking = ranked(event, evidence(event, *innocents(8), commit("guilty", files=(moved,))))
    assert first(ranking) == sha("guilty")


def test_an_outage_upstream_has_no_code_cause() -> None:
    event = crash("ConnectionError", "connect ECONNREFUSED 10.0.0.7:5432")
    near = commit("near", files=(changed(CART, "-    a = 1", "+    a = 2", at=80),))
    ranking = ranked(event, evidence(event, near, *innocents(8)))
    assert ranking.no_code_cause, "an innocent commit was blamed for a refused connection"
    assert "refused or dropped the connection" in ranking.doubts[0], "nobody is told why no commit is blamed"
    assert ranking.unexplained > 0.8


def test_a_commit_on_the_way_to_the_call_is_not_blamed_for_the_other_side_refusing_it() -> None:
    path = (("shop/app.py", "dispatch", 40), ("shop/api.py", "create_order", 44), (CART, "authorise", 42))
    event = crash("PaymentUnavailable", "connection refused by payments:8443", *path)
    passer_by = commit(
        "counting",
        files=(
            changed(
                "shop/app.py",
                "-    return route()",
                "+    return dispatch(route)",
                header="def dispatch():",
                at=39,
            ),
        ),
        hours=1,
    )
    blame = (blamed("counting", "shop/app.py", 40),)
    ranking = ranked(event, evidence(event, passer_by, *innocents(8), blame=blame))
    assert ranking.no_code_cause, "a commit far above the refused call was blamed for the refusal"


def test_a_release_that_waited_for_its_deploy_does_not_count_as_deployed() -> None:
    event = crash()
    guilty = commit("guilty", files=(changed(CART, "+    return price * rate", at=42),), hours=3)
    deploys = (
        Deploy(source="github_release", name="v2", sha=guilty.sha, at=FIRST_SEEN - timedelta(minutes=90)),
        Deploy(
            source="github_deployment",
            name="production",
            sha=guilty.sha,
            at=FIRST_SEEN - timedelta(minutes=12),
        ),
    )
    code = evidence(event, *innocents(4), guilty, blame=(blamed("guilty"),)).model_copy(
        update={"deploys": deploys}
    )
    assert "deployed 12 minutes before the first event" in reasons(ranked(event, code))


def test_a_commit_that_changed_the_very_timeout_is_named_in_a_timeout() -> None:
    event = crash("TimeoutError", "read timed out after 1s")
    guilty = commit(
        "guilty", files=(changed("config/network.yml", "-timeout_seconds: 30", "+timeout_seconds: 1"),)
    )
    ranking = ranked(event, evidence(event, *innocents(8), guilty))
    assert first(ranking) == sha("guilty")
    assert "sets `timeout_seconds` anew" in reasons(ranking)
    assert not ranking.no_code_cause, "an outage excused the commit that changed the very thing that failed"


def test_a_crash_without_any_tie_to_the_range_has_no_code_cause() -> None:
    event = crash("ValueError", "month must be in 1..12")
    ranking = ranked(event, evidence(event, *innocents(20)))
    assert ranking.no_code_cause
    assert ranking.unexplained > 0.8


def test_a_merge_is_not_listed_beside_its_own_commits() -> None:
    event = crash()
    guilty = commit("guilty", files=(changed(CART, "+    x", at=42),))
    merge = Commit(sha=sha("merge"), message="Merge pull request #7", parents=(sha("base"), sha("guilty")))
    ranking = ranked(event, evidence(event, merge, guilty, *innocents(5), blame=(blamed("guilty"),)))
    assert sha("merge") not in {one.commit.sha for one in ranking.suspects}


def test_a_commit_newer_than_the_first_event_is_not_blamed() -> None:
    event = crash()
    late = commit("late", files=(changed(CART, "+    x", at=42),), hours=-2)
    guilty = commit("guilty", files=(changed(CART, "+    y", at=44),))
    ranking = ranked(event, evidence(event, late, guilty, *innocents(5), blame=(blamed("late"),)))
    assert first(ranking) == sha("guilty")


def test_a_deploy_just_before_the_first_event_is_given_as_a_reason() -> None:
    event = crash()
    code = evidence(event, commit("guilty"), *innocents(5), blame=(blamed("guilty"),))
    deploy = Deploy(
        source="github_deployment",
        name="production",
        sha=sha("guilty"),
        at=FIRST_SEEN - timedelta(minutes=12),
    )
    ranking = ranked(event, code.model_copy(update={"deploys": (deploy,)}))
    assert "deployed 12 minutes before the first event" in reasons(ranking)


def test_a_long_trace_does_not_dilute_its_crashing_line() -> None:
    callers = [(f"shop/layer{n}.py", f"layer_{n}", n) for n in range(1, 30)]
    event = crash("TypeError", "unsupported operand", *callers, (CART, "apply_discount", 42))
    outer = commit("outer", files=(changed("shop/layer1.py", "+    x = 1", at=1),))
    code = evidence(
        event,
        outer,
        *innocents(8),
        commit("guilty"),
        blame=(blamed("guilty"), blamed("outer", "shop/layer1.py", 1)),
    )
    assert first(ranked(event, code)) == sha("guilty")
