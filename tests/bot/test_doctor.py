"""`pilot doctor` finds what is wrong, says what to do, and repeats no secret."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.doctor.check import Check, Subject
from bot.doctor.command import examined
from bot.doctor.examine import examine
from bot.doctor.github import github
from bot.doctor.manifest import needed_scopes
from bot.doctor.outside import clock
from bot.doctor.slack import makes_channels, scope_checks, wanted_channels
from bot.doctor.store import _configured, _described
from investigator.catalog import Catalog, parse_catalog
from investigator.durability import LOCAL, Durability
from investigator.redaction.vault import START
from investigator.settings import Settings
from tests.fixtures.outside_world import (
    GITHUB_TOKEN,
    MODEL_KEY,
    SENTRY_TOKEN,
    SLACK_TOKEN,
    OutsideWorld,
    outside_world,
)

Prepare = Callable[[OutsideWorld], Settings]


def of(checks: tuple[Check, ...], area: str, status: str) -> dict[str, Check]:
    return {check.name: check for check in checks if (check.area, check.status) == (area, status)}


async def test_where_all_is_well_nothing_fails(tmp_path: Path, store_url: str) -> None:
    async with outside_world(tmp_path, store_url) as world:
        checks = await examine(world.settings)
    assert [check for check in checks if check.status == "failed"] == []
    ok = {(check.area, check.name) for check in checks if check.status == "ok"}
    assert {
        ("catalogue", "pilot.yml"),
        ("Slack", "token"),
        ("Slack", "scopes"),
        ("Slack", "channel #checkout"),
        ("Sentry", "scopes"),
        ("Sentry", "projects"),
        ("Sentry", "integration incident-pilot"),
        ("Sentry", "webhook URL"),
        ("GitHub", "repository acme/shop"),
        ("code mappings", "frames of checkout"),
        ("models", "openai gpt-6.1-terra"),
        ("store", "appendfsync"),
        ("store", "a write"),
        ("this machine", "spool"),
        ("outside", "clock against Slack"),
    } <= ok
    assert "writer" in of(checks, "GitHub", "warning"), "one token that does everything is worth a word"


def wrong_slack_token(world: OutsideWorld) -> Settings:
    return world.changed(slack_bot_token="xoxb-another")


def archived_channel(world: OutsideWorld) -> Settings:
    world.slack.workspace.channels["C0CHECKOUT"].is_archived = True
    return world.settings


def missing_channel(world: OutsideWorld) -> Settings:
    return world.changed(pilot_channel="#nowhere")


def wrong_organization(world: OutsideWorld) -> Settings:
    return world.changed(sentry_org="acne")


def unknown_project(world: OutsideWorld) -> Settings:
    del world.sentry.projects["checkout-web"]
    return world.settings


def integration_elsewhere(world: OutsideWorld) -> Settings:
    world.sentry.apps[0]["webhookUrl"] = "https://elsewhere.example/hook"
    return world.settings


def missing_scope(world: OutsideWorld) -> Settings:
    world.sentry.scopes.remove("event:read")
    return world.settings


def wrong_github_token(world: OutsideWorld) -> Settings:
    return world.changed(github_token="ghp_of_somebody_else_entirely_0000000000")


def frame_elsewhere(world: OutsideWorld) -> Settings:
    for events in world.sentry.events.values():
        for event in events:
            for one in event["exception"]["values"][0]["stacktrace"]["frames"]:
                one |= {"filename": "lib/other.py", "abs_path": "/opt/lib/other.py", "module": "lib.other"}
    return world.settings


def unknown_model(world: OutsideWorld) -> Settings:
    world.model.faults.add("/v1", status=404, body=b'{"error": {"message": "no such model"}}')
    return world.settings


def replicas_missing(world: OutsideWorld) -> Settings:
    return world.changed(pilot_durability="replicated:1")


def store_gone(world: OutsideWorld) -> Settings:
    return world.changed(redis_url="redis://127.0.0.1:1/0")


def disk_in_the_way(world: OutsideWorld) -> Settings:
    (world.settings.pilot_data_dir.parent / "file").write_text("")
    return world.changed(pilot_data_dir=world.settings.pilot_data_dir.parent / "file")


def broken_catalogue(world: OutsideWorld) -> Settings:
    path = world.settings.pilot_data_dir.parent / "broken.yml"
    path.write_text("services: {a: {depends_on: [nobody]}}")
    return world.changed(pilot_catalog=path)


TROUBLES: list[tuple[Prepare, str, str, str]] = [
    (wrong_slack_token, "Slack", "token", "SLACK_BOT_TOKEN"),
    (archived_channel, "Slack", "channel #checkout", "unarchive"),
    (missing_channel, "Slack", "channel #nowhere", "create it"),
    (wrong_organization, "Sentry", "organization", "SENTRY_ORG"),
    (unknown_project, "Sentry", "project checkout-web", "sentry_projects"),
    (integration_elsewhere, "Sentry", "integration", "/sentry/webhook"),
    (missing_scope, "Sentry", "scopes", "permissions"),
    (wrong_github_token, "GitHub", "repository acme/shop", "new token"),
    (frame_elsewhere, "code mappings", "frames of checkout", "stack_root"),
    (unknown_model, "models", "openai gpt-6.1-terra", "OPENAI_MODEL"),
    (replicas_missing, "store", "replicas", "PILOT_DURABILITY"),
    (store_gone, "store", "connection", "REDIS_URL"),
    (disk_in_the_way, "this machine", "spool", "PILOT_DATA_DIR"),
    (broken_catalogue, "catalogue", "pilot.yml", "correct it"),
]


@pytest.mark.parametrize(
    ("prepare", "area", "name", "remedy"), TROUBLES, ids=lambda it: getattr(it, "__name__", "")
)
async def test_each_trouble_fails_its_own_check_with_a_remedy(
    tmp_path: Path, store_url: str, prepare: Prepare, area: str, name: str, remedy: str
) -> None:
    async with outside_world(tmp_path, store_url) as world:
        checks = await examine(prepare(world))
    failed = of(checks, area, "failed")
    assert name in failed, f"{area} says of it: {[c for c in checks if c.area == area]}"
    assert remedy in failed[name].remedy


@pytest.mark.parametrize("refused", [False, True], ids=["well", "refused"])
async def test_an_app_is_asked_for_also_when_the_catalogue_names_no_repository(
    tmp_path: Path, store_url: str, private_key: str, refused: bool
) -> None:
    (tmp_path / "app.pem").write_text(private_key)
    apps = tmp_path / "apps.yml"
    apps.write_text(
        "- {app_id: 12, private_key: app.pem, owners: [acme]}\n- {app_id: 13, private_key: app.pem}\n"
    )
    async with outside_world(tmp_path, store_url) as world:
        if refused:
            world.github.faults.add("/app", status=401, body=b'{"message": "Integration not found"}')
        settings = world.changed(github_token=None, github_apps=apps)
        async with aiohttp.ClientSession() as session:
            found = [check async for check in github(Subject(settings, Catalog(), session))]
    told = {check.name: check for check in found if check.name.startswith("app ")}
    assert told.keys() == {"app 12", "app 13"}
    for check in told.values():
        assert check.status == ("failed" if refused else "ok"), check.what
        assert not refused or "new token or key" in check.remedy
    assert "repositories" in {check.name for check in found if check.status == "warning"}


async def test_a_token_without_a_scope_of_the_manifest_fails(tmp_path: Path, store_url: str) -> None:
    async with outside_world(tmp_path, store_url) as world:
        world.slack.faults.add(
            "/api/auth.test",
            status=200,
            body=b'{"ok": true, "user": "pilot", "team": "Acme"}',
            headers={"X-OAuth-Scopes": "chat:write,commands"},
        )
        checks = await examine(world.settings)
    assert "channels:read" in of(checks, "Slack", "failed")["scopes"].what


@pytest.mark.parametrize(
    ("catalogue", "missing", "failing", "warned"),
    [
        ("", "bookmarks:write channels:manage", "", ""),
        ("incident_channels: {}", "bookmarks:write", "the token lacks bookmarks:write", ""),
        ("services: {shop: {incident_channel: true}}", "channels:manage", "lacks channels:manage", ""),
        ("", "groups:read", "", "private channels are not found"),
        ("", "canvases:write", "", "postmortems come as files"),
    ],
)
def test_scopes_are_asked_for_by_what_is_configured(
    catalogue: str, missing: str, failing: str, warned: str
) -> None:
    given = needed_scopes() - set(missing.split())
    checks = scope_checks(given, channels_are_made=makes_channels(parse_catalog(catalogue)))
    told = {
        status: " ".join(c.what for c in checks if c.status == status) for status in ("failed", "warning")
    }
    assert failing in told["failed"]
    assert bool(failing) == bool(told["failed"]), "what is not used is not asked for"
    assert warned in told["warning"]


@pytest.mark.processes
async def test_when_everything_hangs_it_ends_and_keeps_what_it_found(tmp_path: Path, store_url: str) -> None:
    async with outside_world(tmp_path, store_url) as world:
        for faults in world.faults.values():
            faults.add("/", hang=True)
        started = time.monotonic()
        checks = await examine(world.settings, seconds=1.0)
        took = time.monotonic() - started
    assert took < 6, f"it took {took:.1f} s to give up after 1 s"
    for area in ("Slack", "Sentry", "GitHub", "models"):
        assert "time" in of(checks, area, "failed"), f"{area} says that it was cut off"
    assert "spool" in of(checks, "this machine", "ok"), "what answers is not hidden by what hangs"
    assert "client secret" in of(checks, "Sentry", "ok"), "what was found before is kept"


async def test_no_secret_is_repeated_whatever_the_outside_quotes(tmp_path: Path, store_url: str) -> None:
    secrets = [GITHUB_TOKEN, MODEL_KEY, SENTRY_TOKEN, SLACK_TOKEN]
    said = json.dumps({"error": " ".join(secrets), "message": " ".join(secrets)}).encode()
    async with outside_world(tmp_path, store_url) as world:
        for faults in world.faults.values():
            faults.add("/", status=400, body=said)
        checks = await examine(world.settings)
    text = json.dumps([check.model_dump() for check in checks], ensure_ascii=False)
    assert [secret for secret in secrets if secret in text] == []
    assert START in text or "…" in text, "something was quoted and hidden"


def test_without_any_configuration_it_says_what_each_would_add(tmp_path: Path) -> None:
    nothing = Settings(
        _env_file=None,
        slack_api_url="http://127.0.0.1:1/api/",
        sentry_url="http://127.0.0.1:1",
        pilot_data_dir=tmp_path,
    )
    verdict = examined(nothing, as_json=True)
    document: dict[str, Any] = json.loads(verdict.text)
    assert document["ok"] is verdict.ok is False, "nothing starts without Slack's and Sentry's credentials"
    assert {"area", "name", "status", "what", "remedy"} == set(document["checks"][0])
    skipped = {check["area"] for check in document["checks"] if check["status"] == "skipped"}
    assert {"catalogue", "Sentry", "GitHub", "code mappings", "models", "store"} <= skipped
    assert all(check["remedy"] for check in document["checks"] if check["status"] != "ok")


# --- pure judgements


@pytest.mark.parametrize(("skew", "status"), [(1, "ok"), (-4, "ok"), (20, "warning"), (-90, "failed")])
def test_a_clock_that_is_off_is_noticed(skew: float, status: str) -> None:
    assert clock("Slack", skew).status == status


def test_a_store_that_may_forget_fails() -> None:
    config = {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "allkeys-lru"}
    failed = {check.name for check in _configured(config, LOCAL) if check.status == "failed"}
    assert failed == {"appendfsync", "maxmemory-policy"}


def test_a_primary_that_may_be_cut_off_unnoticed_fails() -> None:
    config = {
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory-policy": "noeviction",
        "min-replicas-to-write": "0",
    }
    assert {c.name for c in _configured(config, Durability(1)) if c.status == "failed"} == {
        "min-replicas-to-write"
    }
    assert all(check.status == "ok" for check in _configured(config, LOCAL)), "one server alone needs none"


def test_replicas_that_nobody_waits_for_are_worth_a_warning() -> None:
    info = {"redis_version": "7.2.0", "role": "master", "connected_slaves": 1, "slave0": {"state": "online"}}
    assert [check.status for check in _described(info, LOCAL)] == ["ok", "warning"]
    assert [check.status for check in _described(info, Durability(1))] == ["ok", "ok"]


def test_channels_of_the_bot_itself_are_looked_at_too() -> None:
    settings = Settings(_env_file=None, pilot_ops_channel="#ops", pilot_canary_channel="#canary")
    assert wanted_channels(Catalog(), settings) == ["#incidents", "#ops", "#canary"]
