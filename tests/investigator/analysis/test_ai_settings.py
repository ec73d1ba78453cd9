"""Which models are asked, at what price, is configuration; what is wrong in it is said at the start."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from investigator.analysis.prices import dollars, parse_prices
from investigator.analysis.providers import models_of
from investigator.errors import ConfigurationError
from investigator.settings import Settings, load_settings


def configured(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


def test_a_key_or_an_address_makes_a_provider_and_the_order_is_kept() -> None:
    assert models_of(configured()) == ()
    both = configured(anthropic_api_key="k", openai_base_url="http://ollama.test/v1", openai_model="llama")
    assert [model.name for model in models_of(both)] == [
        ("anthropic", "claude-sonnet-5-5"),
        ("openai", "llama"),
    ]
    turned = both.model_copy(update={"pilot_ai_order": "openai, anthropic"})
    assert [model.name[0] for model in models_of(turned)] == ["openai", "anthropic"]
    only = both.model_copy(update={"pilot_ai_order": "openai"})
    assert [model.name[0] for model in models_of(only)] == ["openai"]


def test_small_models_are_the_configured_ones() -> None:
    both = configured(anthropic_api_key="k", openai_api_key="k", pilot_ai_small_models="gpt-6.1-terra, tiny")
    assert {model.name[1]: model.small for model in models_of(both)} == {
        "claude-sonnet-5-5": False,
        "gpt-6.1-terra": True,
    }


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"PILOT_AI_ORDER": "claude"}, "PILOT_AI_ORDER"),
        ({"PILOT_AI_ORDER": "openai,openai"}, "PILOT_AI_ORDER"),
        ({"OPENAI_BASE_URL": "localhost:11434"}, "OPENAI_BASE_URL"),
        ({"PILOT_AI_PRICES": "local"}, "local=0/0"),
        ({"PILOT_AI_PRICES": "local=-1/0"}, "PILOT_AI_PRICES"),
        ({"PILOT_AI_BUDGET_SECONDS": "600"}, "PILOT_AI_BUDGET_SECONDS"),
        (
            {"OPENAI_API_KEY": "k", "OPENAI_MODEL": "mystery", "PILOT_AI_DAILY_DOLLARS": "5"},
            "needs the price of mystery",
        ),
    ],
)
def test_what_is_wrong_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, environment: dict[str, str], named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=named):
        load_settings()


def test_prices_of_ours_have_the_last_word() -> None:
    prices = parse_prices("local=0/0, claude-sonnet-5-5=3/15")
    assert dollars(prices, "claude-sonnet-5-5", 1_000_000, 100_000) == pytest.approx(4.5)
    assert dollars(prices, "local", 1_000, 1_000) == 0
    assert dollars(prices, "unheard-of", 1_000, 1_000) is None


def test_nobody_waits_for_an_sdk_that_is_not_used() -> None:
    code = "import bot.cli, investigator.jobs, sys; print({'anthropic', 'openai'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=True
    )
    assert done.stdout.strip() == "set()"
