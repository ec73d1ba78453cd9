"""OpenAI and what is compatible with it: which of its two protocols is spoken, and how strictly."""

from __future__ import annotations

from typing import Literal

import openai

from investigator.analysis.failures import Kind
from investigator.analysis.http_answers import HEADERS, guarded
from investigator.analysis.openai_chat import OpenAIChat
from investigator.analysis.openai_responses import OpenAIResponses
from investigator.analysis.prompting import Prompt
from investigator.analysis.providers import UNKNOWN_FORM, Reply
from investigator.settings import OpenAIAPI

VENDOR = "https://api.openai.com/v1"

Rung = tuple[Literal["responses", "chat"], int]  # protocol, strictness: 0 schema, 1 any JSON, 2 told in words


class OpenAI:
    """Retries and time are the caller's: the SDK's own would break the budget."""

    def __init__(self, model: str, key: str, base_url: str | None, api: OpenAIAPI) -> None:
        self._compatible = base_url is not None
        self._rungs = rungs(api, compatible=self._compatible)
        self._client = openai.AsyncOpenAI(
            api_key=key,
            base_url=base_url or VENDOR,
            max_retries=0,
            default_headers=HEADERS,
            http_client=openai.DefaultAsyncHttpxClient(**guarded()),
        )
        self._responses = OpenAIResponses(self._client, model)
        self._chat = OpenAIChat(self._client, model, compatible=self._compatible)

    @property
    def forms(self) -> int:
        return len(self._rungs)

    def may_not_know(self, form: int, kind: Kind) -> bool:
        following = self._rungs[form + 1 : form + 2]
        if following and following[0][0] != self._rungs[form][0]:
            return kind in {"bad_request", "unknown_model"}  # a missing route and a missing model look alike
        return self._compatible and kind in UNKNOWN_FORM

    async def send(self, prompt: Prompt, form: int, seconds: float) -> Reply:
        protocol, strictness = self._rungs[form]
        spoken = self._responses if protocol == "responses" else self._chat
        return await spoken.send(prompt, strictness, seconds)

    async def close(self) -> None:
        await self._client.close()


def rungs(api: OpenAIAPI, *, compatible: bool) -> tuple[Rung, ...]:
    """How to ask, the best first. Compatible servers speak chat, and responses badly; OpenAI speaks both."""
    chat: tuple[Rung, ...] = (("chat", 0), ("chat", 1), ("chat", 2))
    if api == "auto":
        return chat if compatible else (("responses", 0), *chat)
    return chat if api == "chat" else (("responses", 0), ("responses", 1), ("responses", 2))
