"""Suspects that were once ranked wrongly: each decoy stands beside the commit that it used to beat."""

from __future__ import annotations

from investigator.models.evidence import CodeEvidence, Commit, FileChange
from investigator.models.sentry import SentryEvent
from investigator.suspects import rank
from tests.fixtures.suspects import CART, FIRST_SEEN, changed, commit, crash, evidence, innocents, sha


def first(event: SentryEvent, code: CodeEvidence) -> str | None:
    ranking = rank(event, code, first_seen=FIRST_SEEN)
    return ranking.suspects[0].commit.sha if ranking.suspects else None


def tuned(name: str = "decoy") -> Commit:
    """Changes a number in the crashing function."""
    lines = ("-    step = 40", "+    step = 41")
    return commit(
        name, "Tune apply_discount", files=(changed(CART, *lines, header="def apply_discount(cart):", at=44),)
    )


def test_a_value_changed_two_calls_below_the_trace_beats_a_number_in_the_crashing_function() -> None:
    event = crash("ZeroDivisionError", "division by zero", text="    share = total / parts(cart)")
    rates = changed("shop/rates.py", "-    share = 12", "+    share = 0", header="def share_of(row):")
    guilty = commit("guilty", "Adjust shares", files=(rates,))
    code = evidence(event, *innocents(5), tuned(), guilty, *innocents(5))
    code = code.model_copy(update={"below": (("parts", 1), ("share_of", 2))})
    assert first(event, code) == sha("guilty"), "a number that cannot matter hid the one that does"


def test_a_new_function_that_nothing_of_the_trace_calls_is_not_blamed_for_using_the_missing_name() -> None:
    event = crash(
        "AttributeError", "'Row' object has no attribute 'tax_rate'", text="    rate = row.tax_rate"
    )
    export = changed(CART, "+def export_rates(rows):", "+    return [row.tax_rate for row in rows]", at=200)
    decoy = commit("decoy", "Add tax rate export", files=(export,))
    row = changed("shop/rows.py", "-    tax_rate = Column()", "+    vat = Column()", header="class Row:")
    guilty = commit("guilty", "Clearer names", files=(row,))
    assert first(event, evidence(event, *innocents(5), decoy, guilty)) == sha("guilty")


def test_a_guard_taken_out_of_the_trace_beats_a_number_changed_in_it() -> None:
    event = crash(
        "AttributeError",
        "'NoneType' object has no attribute 'rate'",
        (CART, "checkout", 90),
        (CART, "apply_discount", 42),
        text="    rate = row.rate",
    )
    lines = (" row = find(cart)", "-if row is None:", "-    return 0", " total = 1")
    guard = changed(CART, *lines, header="def find_row(cart):", at=300)
    guilty = commit("guilty", "Drop needless checks", files=(guard,))
    assert first(event, evidence(event, *innocents(4), tuned(), guilty, *innocents(4))) == sha("guilty")


def test_a_file_that_was_only_renamed_is_blamed_when_its_old_name_cannot_be_imported() -> None:
    event = crash("ModuleNotFoundError", "No module named 'shop.helpers'")
    renamed = FileChange(path="shop/support.py", previous_path="shop/helpers.py", status="renamed")
    layout = changed("shop/other.py", "-x = 'a'", '+x = "a"')
    guilty = commit("guilty", "Rename helpers", files=(renamed, layout))
    assert first(event, evidence(event, *innocents(5), tuned(), guilty)) == sha("guilty")


def test_a_function_that_was_renamed_is_blamed_when_its_old_name_is_not_defined() -> None:
    event = crash("NameError", "name 'unit_price' is not defined", text="    return unit_price(cart)")
    lines = ("-def unit_price(cart):", "+def price_of_unit(cart):", "     return cart.price")
    guilty = commit("guilty", "Clearer names", files=(changed("shop/prices.py", *lines),))
    assert first(event, evidence(event, *innocents(5), tuned(), guilty)) == sha("guilty")


def test_a_dependency_bumped_in_a_manifest_alone_is_blamed_when_the_error_names_it() -> None:
    event = crash("ImportError", "cannot import name 'Decoder' from 'jsonpack.codec'")
    manifest = changed("pyproject.toml", '-  "jsonpack>=1.4",', '+  "jsonpack>=2.0",')
    guilty = commit("guilty", "Upgrade", files=(manifest,))
    assert first(event, evidence(event, *innocents(5), tuned(), guilty)) == sha("guilty")


def test_a_commit_that_touches_everything_is_not_blamed_before_a_small_one_at_the_same_place() -> None:
    event = crash("ValueError", "bad cart", text="    check(cart)")
    here = changed(CART, "-    check(cart, 1)", "+    check(cart)", header="def apply_discount(cart):", at=43)
    others = [changed(f"shop/m{n}.py", f"-a{n} = f({n})", f"+b{n} = g({n})") for n in range(30)]
    wide = commit("wide", "Use the new interface", files=(here, *others))
    guilty = commit("guilty", "Check carts", files=(here,))
    assert first(event, evidence(event, wide, *innocents(4), guilty)) == sha("guilty")


def test_a_commit_that_sets_what_the_crashing_line_reads_is_found_outside_the_trace() -> None:
    event = crash("TypeError", "unsupported operand type(s)", text="    return cart.total * cart.ratio")
    lines = ("-        self.ratio = Decimal(1)", "+        self.ratio = options.get('r')")
    guilty = commit("guilty", "Options", files=(changed("shop/model.py", *lines, header="def load(self):"),))
    assert first(event, evidence(event, *innocents(6), guilty, *innocents(3))) == sha("guilty")


def test_a_likely_suspect_among_many_is_not_called_no_code_cause_for_the_rest_of_the_list() -> None:
    event = crash(text="    return price * rate")
    near = [
        commit(f"near{n}", files=(changed(CART, f"-a{n} = f(b)", f"+a{n} = g(b)", at=60 + 9 * n),))
        for n in range(40)
    ]
    ranking = rank(event, evidence(event, *near), first_seen=FIRST_SEEN)
    listed = sum(one.score for one in ranking.suspects)
    assert ranking.no_code_cause == (ranking.unexplained > listed)
    assert abs(listed + ranking.unexplained - 1) < 0.001
    assert not ranking.no_code_cause, "forty commits at the crash, and the code was acquitted"


def test_a_new_major_version_of_a_package_comes_before_a_small_bump_of_it() -> None:
    event = crash("ImportError", "cannot import name 'Decoder' from 'jsonpack.codec'")
    major = changed("requirements.txt", "-jsonpack==1.9.0", "+jsonpack==2.0.0")
    minor = changed("requirements.txt", "-jsonpack==2.0.0", "+jsonpack==2.1.0")
    newer, guilty = commit("newer", "Bump", files=(minor,), hours=2), commit("guilty", "Bump", files=(major,))
    assert first(event, evidence(event, newer, *innocents(4), guilty)) == sha("guilty")


def test_what_passes_a_statement_on_is_not_blamed_for_what_the_database_says_of_it() -> None:
    trace = (("db/compiler.py", "as_sql", 70), ("db/driver.py", "execute", 12))
    event = crash("OperationalError", 'near "WHEN": syntax error', *trace)
    driver = changed("db/driver.py", "-    log(a)", "+    log(b)", header="def connect(self):", at=200)
    compiler = changed("db/compiler.py", "-    part(a)", "+    part(b)", header="def joined(self):", at=200)
    decoy, guilty = commit("decoy", files=(driver,)), commit("guilty", files=(compiler,))
    assert first(event, evidence(event, decoy, *innocents(4), guilty)) == sha("guilty")
