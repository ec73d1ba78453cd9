"""The files around the program say what is true of it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_core import PydanticUndefined

from bot.listeners import shortcuts
from investigator.catalog import CatalogFile, parse_catalog
from investigator.settings import Settings

ROOT = Path(__file__).parents[1]
SCOPES = {
    "chat:write",
    "chat:write.public",
    "channels:read",
    "channels:join",
    "channels:history",
    "groups:history",
    "metadata.message:read",
    "commands",
    "app_mentions:read",
    "files:write",
    "links:read",
    "links:write",
    "usergroups:read",
    "users:read",
    "users:read.email",
    "groups:read",
    "channels:manage",
    "bookmarks:read",
    "bookmarks:write",
    "canvases:write",
}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture
def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(read("app_manifest.yml"))
    return loaded


# --- .env.example


def test_the_example_names_every_setting_and_no_other() -> None:
    named = re.findall(r"^#?([A-Z_]+)=", read(".env.example"), re.MULTILINE)
    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)


def test_the_example_shows_the_real_defaults() -> None:
    for name, value in re.findall(r"^#([A-Z_]+)=(.*)$", read(".env.example"), re.MULTILINE):
        default = Settings.model_fields[name.lower()].default
        assert default is not PydanticUndefined
        assert value == (str(default).lower() if isinstance(default, bool) else str(default)), name


def test_an_unfilled_example_is_a_valid_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    uncommented = re.sub(r"^#([A-Z_]+=)", r"\1", read(".env.example"), flags=re.MULTILINE)
    (tmp_path / ".env").write_text(uncommented, encoding="utf-8")
    from_example = Settings()
    (tmp_path / ".env").unlink()
    assert from_example == Settings()


# --- pilot.yml.example


def test_the_example_catalogue_is_read_and_shows_every_key() -> None:
    text = read("pilot.yml.example")
    catalog = parse_catalog(text)
    assert catalog.service_of("checkout-worker").name == "checkout"
    document = yaml.safe_load(text)
    schema = CatalogFile.model_json_schema()["$defs"]
    assert set(document["defaults"]) == set(schema["Defaults"]["properties"])
    shown = {key for service in document["services"].values() for key in service}
    assert shown == set(schema["ServiceEntry"]["properties"])


# --- app_manifest.yml


def test_the_bot_asks_for_no_more_than_it_uses(manifest: dict[str, Any]) -> None:
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == SCOPES
    for scope in SCOPES:
        why = re.search(rf"^ +- {re.escape(scope)} # (\S.*)$", read("app_manifest.yml"), re.MULTILINE)
        assert why, f"app_manifest.yml does not say what {scope} is for"


def test_the_manifest_announces_every_shortcut(manifest: dict[str, Any]) -> None:
    announced = {shortcut["callback_id"] for shortcut in manifest["features"]["shortcuts"]}
    assert announced == {shortcuts.CALLBACK}


def test_every_request_of_slack_comes_to_one_address(manifest: dict[str, Any]) -> None:
    addresses = {
        *(command["url"] for command in manifest["features"]["slash_commands"]),
        manifest["settings"]["event_subscriptions"]["request_url"],
        manifest["settings"]["interactivity"]["request_url"],
    }
    assert addresses == {"https://YOUR-HOST/slack/events"}


def test_the_manifest_announces_what_the_bot_listens_to(manifest: dict[str, Any]) -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))
    commands = {command["command"] for command in manifest["features"]["slash_commands"]}
    assert commands == set(re.findall(r"app\.command\(\"([^\"]+)\"\)", code))
    events = set(manifest["settings"]["event_subscriptions"]["bot_events"])
    assert events == set(re.findall(r"app\.event\(\"([^\"]+)\"\)", code))


# --- Dockerfile


@pytest.fixture
def instructions() -> list[tuple[str, str]]:
    """(INSTRUCTION, rest) with continued lines joined and comments left out."""
    text = re.sub(r"^\s*#.*\n", "", read("Dockerfile"), flags=re.MULTILINE).replace("\\\n", " ")
    return [
        (line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line.strip()
    ]


def test_the_image_runs_everything_as_nobody_special(instructions: list[tuple[str, str]]) -> None:
    names = [name for name, _ in instructions]
    final = dict(instructions[len(names) - names[::-1].index("FROM") :])
    assert names.count("FROM") > 1, "compilers and caches stay in the image"
    assert final["USER"].partition(":")[0] not in {"root", "0"}
    assert (final["ENTRYPOINT"], final["CMD"]) == ('["pilot"]', '["up"]')
    assert (final["STOPSIGNAL"], final["VOLUME"]) == ("SIGTERM", "/data")
    assert "PILOT_DATA_DIR=/data" in final["ENV"]
    assert "/healthz" in final["HEALTHCHECK"]
    assert re.search(r"install .*\bgit\b", final["RUN"]), "patches cannot be tried without git"


def test_packages_of_others_are_installed_by_hash(instructions: list[tuple[str, str]]) -> None:
    for name, rest in instructions:
        if name == "RUN" and "pip install" in rest:
            assert "--require-hashes" in rest or ("--no-deps" in rest and "--no-index" in rest), rest


def test_what_is_copied_is_let_into_the_build(instructions: list[tuple[str, str]]) -> None:
    let_in = set(re.findall(r"^!(.+)$", read(".dockerignore"), re.MULTILINE))
    copied = {
        source.rstrip("/")
        for name, rest in instructions
        if name == "COPY" and "--from" not in rest
        for source in rest.split()[:-1]
    }
    assert copied == let_in
    assert all((ROOT / source).exists() for source in copied)


# --- .ci/run and what is tracked


def test_ci_runs_what_people_run() -> None:
    script = read(".ci/run")
    assert re.findall(r"^make .*$", script, re.MULTILINE) == [
        "make check",
        "make test",
        "make processes",
        "make chaos",
        "make browser",
    ]
    assert (ROOT / ".ci/run").stat().st_mode & 0o111, ".ci/run cannot be executed"
    assert subprocess.run(["bash", "-n", ".ci/run"], cwd=ROOT, check=False).returncode == 0


@pytest.mark.skipif(not (ROOT / ".git").exists() or not shutil.which("git"), reason="not a git clone")
@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"(^|[^A-Za-z0-9_.])/(work/[a-z.]|root/[.])", id="a path of somebody's machine"),
        pytest.param(r"^ *--(extra-)?index-url|^ *--find-links|^ *--trusted-host", id="a package index"),
        pytest.param(r"(pypi|pythonhosted|npmjs)[.](org|com)", id="the host of a package registry"),
    ],
)
def test_no_tracked_file_names(pattern: str) -> None:
    command = ["git", "grep", "-nIE", pattern, "--", ".", ":!tests/test_packaging.py"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert found.returncode == 1, f"tracked files name it:\n{found.stdout}{found.stderr}"
