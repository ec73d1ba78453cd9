"""Settings follow their files; what is wrong in one changes nothing and is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from investigator.errors import ConfigurationError
from investigator.live_settings import LiveSettings
from investigator.secret_files import read_secrets
from investigator.settings import Settings, load_settings


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of secrets that a process of ours can start with."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    directory = tmp_path / "secrets"
    directory.mkdir()
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SENTRY_CLIENT_SECRET"):
        (directory / name).write_text("first\n")
    monkeypatch.setenv("PILOT_SECRETS_DIR", str(directory))
    return directory


def slack_token(settings: Settings) -> str:
    assert settings.slack_bot_token
    return settings.slack_bot_token.get_secret_value()


def test_a_file_wins_over_the_environment(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "from the environment")
    assert slack_token(load_settings()) == "first"


def test_what_kubernetes_keeps_beside_the_files_is_no_setting(secrets: Path) -> None:
    (secrets / "..data").symlink_to(secrets)
    assert set(read_secrets(secrets)) == {"slack_bot_token", "slack_signing_secret", "sentry_client_secret"}


def test_a_changed_file_is_noticed_once_and_its_value_is_not_logged(secrets: Path) -> None:
    live = LiveSettings(load_settings())
    assert not live.look()
    (secrets / "SLACK_BOT_TOKEN").write_text("second")
    with capture_logs() as logs:
        assert live.look()
    assert slack_token(live.settings) == "second"
    assert not live.look()
    assert [line["names"] for line in logs] == [["SLACK_BOT_TOKEN"]]
    assert "second" not in str(logs)


def test_env_and_the_keys_of_apps_are_watched_as_well(secrets: Path, tmp_path: Path) -> None:
    live = LiveSettings(load_settings())
    (tmp_path / ".env").write_text("PILOT_CHANNEL=#elsewhere\n")
    assert live.look()
    assert live.settings.pilot_channel == "#elsewhere"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SLACK_SIGNING_SECRET", ""),
        ("SENTRY_CLIENT_SECRET", " \n"),
        ("SENTRY_ORG", "acme"),
        ("PILOT_RETENTION_DAYS", "some"),
        ("GITHUB_APPS", "/nowhere/apps.yml"),
    ],
)
def test_what_cannot_be_used_changes_nothing_until_it_is_mended(secrets: Path, name: str, text: str) -> None:
    live = LiveSettings(load_settings())
    before = live.settings
    kept = (secrets / name).read_text() if (secrets / name).exists() else None
    (secrets / name).write_text(text)
    with capture_logs() as logs:
        assert not live.look()
    assert live.settings == before
    assert any(word in live.problem for word in (name, "SENTRY_AUTH_TOKEN"))
    assert [line["event"] for line in logs] == ["settings_refused"]
    if kept is None:
        (secrets / name).unlink()
    else:
        (secrets / name).write_text(kept)
    live.look()
    assert not live.problem


def test_an_optional_secret_that_was_emptied_is_kept_and_one_that_was_removed_is_not(secrets: Path) -> None:
    key = secrets / "ANTHROPIC_API_KEY"
    key.write_text("key")
    live = LiveSettings(load_settings())
    key.write_text("")
    assert not live.look()
    assert live.settings.anthropic_api_key
    assert "ANTHROPIC_API_KEY" in live.problem
    key.unlink()
    assert live.look()
    assert live.settings.anthropic_api_key is None


def test_what_is_opened_at_the_start_stays_until_the_next_one(secrets: Path) -> None:
    (secrets / "REDIS_URL").write_text("redis://one")
    live = LiveSettings(load_settings())
    (secrets / "REDIS_URL").write_text("redis://two")
    with capture_logs() as logs:
        live.look()
    assert live.settings.redis_url == "redis://one"
    assert logs[0]["from_next_start"] == ["REDIS_URL"]


def test_a_directory_that_is_not_there_is_told_with_its_setting(
    secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PILOT_SECRETS_DIR", str(secrets / "nowhere"))
    with pytest.raises(ConfigurationError, match="PILOT_SECRETS_DIR"):
        load_settings()
