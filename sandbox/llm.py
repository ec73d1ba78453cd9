"""A model provider on loopback: Anthropic's Messages, OpenAI's Chat Completions and Responses, from a script.

Unlike what is made for testing SDKs it can trickle a body, cut a connection, and answer from the evidence
that it was sent.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.faults import Faults

PIECE_BYTES = 16
_ID = re.compile(r"^\[([A-Z]\d+)\] ", re.MULTILINE)

Answering = Callable[[str], str]  # the whole prompt → what the model writes


def from_the_evidence(prompt: str) -> str:
    """A sober answer in the wanted form, citing what the prompt offers: the error and the first commit."""
    ids = _ID.findall(prompt)
    commit = next((name for name in ids if name.startswith("C")), None)
    cited = [name for name in ("E1", "F1", commit) if name in ids] or ids[:1]
    blamed = "The first suspect changed the code that fails." if commit else "No commit explains the error."
    return json.dumps(
        {
            "hypothesis": {"text": blamed, "evidence": cited},
            "mechanism": [
                {"text": "The failing line is reached with a value it cannot handle.", "evidence": cited}
            ],
            "suspect": commit,
            "confidence": 0.7 if commit else 0.4,
            "blast_radius": {"text": "Requests that reach the failing line.", "evidence": cited[:1]},
            "checks": ["Compare the failing line with its version before the change."],
            "disproof": ["The same error in events from before the change was deployed."],
        }
    )


@dataclass(slots=True)
class LlmSandbox:
    """One server for all protocols: `/v1/messages`, `/v1/chat/completions` and `/v1/responses`.

    Args:
        answer: what the model writes.
        finish: how it stops, in OpenAI's words: stop, length or content_filter.
        trickle: seconds between two pieces of the body; None sends it at once.
        cut: end the connection after so many bytes of the body.
        forms: the response formats it understands; a request for another one is refused.
    """

    answer: Answering = from_the_evidence
    finish: str = "stop"
    trickle: float | None = None
    cut: int | None = None
    forms: frozenset[str] = frozenset({"json_schema", "json_object", "text"})
    faults: Faults = field(default_factory=Faults)
    requests: list[dict[str, Any]] = field(default_factory=list)

    @property
    def app(self) -> web.Application:
        app = web.Application(middlewares=[self.faults.middleware], client_max_size=16 * 2**20)
        app.router.add_post("/v1/messages", self._messages)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/responses", self._responses)
        return app

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        asked = await self._taken(request)
        form = asked.get("output_config", {}).get("format", {}).get("type", "text")
        if form not in self.forms:
            return _refused({"type": "error", "error": {"type": "invalid_request_error", "message": form}})
        text = self.answer(asked["system"] + "\n" + asked["messages"][0]["content"])
        stopped = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}[self.finish]
        return await self._send(
            request,
            {
                "id": "msg_sandbox",
                "type": "message",
                "role": "assistant",
                "model": asked["model"],
                "content": [{"type": "text", "text": text}],
                "stop_reason": stopped,
                "stop_sequence": None,
                "usage": {"input_tokens": _tokens(asked), "output_tokens": len(text) // 4},
            },
        )

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        asked = await self._taken(request)
        form = asked.get("response_format", {}).get("type", "text")
        if form not in self.forms:
            return _refused({"error": {"message": f"unsupported: {form}", "type": "invalid_request_error"}})
        text = self.answer("\n".join(message["content"] for message in asked["messages"]))
        message = {"role": "assistant", "content": text, "refusal": None}
        return await self._send(
            request,
            {
                "id": "chatcmpl-sandbox",
                "object": "chat.completion",
                "created": 0,
                "model": asked["model"],
                "choices": [{"index": 0, "message": message, "finish_reason": self.finish}],
                "usage": {
                    "prompt_tokens": _tokens(asked),
                    "completion_tokens": len(text) // 4,
                    "total_tokens": _tokens(asked) + len(text) // 4,
                },
            },
        )

    async def _responses(self, request: web.Request) -> web.StreamResponse:
        asked = await self._taken(request)
        form = asked.get("text", {}).get("format", {}).get("type", "text")
        if form not in self.forms:
            return _refused({"error": {"message": f"unsupported: {form}", "type": "invalid_request_error"}})
        text = self.answer(asked["instructions"] + "\n" + asked["input"])
        why = {"stop": None, "length": "max_output_tokens", "content_filter": "content_filter"}[self.finish]
        said = {"type": "output_text", "text": text, "annotations": []}
        return await self._send(
            request,
            {
                "id": "resp_sandbox",
                "object": "response",
                "created_at": 0,
                "model": asked["model"],
                "status": "incomplete" if why else "completed",
                "incomplete_details": {"reason": why} if why else None,
                "output": [
                    {
                        "id": "msg_sandbox",
                        "type": "message",
                        "role": "assistant",
                        "status": "completed",
                        "content": [said],
                    }
                ],
                "parallel_tool_calls": False,
                "tool_choice": "none",
                "tools": [],
                "usage": {
                    "input_tokens": _tokens(asked),
                    "input_tokens_details": {"cached_tokens": 0},
                    "output_tokens": len(text) // 4,
                    "output_tokens_details": {"reasoning_tokens": 0},
                    "total_tokens": _tokens(asked) + len(text) // 4,
                },
            },
        )

    async def _taken(self, request: web.Request) -> dict[str, Any]:
        asked: dict[str, Any] = await request.json()
        self.requests.append(asked)
        return asked

    async def _send(self, request: web.Request, document: dict[str, Any]) -> web.StreamResponse:
        body = json.dumps(document).encode()
        if self.trickle is None and self.cut is None:
            return web.Response(body=body, content_type="application/json")
        response = web.StreamResponse(
            headers={"Content-Type": "application/json", "Content-Length": str(len(body))}
        )
        await response.prepare(request)
        with suppress(ConnectionResetError):  # the client may well lose patience
            for start in range(0, len(body) if self.cut is None else self.cut, PIECE_BYTES):
                await response.write(body[start : start + PIECE_BYTES])
                await asyncio.sleep(self.trickle or 0)
        if self.cut is not None and request.transport:
            request.transport.close()
        return response


def _tokens(asked: dict[str, Any]) -> int:
    return len(json.dumps(asked.get("messages") or asked["input"])) // 4


def _refused(document: dict[str, Any]) -> web.Response:
    return web.json_response(document, status=400)
