"""OpenAI's Chat Completions, which Azure, vLLM, Ollama, llama.cpp and many others speak as well."""

from __future__ import annotations

from typing import Any

import openai

from investigator.analysis.failures import ProviderFailed, classify
from investigator.analysis.prompting import Prompt
from investigator.analysis.providers import Reply

VENDOR = "https://api.openai.com/v1"
_OLD, _NEW = "max_tokens", "max_completion_tokens"  # some servers know only one, some models only the other


class OpenAIChat:
    """Retries and time are the caller's: the SDK's own would break the budget."""

    forms = 3  # a schema it must keep to, any JSON, or only what the prompt tells it

    def __init__(self, model: str, key: str, base_url: str | None) -> None:
        self._model = model
        self._limit = _OLD if base_url else _NEW
        self._client = openai.AsyncOpenAI(api_key=key, base_url=base_url or VENDOR, max_retries=0)

    async def send(self, prompt: Prompt, form: int, seconds: float) -> Reply:
        try:
            return await self._send(prompt, form, seconds)
        except ProviderFailed as failure:
            if failure.kind != "bad_request" or self._limit == _NEW or _NEW not in failure.detail:
                raise
            self._limit = _NEW
            return await self._send(prompt, form, seconds)

    async def _send(self, prompt: Prompt, form: int, seconds: float) -> Reply:
        extra: dict[str, Any] = {self._limit: prompt.max_tokens}
        if form < 2:
            extra["response_format"] = _format(prompt, strict=form == 0)
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

    async def close(self) -> None:
        await self._client.close()


def _format(prompt: Prompt, *, strict: bool) -> dict[str, Any]:
    if not strict:
        return {"type": "json_object"}
    schema = {"name": "answer", "schema": prompt.answer_schema, "strict": True}
    return {"type": "json_schema", "json_schema": schema}


def _reply(completion: Any) -> Reply:
    usage, choice = completion.usage, completion.choices[0]
    tokens = (usage.prompt_tokens, usage.completion_tokens) if usage else (0, 0)
    if choice.message.refusal or choice.finish_reason == "content_filter":
        raise ProviderFailed("refused", tokens=tokens)
    if choice.finish_reason == "length":
        raise ProviderFailed("truncated", tokens=tokens)
    if choice.finish_reason != "stop":
        raise ProviderFailed("bad_answer", f"stopped for the reason {choice.finish_reason}", tokens=tokens)
    return Reply(choice.message.content or "", *tokens)
