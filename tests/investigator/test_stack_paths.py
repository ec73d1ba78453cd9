"""A stack frame finds its file in the repository, whatever the language and the machine it ran on."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.models.sentry import Frame, SentryEvent, SentryException
from investigator.models.service import Service
from investigator.stack_paths import frames_of_interest, probes, resolve

TREE = (
    "main.py",
    "shop/views.py",
    "shop/cart/__init__.py",
    "legacy/shop/views.py",
    "services/checkout/shop/views.py",
    "services/checkout/main.py",
    "src/main/java/com/acme/shop/Cart.java",
    "src/main/kotlin/com/acme/pay/Ledger.kt",
    "src/Acme.Shop/Basket.cs",
    "cart/cart.go",
    "cmd/server/main.go",
    "app/models/order.rb",
    "src/components/Checkout.tsx",
    "src/server/routes.js",
    "public/index.php",
    "lib/acme/ledger.ex",
    "lib/basket.dart",
    "crates/pay/src/ledger.rs",
    "ios/Shop/CartView.swift",
    "a/util.py",
    "b/util.py",
    "weird name/ünï.py",
)
SHOP = Service(name="shop")
CHECKOUT = Service(name="checkout", path="services/checkout", stack_root="/srv/app")


@pytest.mark.parametrize(
    ("frame", "path"),
    [
        pytest.param(
            Frame(abs_path="/srv/app/shop/views.py", filename="shop/views.py"), "shop/views.py", id="python"
        ),
        pytest.param(
            Frame(abs_path="/srv/app/main.py", filename="main.py"), "main.py", id="python at the root"
        ),
        pytest.param(
            Frame(abs_path="Cart.java", filename="Cart.java", module="com.acme.shop.Cart$Line"),
            "src/main/java/com/acme/shop/Cart.java",
            id="java inner class",
        ),
        pytest.param(
            Frame(filename="Ledger.kt", module="com.acme.pay.LedgerKt"),
            "src/main/kotlin/com/acme/pay/Ledger.kt",
            id="kotlin top-level function",
        ),
        pytest.param(
            Frame(abs_path=r"C:\agent\7\s\src\Acme.Shop\Basket.cs", module="Acme.Shop.Basket"),
            "src/Acme.Shop/Basket.cs",
            id="c# with a windows path",
        ),
        pytest.param(
            Frame(abs_path="/build/cart/cart.go", filename="cart.go", module="github.com/acme/shop/cart"),
            "cart/cart.go",
            id="go",
        ),
        pytest.param(
            Frame(abs_path="/app/app/models/order.rb", filename="app/models/order.rb"),
            "app/models/order.rb",
            id="ruby",
        ),
        pytest.param(
            Frame(filename="webpack:///./src/components/Checkout.tsx?3f1a"),
            "src/components/Checkout.tsx",
            id="webpack",
        ),
        pytest.param(
            Frame(filename="webpack-internal:///(app-pages-browser)/./src/components/Checkout.tsx"),
            "src/components/Checkout.tsx",
            id="next.js layer",
        ),
        pytest.param(
            Frame(filename="app:///src/server/routes.js"), "src/server/routes.js", id="node app prefix"
        ),
        pytest.param(Frame(filename="~/src/server/routes.js"), "src/server/routes.js", id="tilde"),
        pytest.param(
            Frame(abs_path="https://cdn.acme.test/src/server/routes.js?v=3"), "src/server/routes.js", id="url"
        ),
        pytest.param(Frame(abs_path="/var/www/html/public/index.php"), "public/index.php", id="php"),
        pytest.param(
            Frame(filename="lib/acme/ledger.ex", module="Acme.Ledger"), "lib/acme/ledger.ex", id="elixir"
        ),
        pytest.param(Frame(filename="package:shop/basket.dart"), "lib/basket.dart", id="dart"),
        pytest.param(
            Frame(abs_path="/build/crates/pay/src/ledger.rs", filename="ledger.rs"),
            "crates/pay/src/ledger.rs",
            id="rust",
        ),
        pytest.param(
            Frame(abs_path="/Users/ci/build/ios/Shop/CartView.swift", filename="CartView.swift"),
            "ios/Shop/CartView.swift",
            id="swift",
        ),
        pytest.param(Frame(filename="./weird name/ünï.py"), "weird name/ünï.py", id="unusual characters"),
    ],
)
def test_frame_finds_its_file(frame: Frame, path: str) -> None:
    match = resolve(frame, tree=TREE, service=SHOP)
    assert match.path == path, f"the frame was mapped to {match}"
    assert not match.candidates, "a clear match must not be called ambiguous"


@pytest.mark.parametrize(
    "frame",
    [
        Frame(abs_path="/usr/lib/python3.11/site-packages/shop/views.py", filename="shop/views.py"),
        Frame(abs_path="/usr/local/lib/python3.11/json/decoder.py", filename="json/decoder.py"),
        Frame(filename="webpack:///./node_modules/x/src/server/routes.js"),
        Frame(abs_path="/root/go/pkg/mod/github.com/x/y@v1.2.0/cart/cart.go", filename="cart.go"),
        Frame(abs_path="/usr/local/bundle/gems/rails-7.1/app/models/order.rb"),
        Frame(abs_path="/srv/app/vendor/acme/public/index.php"),
        Frame(filename="Cart.java", module="java.util.Cart"),
        Frame(filename="node:internal/main.py"),
        Frame(filename="<frozen importlib._bootstrap>"),
        Frame(),
    ],
)
def test_code_of_others_is_never_ours(frame: Frame) -> None:
    assert resolve(frame, tree=TREE, service=SHOP).path is None, (
        "a dependency was taken for the service's own code"
    )
    assert probes(frame, SHOP) == (), "a dependency must not cost a look-up"


def test_same_name_elsewhere_is_another_file() -> None:
    frame = Frame(abs_path="/srv/app/billing/main.py", filename="billing/main.py")
    assert resolve(frame, tree=TREE, service=SHOP).path is None, "only the bare file name agrees"


def test_ambiguity_is_said() -> None:
    match = resolve(Frame(filename="util.py"), tree=TREE, service=SHOP)
    assert match.path == "a/util.py"
    assert match.candidates == ("b/util.py",), "the other match must be named"
    assert "one of 2" in match.how


def test_service_folder_and_stack_root_decide_in_a_monorepo() -> None:
    frame = Frame(abs_path="/srv/app/shop/views.py", filename="shop/views.py")
    assert resolve(frame, tree=TREE, service=CHECKOUT).path == "services/checkout/shop/views.py"
    frame = Frame(abs_path="/srv/app/main.py", filename="main.py")
    assert resolve(frame, tree=TREE, service=CHECKOUT).path == "services/checkout/main.py"
    assert probes(frame, CHECKOUT)[0] == "services/checkout/main.py", "the likeliest path is tried first"


def test_bare_name_is_not_trusted_while_the_tree_is_unknown() -> None:
    frame = Frame(abs_path="/var/www/html/admin/index.php")
    assert resolve(frame, tree=["index.php"], service=SHOP, complete=False).path is None
    assert resolve(frame, tree=["index.php"], service=SHOP).path == "index.php"


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=30))
@settings(max_examples=60, deadline=None)
def test_any_text_is_survived_and_never_climbs(absolute: str, filename: str, module: str) -> None:
    frame = Frame(abs_path=absolute, filename=filename, module=module)
    assert resolve(frame, tree=TREE, service=CHECKOUT).path in {None, *TREE}
    for path in probes(frame, CHECKOUT):
        assert ".." not in path.split("/"), "a path out of the repository was asked for"
        assert not path.startswith("/")


def frame(line: int, *, in_app: bool | None = None, path: str = "shop/views.py") -> Frame:
    return Frame(filename=path, line=line, in_app=in_app)


def event(*stacks: tuple[Frame, ...]) -> SentryEvent:
    return SentryEvent(exceptions=tuple(SentryException(type="E", frames=stack) for stack in stacks))


def test_crashing_frame_comes_first_then_the_causes_then_callers() -> None:
    cause = (frame(1, in_app=True), frame(2, in_app=True))
    outer = (frame(3, in_app=True), frame(4, in_app=True))
    lines = [each.line for each in frames_of_interest(event(cause, outer))]
    assert lines == [4, 2, 3, 1]


def test_library_frames_count_only_when_there_is_nothing_else() -> None:
    mixed = event((frame(1, in_app=True), frame(2, in_app=False)))
    assert [each.line for each in frames_of_interest(mixed)] == [1]
    unmarked = event((frame(1), frame(2)))
    assert [each.line for each in frames_of_interest(unmarked)] == [2, 1]
    foreign = event((frame(1), frame(2, path="/x/site-packages/y.py")))
    assert [each.line for each in frames_of_interest(foreign)] == [1]
    only_foreign = event((frame(2, path="/x/site-packages/y.py"),))
    assert [each.line for each in frames_of_interest(only_foreign)] == [2]


def test_recursion_is_shown_once_and_the_limit_holds() -> None:
    deep = event(
        tuple(frame(7, in_app=True) for _ in range(50)) + tuple(frame(n, in_app=True) for n in range(20))
    )
    lines = [each.line for each in frames_of_interest(deep, limit=3)]
    assert lines == [19, 18, 17]
    assert frames_of_interest(SentryEvent()) == ()


def test_a_folder_named_internal_is_the_repositorys_own() -> None:
    frame = Frame(
        filename="internal/shop/cart.go", abs_path="/srv/internal/shop/cart.go", line=46, in_app=True
    )
    found = resolve(frame, tree={"internal/shop/cart.go"}, service=Service(name="shop"))
    assert found.path == "internal/shop/cart.go", "Go keeps what nobody else may import in `internal`"
    node = Frame(filename="internal/modules/cjs/loader.js", abs_path="internal/modules/cjs/loader.js")
    tree = {"lib/internal/modules/cjs/loader.js"}
    assert resolve(node, tree=tree, service=Service(name="shop")).path is None, (
        "Node's own files are not ours"
    )


def test_a_framework_is_foreign_unless_sentry_was_told_that_it_is_the_application() -> None:
    theirs = Frame(filename="Till.java", module="org.springframework.pay.Till", in_app=False)
    tree = {"pay/src/main/java/org/springframework/pay/Till.java"}
    assert resolve(theirs, tree=tree, service=SHOP).path is None
    ours = theirs.model_copy(update={"in_app": True})
    assert resolve(ours, tree=tree, service=SHOP).path in tree, "the framework's own repository finds nothing"
