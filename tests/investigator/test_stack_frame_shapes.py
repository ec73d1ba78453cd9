"""Frames as Sentry's SDKs send them find their file, or none: many languages, and ways of shipping each."""

from __future__ import annotations

from pathlib import Path

import pytest

from investigator.models.sentry import Frame
from investigator.models.service import Service
from investigator.stack_paths import probes, resolve

SHOP = Service(name="shop")
SHAPES = Path(__file__).with_name("frame_shapes.txt").read_text().splitlines()
ROWS = [row for row in SHAPES if not row.startswith("#")]
TILLS = ("billing/src/main/java/com/acme/pay/Till.java", "checkout/src/main/java/com/acme/pay/Till.java")
TREE = {"main.py", *TILLS} | {row.split(" | ")[3] for row in ROWS}


@pytest.mark.parametrize("row", ROWS)
def test_a_frame_finds_its_file(row: str) -> None:
    filename, abs_path, module, path = (None if cell == "-" else cell for cell in row.split(" | "))
    match = resolve(
        Frame(filename=filename, abs_path=abs_path, module=module, line=7), tree=TREE, service=SHOP
    )
    assert (match.path, match.candidates) == (path, ()), match.how


def test_a_class_that_two_modules_have_is_said_to_be_ambiguous() -> None:
    till = Frame(filename="Till.java", module="com.acme.pay.Till")
    both = resolve(till, tree=TREE, service=SHOP)
    assert (both.path, *both.candidates) == TILLS
    alone = resolve(till, tree=TREE, service=Service(name="billing", path="billing"))
    assert (alone.path, alone.candidates) == (TILLS[0], ())


def test_what_has_no_source_map_costs_no_look_up() -> None:
    minified = Frame(filename="index.js", abs_path="https://cdn.acme.test/index.js", line=1, column=48_210)
    assert probes(minified, SHOP) == ()
    match = resolve(minified, tree=TREE, service=SHOP)
    assert match.path is None, "a file that happens to have this name was taken for it"
    assert "source map" in match.how


def test_a_deterministic_build_of_dotnet_names_our_root_like_the_runtimes_own() -> None:
    ours = Frame(abs_path="/_/src/Acme.Shop/Basket.cs", module="Acme.Shop.Basket", in_app=True)
    assert resolve(ours, tree=TREE, service=SHOP).path == "src/Acme.Shop/Basket.cs"
    theirs = ours.model_copy(update={"in_app": False})
    assert resolve(theirs, tree=TREE, service=SHOP).path is None
