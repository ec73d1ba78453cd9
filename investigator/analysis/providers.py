"""Models that can be asked, from settings. No SDK is imported before its provider is asked."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pydantic import SecretStr

from investigator.analysis.circuits import Name
from investigator.analysis.failures import Kind, ProviderFailed
from investigator.analysis.prompting import Prompt
from investigator.settings import Settings
from investigator.tracing import span

_MODULES = {"anthropic": "anthropic_messages", "openai": "openai_api"}
# What a compatible server says to a form of request that it does not know; some fall over it each time.
UNKNOWN_FORM: frozenset[Kind] = frozenset({"bad_request", "server_error"})
MOST_TOKENS = 10**8  # in one request
NO_KEY = "none"  # local servers ask for none, the SDKs insist on one


@dataclass(frozen=True, slots=True)
class Reply:
    """Raises: TypeError, for a text that is none. No SDK looks at what a server sends in its place."""

    text: str
    tokens_in: int
    tokens_out: int

    def __post_init__(self) -> None:
        if not isinstance(self.text, str):
            raise TypeError(f"a text was expected, not {type(self.text).__name__}")


def tokens_of(answer: object, *names: str) -> tuple[int, int]:
    """(in, out) as the answer's usage counts them; 0 where it does not, or counts in what is no number."""
    told = (getattr(getattr(answer, "usage", None), name, None) for name in names)
    tokens_in, tokens_out = (n if isinstance(n, int) and 0 <= n <= MOST_TOKENS else 0 for n in told)
    return tokens_in, tokens_out


class Wire(Protocol):
    """One provider's protocol. `forms`: in how many ways it can ask for JSON, from strict to told."""

    @property
    def forms(self) -> int: ...

    def may_not_know(self, form: int, kind: Kind) -> bool:
        """May a failure of this kind mean that the server does not know this form?"""

    async def send(self, prompt: Prompt, form: int, seconds: float) -> Reply:
        """Raises: ProviderFailed, for whatever goes wrong. `seconds` is a hint: the caller has the watch."""

    async def close(self) -> None: ...


class Model:
    """One model of one provider. It connects when it is first asked.

    Args:
        small: its confidence is not to be taken at its word.
    """

    def __init__(
        self, provider: str, model: str, connect: Callable[[], Wire], *, small: bool = False
    ) -> None:
        self.name: Name = provider, model
        self.small = small
        self.form = 0
        self._connect = connect
        self._wire: Wire | None = None

    async def ask(self, prompt: Prompt, seconds: float) -> Reply:
        """Raises: ProviderFailed."""
        wire = self._wire = self._wire or self._connect()
        while True:
            self.form = min(self.form, wire.forms - 1)
            try:
                with span("llm", provider=self.name[0], model=self.name[1]):
                    return await wire.send(prompt, self.form, seconds)
            except ProviderFailed as failure:
                if self.form + 1 >= wire.forms or not wire.may_not_know(self.form, failure.kind):
                    raise
                self.form += 1
                if failure.kind == "server_error":  # it may as well be a hiccup: the caller's to judge
                    raise

    async def close(self) -> None:
        if self._wire:
            await self._wire.close()
            self._wire = None


def models_of(settings: Settings) -> tuple[Model, ...]:
    """Those that are configured, in the order in which they are to be asked."""
    makers = {"anthropic": _anthropic, "openai": _openai}
    return tuple(makers[name](settings) for name in settings.ai_order if settings.has_provider(name))


def preload(settings: Settings) -> None:
    """Import the SDKs that will be needed: they take seconds, which no budget has. Forks share them."""
    names = list(filter(settings.has_provider, settings.ai_order))
    for name in names:
        importlib.import_module(f"investigator.analysis.{_MODULES[name]}")
    if names:
        importlib.import_module("investigator.analysis.http_answers").trusted()


def _anthropic(settings: Settings) -> Model:
    key, base_url, model = settings.anthropic_api_key, settings.anthropic_base_url, settings.anthropic_model

    def connect() -> Wire:
        from investigator.analysis.anthropic_messages import AnthropicMessages

        return AnthropicMessages(model, _revealed(key), base_url)

    small = model in settings.pilot_ai_small_models
    return Model("anthropic", model, connect, small=small)


def _openai(settings: Settings) -> Model:
    key, base_url, model = settings.openai_api_key, settings.openai_base_url, settings.openai_model

    def connect() -> Wire:
        from investigator.analysis.openai_api import OpenAI

        return OpenAI(model, _revealed(key), base_url, settings.pilot_openai_api)

    small = model in settings.pilot_ai_small_models
    return Model("openai", model, connect, small=small)


def _revealed(key: SecretStr | None) -> str:
    return key.get_secret_value() if key else NO_KEY
