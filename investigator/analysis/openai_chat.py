"""OpenAI's Chat Completions, which Azure, vLLM, Ollama, llama.cpp and many others speak as well."""

from __future__ import annotations

from typing import Any

import openai

from investigator.analysis.failures import ProviderFailed, classify
from investigator.analysis.prompting import Prompt
from investigator.analysis.providers import Reply, tokens_of

_OLD, _NEW = "max_tokens", "max_completion_tokens"  # some servers know only one, some models only the other


class OpenAIChat:
    """Strictness 0: a schema it must keep to, 1: any JSON, 2: only what the prompt tells it."""

    def __init__(self, client: openai.AsyncOpenAI, model: str, *, compatible: bool) -> None:
        self._model = model
        self._limit = _OLD if compatible else _NEW
        self._client = client

    async def send(self, prompt: Prompt, strictness: int, seconds: float) -> Reply:
        """Raises: ProviderFailed."""
        try:
            return await self._send(prompt, strictness, seconds)
        except ProviderFailed as failure:
            if failure.kind != "bad_request" or self._limit == _NEW or _NEW not in failure.detail:
                raise
            self._limit = _NEW
            return await self._send(prompt, strictness, seconds)

    async def _send(self, prompt: Prompt, strictness: int, seconds: float) -> Reply:
        extra: dict[str, Any] = {self._limit: prompt.max_tokens}
        if prompt.answer_schema is not None and strictness < 2:
            extra["response_format"] = _format(prompt.answer_schema, strict=strictness == 0)
        try:
            completion = await self._client.chat.completions.create(
                model=self._model,
                messages=[
                    {"role": "system", "content": prompt.system},
                    {"role": "user", "content": prompt.user},
                ],
                timeout=seconds,
                **extra,
            )
            return _reply(completion)
        except Exception as error:  # noqa: BLE001 - the SDK lets nearly anything through; all of it is classified
            raise classify(openai, error) from None


def _format(schema: dict[str, Any], *, strict: bool) -> dict[str, Any]:
    if not strict:
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}


def _reply(completion: Any) -> Reply:
    choice, tokens = completion.choices[0], tokens_of(completion, "prompt_tokens", "completion_tokens")
    if choice.message.refusal or choice.finish_reason == "content_filter":
        raise ProviderFailed("refused", tokens=tokens)
    if choice.finish_reason == "length":
        raise ProviderFailed("truncated", tokens=tokens)
    if choice.finish_reason != "stop":
        raise ProviderFailed("bad_answer", f"stopped for the reason {choice.finish_reason}", tokens=tokens)
    return Reply(choice.message.content or "", *tokens)
