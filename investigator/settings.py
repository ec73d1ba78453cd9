"""Settings from the environment (and `.env`): secrets and addresses, nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from investigator.analysis.prices import parse_prices
from investigator.durability import parse_durability
from investigator.errors import ConfigurationError
from investigator.redaction import Redaction
from investigator.secret_files import read_secrets
from investigator.sentinels import parse_host

DEFAULT_CATALOG = Path("pilot.yml")
AI_PROVIDERS = ("anthropic", "openai")
_WEB_ADDRESS = re.compile(r"https?://[^/?#\s]")
OpenAIAPI = Literal["auto", "responses", "chat"]


class Settings(BaseSettings):
    """One instance per process, made in the composition root. Durations are in seconds."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    slack_bot_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"

    sentry_client_secret: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    sentry_auth_token: SecretStr | None = None
    sentry_org: str | None = None
    sentry_url: str = "https://sentry.io"
    sentry_legacy_plugin: bool = False

    github_token: SecretStr | None = None
    github_apps: Path | None = None
    github_webhook_secret: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    github_api_url: str = "https://api.github.com"

    anthropic_api_key: SecretStr | None = None
    anthropic_base_url: str | None = None
    anthropic_model: str = "claude-sonnet-5-5"
    openai_api_key: SecretStr | None = None
    openai_base_url: str | None = None
    openai_model: str = "gpt-6.1-terra"

    redis_url: str | None = None
    redis_sentinels: Annotated[tuple[str, ...], NoDecode] = ()
    redis_sentinel_master: str = "pilot"
    redis_password: SecretStr | None = None
    redis_sentinel_password: SecretStr | None = None

    pilot_secrets_dir: Path | None = None
    pilot_catalog: Path | None = None
    pilot_channel: str = "#incidents"
    pilot_data_dir: Path = Path(".pilot")
    pilot_host: str = "0.0.0.0"  # noqa: S104 - it is a server; the reverse proxy decides who reaches it
    pilot_port: int = Field(default=8080, ge=0, le=65535)
    pilot_drain_seconds: float = Field(default=0.0, ge=0, le=20)
    pilot_workers: int = Field(default=2, ge=1)
    pilot_intake_budget_seconds: float = Field(default=0.4, gt=0, lt=1)
    pilot_slack_posts_per_minute: int = Field(default=60, ge=1)
    pilot_slack_edits_per_minute: int = Field(default=50, ge=1)
    pilot_durability: str = "local"
    pilot_seen_days: int = Field(default=30, ge=1)
    pilot_retention_days: int = Field(default=400, ge=1)
    pilot_github_rotation: bool = False
    pilot_redact: Redaction = "credentials"
    pilot_evidence_budget_seconds: float = Field(default=20.0, gt=0)
    pilot_reconcile_seconds: int = Field(default=120, ge=0)
    pilot_openai_api: OpenAIAPI = "auto"
    pilot_ai_order: str = "anthropic,openai"
    pilot_ai_budget_seconds: float = Field(default=25.0, gt=0, le=60)
    pilot_ai_hedge_seconds: Annotated[float, Field(gt=0)] | Literal["p95"] | None = None
    pilot_ai_questions: int = Field(default=30, ge=0)
    pilot_ai_daily_dollars: float | None = Field(default=None, ge=0)
    pilot_ai_prices: str | None = None
    pilot_ai_small_models: Annotated[tuple[str, ...], NoDecode] = ()

    pilot_ops_channel: str | None = None
    pilot_pagerduty_key: SecretStr | None = None
    pilot_pagerduty_url: str = "https://events.pagerduty.com"
    pilot_opsgenie_key: SecretStr | None = None
    pilot_opsgenie_url: str = "https://api.opsgenie.com"
    pilot_page_webhook: SecretStr | None = None
    pilot_page_webhook_secret: SecretStr | None = None
    pilot_page_again_minutes: int = Field(default=30, ge=1)
    pilot_heartbeat_url: SecretStr | None = None
    pilot_canary_seconds: int = Field(default=300, ge=0)
    pilot_canary_url: str | None = None
    pilot_canary_channel: str | None = None
    pilot_metrics_token: SecretStr | None = None
    pilot_sentry_dsn: SecretStr | None = None
    pilot_sentry_project: str | None = None
    otel_exporter_otlp_endpoint: str | None = None

    @field_validator(
        "sentry_client_secret",
        "github_webhook_secret",
        "redis_sentinels",
        "pilot_ai_small_models",
        mode="before",
    )
    @classmethod
    def _split_list(cls, value: object) -> object:
        return _words(value) if isinstance(value, str) else value

    @field_validator("slack_api_url")
    @classmethod
    def _with_slash(cls, value: str) -> str:
        return value if value.endswith("/") else value + "/"

    @field_validator("sentry_url", "github_api_url", "pilot_pagerduty_url", "pilot_opsgenie_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("redis_sentinels")
    @classmethod
    def _hosts_with_ports(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            parse_host(address)
        return value

    @field_validator("pilot_durability")
    @classmethod
    def _known_durability(cls, value: str) -> str:
        parse_durability(value)
        return value

    @field_validator(
        "slack_api_url",
        "sentry_url",
        "github_api_url",
        "anthropic_base_url",
        "openai_base_url",
        "pilot_pagerduty_url",
        "pilot_opsgenie_url",
        "pilot_canary_url",
    )
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is not None and not _WEB_ADDRESS.match(value):
            raise ValueError("give the whole address, as in http://localhost:11434/v1")
        return value

    @field_validator("pilot_ai_order")
    @classmethod
    def _known_providers(cls, value: str) -> str:
        names = _words(value)
        if len(set(names)) != len(names) or not set(names) <= set(AI_PROVIDERS):
            raise ValueError(f"name each of {', '.join(AI_PROVIDERS)} at most once, separated by commas")
        return value

    @field_validator("pilot_ai_prices")
    @classmethod
    def _readable_prices(cls, value: str | None) -> str | None:
        parse_prices(value)
        return value

    @model_validator(mode="after")
    def _ceiling_can_be_counted(self) -> Self:
        if self.pilot_ai_daily_dollars is not None:
            asked = {"anthropic": self.anthropic_model, "openai": self.openai_model}
            used = [asked[name] for name in self.ai_order if self.has_provider(name)]
            unknown = sorted(set(used) - set(parse_prices(self.pilot_ai_prices)))
            if unknown:
                raise ValueError(
                    f"PILOT_AI_DAILY_DOLLARS needs the price of {', '.join(unknown)}: add "
                    f"{unknown[0]}=IN/OUT, dollars for a million tokens, to PILOT_AI_PRICES"
                )
        return self

    @model_validator(mode="after")
    def _whole_pairs(self) -> Self:
        if self.redis_url and self.redis_sentinels:
            raise ValueError("REDIS_URL and REDIS_SENTINELS name two stores: set one of them")
        if (self.sentry_auth_token is None) != (self.sentry_org is None):
            missing = "SENTRY_ORG" if self.sentry_org is None else "SENTRY_AUTH_TOKEN"
            raise ValueError(f"{missing} is missing: SENTRY_AUTH_TOKEN and SENTRY_ORG are needed together")
        if (self.slack_bot_token is None) != (self.slack_signing_secret is None):
            missing = "SLACK_SIGNING_SECRET" if self.slack_signing_secret is None else "SLACK_BOT_TOKEN"
            raise ValueError(
                f"{missing} is missing: SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET are needed together"
            )
        return self

    @property
    def ai_order(self) -> tuple[str, ...]:
        """Names of providers, the first to be asked first."""
        return _words(self.pilot_ai_order)

    def has_provider(self, name: str) -> bool:
        """Whether this provider can be asked: by a key, or at an address that may need none."""
        key, address = {
            "anthropic": (self.anthropic_api_key, self.anthropic_base_url),
            "openai": (self.openai_api_key, self.openai_base_url),
        }[name]
        return bool(key or address)

    @property
    def names_store(self) -> bool:
        """Whether there is a store to connect to; otherwise `pilot up` runs its own."""
        return bool(self.redis_url or self.redis_sentinels)

    def require_service_credentials(self) -> None:
        """What `pilot up` cannot work without.

        Raises:
            ConfigurationError: naming every variable that is missing.
        """
        needed = {
            "SLACK_BOT_TOKEN": self.slack_bot_token,
            "SLACK_SIGNING_SECRET": self.slack_signing_secret,
            "SENTRY_CLIENT_SECRET": self.sentry_client_secret,
        }
        missing = [name for name, value in needed.items() if not value]
        if missing:
            raise ConfigurationError(
                f"{', '.join(missing)} not set: put them in the environment or in .env (see .env.example), "
                "or try `pilot demo`, which needs no account"
            )


class _Where(BaseSettings):
    """What has to be known before the settings can be read."""

    model_config = Settings.model_config
    pilot_secrets_dir: Path | None = None


def load_settings() -> Settings:
    """Read the environment, and the files of PILOT_SECRETS_DIR, which win over it.

    Raises:
        ConfigurationError: one line that names each wrong variable and what is wrong with it.
    """
    directory = _Where().pilot_secrets_dir
    secrets: dict[str, Any] = read_secrets(directory) if directory else {}
    try:
        return Settings(**secrets)
    except ValidationError as error:
        raise ConfigurationError("; ".join(_in_words(e["loc"], e["msg"]) for e in error.errors())) from None


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _in_words(location: tuple[int | str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ")
    return f"{'.'.join(str(part).upper() for part in location)}: {message}" if location else message
