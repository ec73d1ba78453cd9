from __future__ import annotations

import pytest

from investigator.backstage import import_catalog
from investigator.catalog import parse_catalog
from investigator.errors import ConfigurationError

SHOP = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: checkout
  annotations:
    sentry.io/project-slug: acme/checkout-web
    github.com/project-slug: acme/shop
    backstage.io/source-location: url:https://github.com/acme/shop/tree/main/services/checkout/
spec:
  type: service
  owner: group:default/team-checkout
  consumesApis: [payments-api]
  dependsOn:
    - component:default/Cart
    - resource:orders-db
    - resource:default/sessions-redis
---
kind: Component
metadata: {name: cart}
spec: {owner: team-cart}
---
kind: Component
metadata: {name: payments}
spec:
  providesApis: [api:default/payments-api]
---
kind: API
metadata: {name: payments-api}
spec: {type: openapi}
---
kind: Resource
metadata: {name: orders-db}
spec: {type: PostgreSQL, dependencyOf: [component:cart]}
---
kind: Resource
metadata: {name: sessions-redis}
spec: {type: cache}
---
kind: System
metadata: {name: shop}
"""


def component(name: str, spec: str = "{}") -> str:
    return f"kind: Component\nmetadata: {{name: {name}}}\nspec: {spec}\n"


def test_components_become_services_with_what_they_need() -> None:
    result = import_catalog([("catalog-info.yaml", SHOP)])

    catalog = parse_catalog(result.text)
    checkout = catalog.service("checkout")
    assert checkout is not None
    assert checkout.sentry_projects == ("checkout-web",)
    assert checkout.repository == "acme/shop"
    assert checkout.path == "services/checkout"
    assert checkout.depends_on == ("cart", "postgresql:orders-db", "redis:sessions-redis", "payments")
    assert result.notes == ()


def test_a_dependency_told_from_its_other_end_counts() -> None:
    cart = parse_catalog(import_catalog([("f", SHOP)]).text).service("cart")

    assert cart is not None
    assert cart.depends_on == ("postgresql:orders-db",)


def test_owners_are_kept_as_comments() -> None:
    assert "  # owner: group:default/team-checkout\n  checkout:" in import_catalog([("f", SHOP)]).text


def test_files_are_read_together() -> None:
    files = [("a.yaml", component("a", "{dependsOn: ['component:b']}")), ("b.yaml", component("b"))]

    service = parse_catalog(import_catalog(files).text).service("a")

    assert service is not None
    assert service.depends_on == ("b",)


def test_references_to_nothing_are_left_out_and_reported_with_file_and_line() -> None:
    text = component(
        "a", "\n  consumesApis: [nobodys]\n  dependsOn:\n    - component:gone\n    - resource:lost"
    )

    result = import_catalog([("x/catalog-info.yaml", text)])

    assert parse_catalog(result.text).service("a") is not None
    assert sorted(result.notes) == [
        "x/catalog-info.yaml:4: a consumes API 'nobodys', which nobody provides",
        "x/catalog-info.yaml:6: a names component 'gone', which no file describes",
        "x/catalog-info.yaml:7: a names resource 'lost', which no file describes",
    ]


def test_a_cycle_is_broken_and_reported() -> None:
    text = f"{component('a', '{dependsOn: [b]}')}---\n{component('b', '{dependsOn: [a]}')}"

    result = import_catalog([("f", text)])

    assert len(parse_catalog(result.text).services) == 2
    assert "is a cycle" in result.notes[0]


def test_a_sentry_project_goes_to_its_first_claimant() -> None:
    annotated = "kind: Component\nmetadata: {{name: {0}, annotations: {{sentry.io/project-slug: web}}}}\n"
    result = import_catalog([("f", annotated.format("a") + "---\n" + annotated.format("b"))])

    assert parse_catalog(result.text).service_of("web").name == "a"
    assert "belongs to a already" in result.notes[0]


def test_no_owner_can_write_into_the_catalogue() -> None:
    text = component("a", '{owner: "x\\n  evil: {repository: a/b}"}')

    assert [service.name for service in parse_catalog(import_catalog([("f", text)]).text).services] == ["a"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("kind: Component\nmetadata: {name: a}\n---\nkind: [\n", "f:5: not valid YAML"),
        ("- 1\n", "f:1: this document has no `kind`"),
        (
            "kind: API\nmetadata: {name: a}\n---\nkind: Component\n",
            "f:4: this Component has no metadata.name",
        ),
        (component("a", "[1]"), "f:3: spec must be a mapping"),
        (component("a", "\n  dependsOn: b"), "f:4: spec.dependsOn must be a list"),
        (component("a", "\n  dependsOn:\n    - {b: c}"), "f:5: spec.dependsOn: {'b': 'c'} is no reference"),
        (component("a") + "---\n" + component("A"), "component 'A' is described already in f:1"),
        ("kind: API\nmetadata: {name: a}\n", "f: no Component is described"),
        ("", "f: no Component is described"),
    ],
)
def test_an_error_names_file_and_line(text: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        import_catalog([("f", text)])

    assert says in str(caught.value)
