"""OpenAI's Responses API. Nothing is stored at the vendor's (`store=False`)."""

from __future__ import annotations

from typing import Any

import openai

from investigator.analysis.failures import ProviderFailed, classify
from investigator.analysis.prompting import Prompt
from investigator.analysis.providers import Reply, tokens_of


class OpenAIResponses:
    """Strictness 0: a schema it must keep to, 1: any JSON, 2: only what the prompt tells it."""

    def __init__(self, client: openai.AsyncOpenAI, model: str) -> None:
        self._client = client
        self._model = model

    async def send(self, prompt: Prompt, strictness: int, seconds: float) -> Reply:
        """Raises: ProviderFailed."""
        extra: dict[str, Any] = {}
        if prompt.answer_schema is not None and strictness < 2:
            extra["text"] = {"format": _format(prompt.answer_schema, strict=strictness == 0)}
        try:
            response = await self._client.responses.create(
                model=self._model,
                instructions=prompt.system,
                input=prompt.user,
                max_output_tokens=prompt.max_tokens,
                store=False,
                timeout=seconds,
                **extra,
            )
            return _reply(response)
        except Exception as error:  # noqa: BLE001 - the SDK lets nearly anything through; all of it is classified
            raise classify(openai, error) from None


def _format(schema: dict[str, Any], *, strict: bool) -> dict[str, Any]:
    if not strict:
        return {"type": "json_object"}
    return {"type": "json_schema", "name": "answer", "schema": schema, "strict": True}


def _reply(response: Any) -> Reply:
    tokens = tokens_of(response, "input_tokens", "output_tokens")
    parts = [part for item in response.output if item.type == "message" for part in item.content]
    why = response.incomplete_details.reason if response.incomplete_details else None
    if why == "content_filter" or any(part.type == "refusal" for part in parts):
        raise ProviderFailed("refused", tokens=tokens)
    if response.status == "incomplete":
        raise ProviderFailed("truncated", tokens=tokens)
    if response.status != "completed":
        raise ProviderFailed("bad_answer", f"stopped as {response.status}", tokens=tokens)
    return Reply("".join(part.text for part in parts if part.type == "output_text"), *tokens)
