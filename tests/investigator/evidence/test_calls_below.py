"""What runs below a trace is told by name, in whatever language the files are."""

from __future__ import annotations

import pytest

from investigator.evidence import calls
from investigator.github.answers import SourceFile
from investigator.models.evidence import CodeFrame
from investigator.models.sentry import Frame

PYTHON = {
    "shop/cart.py": "from shop.rates import rate_for\n\n\ndef total(cart):\n    row = first\n"
    "    return rate_for(cart)\n\n\ndef other():\n    return unrelated()\n",
    "shop/rates.py": "def rate_for(cart):\n    return share_of(cart) * 2\n\n\n"
    "def share_of(cart):\n    return deep(cart)\n",
}
TYPESCRIPT = {
    "src/cart.ts": "import { rateFor } from './rates';\n\nexport function total(cart) {\n"
    "  const row = first;\n  return rateFor(cart);\n}\n",
    "src/rates.ts": "export function rateFor(cart) {\n  return shareOf(cart) * 2;\n}\n\n"
    "function shareOf(cart) {\n  return deepest(cart);\n}\n",
}
RUBY = {
    "lib/cart.rb": "require_relative 'rates'\n\ndef total(cart)\n  row = first\n  cart.rate_for\nend\n",
    "lib/rates.rb": "def rate_for\n  share_of(self) * 2\nend\n\ndef share_of(cart)\n  deep(cart)\nend\n",
}


def below(texts: dict[str, str], line: int = 5) -> tuple[dict[str, int], tuple[str, ...]]:
    frame = CodeFrame(frame=Frame(line=line, function="total"), path=next(iter(texts)))
    found, imports = calls.below((frame,), {path: SourceFile(text=text) for path, text in texts.items()})
    return dict(found), imports


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (PYTHON, ("rate_for", "share_of", "deep")),
        (TYPESCRIPT, ("rateFor", "shareOf", "deepest")),
        (RUBY, ("rate_for", "share_of", "deep")),
    ],
)
def test_calls_are_followed_three_deep(texts: dict[str, str], names: tuple[str, ...]) -> None:
    found, imports = below(texts)
    assert [found.get(name) for name in names] == [1, 2, 3]
    assert "rates" in imports, "what a file of the trace imports is not known"


def test_what_another_function_of_the_file_calls_is_not_below() -> None:
    found, _ = below(PYTHON)
    assert "unrelated" not in found


def test_a_file_that_could_not_be_read_calls_nothing() -> None:
    frame = CodeFrame(frame=Frame(line=9_999), path="shop/cart.py")
    assert calls.below((frame,), {"shop/cart.py": SourceFile(binary=True)}) == ((), ())


def test_functions_that_call_each_other_end() -> None:
    found, _ = below(
        {"a.py": "def total(x):\n    return ping(x)\n\n\ndef ping(x):\n    return total(x)\n"}, line=2
    )
    assert found == {"ping": 1, "total": 2}
