"""CODEOWNERS decides as it does at GitHub: the last matching line, broken lines aside."""

from __future__ import annotations

import pytest

from investigator.evidence.owners import ownership
from investigator.github.answers import CodeownersFile

TEXT = """\
# everything
*               @acme/all
/shop/          @acme/shop ops@acme.test
/shop/cart/*    @ada
docs/           @acme/docs
/shop/secret/
!/shop/x.py     @nobody
[ab].py         @nobody
/a/**/b/**/c/**/d/**/e/**/f @nobody
"""


@pytest.mark.parametrize(
    ("path", "owners", "line"),
    [
        ("main.py", ("@acme/all",), 2),
        ("shop/views.py", ("@acme/shop", "ops@acme.test"), 3),
        ("shop/cart/lines.py", ("@ada",), 4),
        ("shop/cart/deep/lines.py", ("@acme/shop", "ops@acme.test"), 3),
        ("src/docs/x.md", ("@acme/docs",), 5),
        ("a.py", ("@acme/all",), 2),
        ("shop/x.py", ("@acme/shop", "ops@acme.test"), 3),
    ],
)
def test_the_last_matching_line_decides(path: str, owners: tuple[str, ...], line: int) -> None:
    found = ownership(CodeownersFile(path="CODEOWNERS", text=TEXT), [path])
    assert found is not None
    assert (found.owners, found.line) == (owners, line)


def test_a_path_without_owners_gives_way_to_the_next_frame() -> None:
    found = ownership(CodeownersFile(path="CODEOWNERS", text=TEXT), ["shop/secret/key.py", "shop/cart/a.py"])
    assert found is not None
    assert found.owners == ("@ada",)


def test_a_line_github_rejects_is_skipped() -> None:
    file = CodeownersFile(path="CODEOWNERS", text="* @acme/all\n*.py @gone\n", broken_lines=frozenset({2}))
    found = ownership(file, ["a.py"])
    assert found is not None
    assert found.owners == ("@acme/all",)


def test_no_file_and_no_match_have_no_owner() -> None:
    assert ownership(None, ["a.py"]) is None
    assert ownership(CodeownersFile(path="CODEOWNERS", text="/x/ @a\n"), ["a.py"]) is None
    assert ownership(CodeownersFile(path="CODEOWNERS", text="* @a\n"), []) is None


def test_a_file_that_is_a_link_to_itself_has_no_owner() -> None:
    """Of a symbolic link GitHub serves the path it leads to as the text."""
    assert ownership(CodeownersFile(path="CODEOWNERS", text="CODEOWNERS"), ["a.py", "CODEOWNERS"]) is None
