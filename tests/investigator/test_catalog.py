"""The catalogue: everything optional, every mistake named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from investigator.catalog import load_catalog, parse_catalog
from investigator.errors import ConfigurationError

EXAMPLE = """\
defaults: {channel: "#ops", environment: production}
services:
  checkout:
    sentry_projects: [checkout-web, checkout-worker]
    repository: acme/shop
    path: services/checkout/
    stack_root: /srv/app
    channel: "#inc-checkout"
    depends_on: [payments, "postgres:orders"]
  payments: {}
"""


def test_a_project_finds_its_service() -> None:
    service = parse_catalog(EXAMPLE).service_of("checkout-worker")
    assert (service.name, service.repository, service.channel) == ("checkout", "acme/shop", "#inc-checkout")
    assert service.path == "services/checkout"


def test_a_service_without_projects_owns_the_project_of_its_name() -> None:
    assert parse_catalog(EXAMPLE).service_of("payments").channel == "#ops"


def test_a_project_nobody_claims_is_a_service_of_its_own() -> None:
    service = parse_catalog(EXAMPLE).service_of("mailer")
    assert (service.name, service.repository, service.channel) == ("mailer", None, "#ops")


def test_without_a_catalogue_every_project_is_a_service() -> None:
    assert load_catalog(None, default_channel="#incidents").service_of("web").channel == "#incidents"


def test_an_empty_file_is_an_empty_catalogue() -> None:
    assert parse_catalog("# nothing yet\n").services == ()


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("services:\n  a:\n    repositry: x/y\n", 3, "repositry"),
        ("services:\n  a:\n    repository: no-slash\n", 3, "repository"),
        ("services:\n  a:\n    depends_on:\n      - b\n", 4, "there is no service 'b'"),
        (
            "services:\n  a: {sentry_projects: [p]}\n  b:\n    sentry_projects: [p]\n",
            4,
            "already belongs to 'a'",
        ),
        (
            "services:\n  a:\n    depends_on: [b]\n  b:\n    depends_on:\n      - a\n",
            6,
            "a → b → a is a cycle",
        ),
        ("services:\n  a:\n    depends_on: [a]\n", 3, "a → a is a cycle"),
        ("services: [1, 2]\n", 1, "services"),
        ("services:\n  a: {\n", 3, "not valid YAML"),
        ("servces: {}\n", 1, "servces"),
        ("permissions:\n  mute: [sre]\n  mutte: [sre]\n", 3, "mutte"),
        ("permissions:\n  mute: [Not A Handle]\n", 2, "permissions.mute"),
        ("services:\n  a:\n    pull_requests:\n      allowed_group: [x]\n", 4, "allowed_group"),
    ],
)
def test_a_mistake_names_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_catalog(text)
    assert f"pilot.yml:{line}:" in str(caught.value)
    assert says in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_catalog(tmp_path / "none.yml", default_channel="#incidents")


def test_people_who_may_are_named_by_the_handle_of_their_group() -> None:
    catalog = parse_catalog(
        "permissions: {mute: ['@sre', sre]}\n"
        "services:\n  a:\n    pull_requests: {allowed_groups: ['@oncall'], deny: ['billing/**']}\n"
    )
    assert catalog.permissions == {"mute": ("sre",)}
    assert catalog.services[0].pull_requests.allowed_groups == ("oncall",)
    assert catalog.services[0].pull_requests.deny == ("billing/**",)


def test_a_recorded_case_keeps_the_cycles_that_were_there() -> None:
    text = "services:\n  a: {depends_on: [b]}\n  b: {depends_on: [a]}\n"

    assert [service.depends_on for service in parse_catalog(text, cycles="kept").services] == [("b",), ("a",)]
