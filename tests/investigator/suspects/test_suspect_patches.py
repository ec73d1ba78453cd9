from __future__ import annotations

import pytest

from investigator.models.evidence import FileChange
from investigator.suspects import patches
from tests.fixtures.suspects import changed


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("def apply_discount(cart):", "apply_discount"),
        ("    async def load(self):", "load"),
        ("class Cart(Base):", "Cart"),
        ("export default async function loadCart(id) {", "loadCart"),
        ("const loadCart = async (id) => {", "loadCart"),
        ("export const total = cart => cart.total", "total"),
        ("  Cart.prototype.total = function () {", "total"),
        ("  async render(props) {", "render"),
        ("func (c *Cart) Total(rate int) (int, error) {", "Total"),
        ("func main() {", "main"),
        ("  public static Map<String, Item> findItems(Order order) throws IOException {", "findItems"),
        ("  def self.total(cart)", "total"),
        ("  def empty?", "empty?"),
        ("    override fun onCreate(state: Bundle?) {", "onCreate"),
        ("pub fn parse(input: &str) -> Result<()> {", "parse"),
        ("  private function loadCart($id)", "loadCart"),
    ],
)
def test_definitions_are_known_in_many_languages(line: str, name: str) -> None:
    assert patches.defined_name(line) == name


@pytest.mark.parametrize(
    "line", ["    if (ready) {", "  return total(cart)", "for (const a of b) {", "x = total(cart)", "", "}"]
)
def test_other_lines_define_nothing(line: str) -> None:
    assert patches.defined_name(line) is None


def test_a_change_belongs_to_the_function_it_stands_in() -> None:
    lines = (" x = 1", "-    y = 2", " def second():", "+    z = 3")
    change = patches.read(changed("a.py", *lines, header="def first():"))
    assert change.functions == {"first", "second"}
    assert change.added == set(), "one-letter names say nothing"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("call(a,b)", "call(a, b)"),
        ("# the rate", "# the rate of today"),
        ("x = 'one'", 'x = "one"'),
        ("call(alpha, beta)", "call(\n+    alpha,\n+    beta,\n+)"),
    ],
)
def test_layout_is_cosmetic(before: str, after: str) -> None:
    assert patches.read(changed("a.py", f"-{before}", f"+{after}")).cosmetic


@pytest.mark.parametrize(("before", "after"), [("a > b", "a >= b"), ("x = 1", "x = 2"), ("guard()", "")])
def test_a_change_of_meaning_is_not_cosmetic(before: str, after: str) -> None:
    assert not patches.read(changed("a.py", f"-{before}", f"+{after}")).cosmetic


def test_lines_are_followed_back_over_insertions_and_deletions() -> None:
    change = patches.read(
        FileChange(
            path="a.py",
            patch="@@ -5,2 +5,4 @@\n old\n+new\n+new\n kept\n@@ -20,3 +22,1 @@\n-gone\n-gone\n kept",
        )
    )
    assert [change.line_before(line) for line in (4, 5, 8, 21, 22, 30)] == [4, 5, 6, 19, 22, 30]


def test_a_migration_retires_the_names_it_drops_or_renames() -> None:
    change = patches.read(changed("m.py", '+    op.drop_column("carts", "total_cents")'))
    assert "total_cents" in change.removed
    assert "total_cents" not in change.added


def test_a_file_without_a_patch_says_nothing() -> None:
    assert patches.read(FileChange(path="image.png")) == patches.Change("image.png")
