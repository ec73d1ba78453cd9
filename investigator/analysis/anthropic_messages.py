"""Anthropic's Messages API, and servers that speak it."""

from __future__ import annotations

from typing import Any

import anthropic

from investigator.analysis.failures import Kind, ProviderFailed, classify
from investigator.analysis.http_answers import HEADERS, guarded
from investigator.analysis.prompting import Prompt
from investigator.analysis.providers import UNKNOWN_FORM, Reply, tokens_of

VENDOR = "https://api.anthropic.com"


class AnthropicMessages:
    """Retries and time are the caller's: the SDK's own would break the budget."""

    forms = 2  # a schema it must keep to, or the one the prompt tells it of

    def __init__(self, model: str, key: str, base_url: str | None) -> None:
        self._model = model
        self._compatible = base_url is not None
        self._client = anthropic.AsyncAnthropic(
            api_key=key,
            base_url=base_url or VENDOR,
            max_retries=0,
            default_headers=HEADERS,
            http_client=anthropic.DefaultAsyncHttpxClient(**guarded()),
        )

    def may_not_know(self, form: int, kind: Kind) -> bool:
        return self._compatible and kind in UNKNOWN_FORM

    async def send(self, prompt: Prompt, form: int, seconds: float) -> Reply:
        extra: dict[str, Any] = {}
        if prompt.answer_schema is not None and not form:
            extra = {"output_config": {"format": {"type": "json_schema", "schema": prompt.answer_schema}}}
        try:
            message = await self._client.messages.create(
                model=self._model,
                max_tokens=prompt.max_tokens,
                system=prompt.system,
                messages=[{"role": "user", "content": prompt.user}],
                timeout=seconds,
                **extra,
            )
            return _reply(message)
        except Exception as error:  # noqa: BLE001 - the SDK lets nearly anything through; all of it is classified
            raise classify(anthropic, error) from None

    async def close(self) -> None:
        await self._client.close()


def _reply(message: Any) -> Reply:
    tokens = tokens_of(message, "input_tokens", "output_tokens")
    stopped = message.stop_reason
    if stopped == "max_tokens":
        raise ProviderFailed("truncated", tokens=tokens)
    if stopped == "refusal":
        raise ProviderFailed("refused", tokens=tokens)
    if stopped == "model_context_window_exceeded":
        raise ProviderFailed("context_too_long", tokens=tokens)
    if stopped not in {"end_turn", "stop_sequence"}:
        raise ProviderFailed("bad_answer", f"stopped for the reason {stopped}", tokens=tokens)
    return Reply("".join(block.text for block in message.content if block.type == "text"), *tokens)
