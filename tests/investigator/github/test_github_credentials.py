"""The right credential reads a repository; a wrong apps file is one line that says where and what."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from investigator.deadline import Deadline
from investigator.errors import ConfigurationError, OutsideCallFailed
from investigator.github.apps_file import load_apps
from investigator.github.client import connect
from investigator.settings import Settings
from investigator.store import connect_sync
from sandbox.github import GitHubSandbox, HostHistory, Repository
from sandbox.serving import serve
from tests.fixtures.github_repository import Change, write_repository

ALLOWED = "only minted tokens fit"


@pytest.fixture
def apps_file(tmp_path: Path, private_key: str) -> Path:
    (tmp_path / "reader.pem").write_text(private_key)
    path = tmp_path / "apps.yml"
    path.write_text("- app_id: 12\n  private_key: reader.pem\n  owners: [Acme]\n")
    return path


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[tuple[GitHubSandbox, str]]:
    write_repository(tmp_path / "clone", [Change("Start", {"a.py": "0\n"}), Change("First", {"a.py": "1\n"})])
    repository = Repository(tmp_path / "clone", "acme/shop", "main", HostHistory())
    host = GitHubSandbox({"acme/shop": repository}, token=ALLOWED)
    async with serve(host.app) as url:
        yield host, url


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]  # pydantic reads them as text


def test_without_credentials_there_is_no_client() -> None:
    assert connect(settings(github_token=None, github_apps=None)) is None


async def test_a_token_is_sent(sandbox: tuple[GitHubSandbox, str]) -> None:
    _, url = sandbox
    github = connect(settings(github_token=SecretStr(f"{ALLOWED}\n"), github_api_url=url))
    assert github is not None
    assert (await github.repository("acme/shop", Deadline.after(5)).commit("main")).message == "First"
    github.close()


@pytest.mark.parametrize("prefix", ["", "/api/v3"])
async def test_an_app_makes_one_token_for_many_requests(
    sandbox: tuple[GitHubSandbox, str], apps_file: Path, prefix: str
) -> None:
    host, url = sandbox
    host.faults.add(f"{prefix}/repos/acme/shop/installation", status=200, body=b'{"id": 678}')
    github = connect(settings(github_apps=apps_file, github_api_url=url + prefix))
    assert github is not None
    repository = github.repository("acme/shop", Deadline.after(10))
    await asyncio.gather(*(repository.commit("main") for _ in range(6)))
    minted = [path for _, path in host.requests if path.endswith("/access_tokens")]
    assert minted == [f"{prefix}/app/installations/678/access_tokens"], (
        "threads that start together must share one installation token"
    )
    assert repository.requests == 8, "the look-up of the installation and its token are requests too"
    again = github.repository("acme/shop", Deadline.after(10))
    await again.commit("main")
    assert again.requests == 1, "the token is kept for the next investigation"
    github.close()


async def test_a_token_of_an_app_is_renewed_before_it_expires(
    sandbox: tuple[GitHubSandbox, str], apps_file: Path
) -> None:
    host, url = sandbox
    host.faults.add("/repos/acme/shop/installation", status=200, body=b'{"id": 678}')
    for minutes in (1, 30):
        issued = {"token": ALLOWED, "expires_at": str(datetime.now(UTC) + timedelta(minutes=minutes))}
        host.faults.add("/app/installations/678/", status=201, body=json.dumps(issued).encode(), times=1)
    github = connect(settings(github_apps=apps_file, github_api_url=url))
    assert github is not None
    for name in ("main", "main~1", "main"):
        await github.repository("acme/shop", Deadline.after(10)).commit(name)
    github.close()
    asked = [path.rpartition("/")[2] for _, path in host.requests]
    assert asked.count("access_tokens") == 2, (
        f"it could have expired in the middle of an investigation: {asked}"
    )


async def test_the_number_of_an_installation_is_looked_up_once_for_all_workers(
    sandbox: tuple[GitHubSandbox, str], apps_file: Path, store_url: str
) -> None:
    host, url = sandbox
    host.faults.add("/repos/acme/shop/installation", status=200, body=b'{"id": 678}')
    for _ in range(2):
        with connect_sync(store_url) as store:
            github = connect(settings(github_apps=apps_file, github_api_url=url), store)
            assert github is not None
            await github.repository("acme/shop", Deadline.after(10)).commit("main")
            github.close()
    asked = [path.rpartition("/")[2] for _, path in host.requests]
    assert asked == ["installation", "access_tokens", "main"], "the second worker knew all of it"
    with connect_sync(store_url) as store:
        github = connect(settings(github_apps=apps_file, github_api_url=url), store)
        assert github is not None
        await github.repository("acme/shop", Deadline.after(10)).commit("main~1")
        github.close()
    assert [path.rpartition("/")[2] for _, path in host.requests[3:]] == ["access_tokens", "main~1"]


async def test_an_owner_without_app_is_said_before_anything_is_sent(
    sandbox: tuple[GitHubSandbox, str], apps_file: Path
) -> None:
    host, url = sandbox
    github = connect(settings(github_apps=apps_file, github_api_url=url))
    assert github is not None
    with pytest.raises(OutsideCallFailed, match="no app in GITHUB_APPS lists the owner other") as caught:
        await github.repository("other/shop", Deadline.after(5)).commit("main")
    assert caught.value.kind == "unauthorized"
    assert host.requests == []
    github.close()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- app_id: twelve\n  private_key: reader.pem\n  owners: [a]\n", "line 1: app_id"),
        ("- app_id: 1\n  owners: [a]\n", "line 1: private_key"),
        (
            "- app_id: 1\n  private_key: gone.pem\n  owners: [a]\n",
            "line 2: private_key: gone.pem cannot",
        ),
        (
            "- app_id: 1\n  private_key: apps.yml\n  owners: [a]\n",
            "line 2: private_key: not an RSA",
        ),
        ("- app_id: 1\n  private_key: reader.pem\n  owners: []\n", "line 3: owners"),
        ("- app_id: 1\n  private_key: reader.pem\n  owners: [a]\n  key: x\n", "line 4: key"),
        ("- app_id: 1\n  private_key: reader.pem\n  role: admin\n", "line 3: role"),
        (
            "- app_id: 1\n  private_key: reader.pem\n  owners: [a, b]\n  installation_id: 5\n",
            "line 4: installation_id: an installation is at one owner",
        ),
        ("apps: {}\n", "a list of apps is needed"),
        ("", "a list of apps is needed"),
        ("- [1\n", "not valid YAML"),
        ("- 7\n", "line 1"),
    ],
)
def test_a_wrong_apps_file_names_line_and_field(apps_file: Path, text: str, words: str) -> None:
    apps_file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load_apps(apps_file)
    assert words in str(caught.value)
    assert str(caught.value).startswith("GITHUB_APPS: ")
    assert "\n" not in str(caught.value), "configuration errors are one line"


def test_a_missing_apps_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"apps\.yml cannot be read"):
        load_apps(tmp_path / "apps.yml")


def test_the_key_itself_may_stand_in_the_file(apps_file: Path, private_key: str) -> None:
    indented = private_key.replace("\n", "\n    ")
    apps_file.write_text(f"- app_id: 1\n  private_key: |\n    {indented}\n  owners: [acme]\n")
    load_apps(apps_file)
