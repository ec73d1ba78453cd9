"""The bug is real: the service's own test tells the good commits from the bad one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.demo_service import DemoService

if TYPE_CHECKING:
    from tests.sandbox.demo_service.conftest import Git, RunTests

NIGHTLY = "tests/nightly/test_coupon_book.py"


def test_everything_passes_right_before_the_culprit(
    service: DemoService, git: Git, clone: Path, run_tests: RunTests
) -> None:
    git("checkout", "--quiet", f"{service.culprit_sha}^", at=clone)
    done = run_tests(clone)
    assert done.returncode == 0, f"the service was broken before the culprit: {done.stderr}"


def test_ci_let_the_culprit_pass(service: DemoService, git: Git, clone: Path, run_tests: RunTests) -> None:
    git("checkout", "--quiet", service.culprit_sha, at=clone)
    done = run_tests(clone, "discover", "-s", "tests/unit", "-t", ".")
    assert done.returncode == 0, f"no reviewer merges what CI refuses: {done.stderr}"
    assert "unittest discover -s tests/unit -t ." in (clone / ".github/workflows/ci.yml").read_text()


def test_the_nightly_test_fails_at_head(clone: Path, run_tests: RunTests) -> None:
    done = run_tests(clone)
    assert done.returncode == 1, "head does not show the bug"
    assert "'<' not supported between instances of 'NoneType' and 'int'" in done.stderr
    assert "FAILED (errors=3)" in done.stderr, "only the three coupons without a limit may fail"


def test_the_failing_test_is_older_than_the_culprit(service: DemoService, git: Git) -> None:
    newest_change = git("log", "-1", "--format=%H", service.head_sha, "--", NIGHTLY)
    git("merge-base", "--is-ancestor", newest_change, f"{service.culprit_sha}^")


def test_reverting_the_culprit_on_head_mends_it(
    service: DemoService, git: Git, clone: Path, run_tests: RunTests
) -> None:
    git("revert", "--no-edit", service.culprit_sha, at=clone)
    done = run_tests(clone)
    assert done.returncode == 0, f"the revert does not mend the service: {done.stderr}"


def test_a_one_line_patch_on_head_mends_it(clone: Path, run_tests: RunTests) -> None:
    discounts = clone / "checkout/pricing/discounts.py"
    broken, mended = (
        "    left = usage.left(coupon)\n",
        (
            "    left = usage.left(coupon)\n"
            "    if left is None:\n"
            "        left = sum(line.quantity for line in eligible)\n"
        ),
    )
    code = discounts.read_text()
    assert code.count(broken) == 1
    discounts.write_text(code.replace(broken, mended))
    done = run_tests(clone)
    assert done.returncode == 0, f"the patch does not mend the service: {done.stderr}"
