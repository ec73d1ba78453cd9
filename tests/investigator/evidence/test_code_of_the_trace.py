"""Code that cannot be shown, or may be another than what ran, is named with what to do about it."""

from __future__ import annotations

import pytest

from investigator.evidence import source
from investigator.github.answers import SourceFile
from investigator.models.evidence import Gap
from investigator.models.sentry import Frame
from investigator.models.service import Service

SHOP = Service(name="shop")
HEAD = "abc1234" + "0" * 33
TEXT = "def pay(cart):\n    return cart.total\n"


def gaps(*frames: Frame, text: str = TEXT) -> tuple[Gap, ...]:
    located = source.locate(frames, {"shop/pay.py"}, SHOP, complete=True)
    return source.missing(located, {"shop/pay.py": SourceFile(text=text)}, {"shop/pay.py"}, HEAD)


def pay(line: int, seen: str | None = None) -> Frame:
    return Frame(filename="shop/pay.py", line=line, context_line=seen, in_app=True)


@pytest.mark.parametrize(
    ("frame", "why", "remedy"),
    [
        (Frame(filename="app:///main.jsbundle", line=1, column=99), "no source map", "upload"),
        (Frame(filename="/a/index.js", line=1, column=31_337), "no source map", "upload"),
        (Frame(abs_path="/x/site-packages/y.py", line=3), "dependencies or the runtime", "in-app"),
        (Frame(filename="lib/other.py", line=3), "no frame could be found", "stack_root"),
        (pay(40), "line 40, the file has 3", "--head"),
        (pay(2, "    return cart.sum()"), "the line that Sentry saw is not in it", "--head"),
    ],
)
def test_it_is_said_what_is_wrong_with_the_code(frame: Frame, why: str, remedy: str) -> None:
    [gap] = gaps(frame)
    assert why in gap.why
    assert remedy in gap.remedy


@pytest.mark.parametrize(
    "frame", [pay(2), pay(2, "return cart.total"), pay(9, None).model_copy(update={"line": None})]
)
def test_code_that_fits_is_not_doubted(frame: Frame) -> None:
    assert gaps(frame) == ()


def test_a_shortened_line_is_no_reason_to_doubt() -> None:
    assert gaps(pay(2, "{snip} cart.total + cart.tax {snip}")) == ()
