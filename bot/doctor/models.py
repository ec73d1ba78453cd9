"""Language models: each is asked one tiny thing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from bot.doctor.check import Check, Subject, failed, ok, skipped
from investigator.analysis.failures import ProviderFailed, in_words
from investigator.analysis.prompting import Prompt
from investigator.analysis.providers import Model, models_of
from investigator.redaction import Vault, redact

ANSWER_SECONDS = 10.0
MAX_TOKENS = 300  # models that think first need some of them for that
TINY = Prompt(
    system="You check that you can be reached. Answer with a JSON object.",
    user='Answer with {"reachable": true} and nothing else.',
    version="doctor",
    answer_schema={
        "type": "object",
        "properties": {"reachable": {"type": "boolean"}},
        "required": ["reachable"],
        "additionalProperties": False,
    },
    max_tokens=MAX_TOKENS,
)
_ANSWERED = frozenset({"truncated", "refused"})  # a model that is there, whatever it thinks of the question
_REMEDIES = {
    "unauthorized": "set the key again: {provider} refuses it",
    "unknown_model": "set {PROVIDER}_MODEL to a model that the key may use",
    "quota": "raise the account's limit at {provider}, or set the key of another account",
    "unreachable": "see {PROVIDER}_BASE_URL, and whether this machine may connect there",
    "timeout": "see whether a firewall drops the connection, or whether the model is only slow today",
    "bad_answer": "see {PROVIDER}_BASE_URL: what answers there does not speak {provider}'s protocol",
}


async def models(subject: Subject) -> AsyncIterator[Check]:
    asked = models_of(subject.settings)
    if not asked:
        yield skipped(
            "providers",
            "no language model is configured",
            "with ANTHROPIC_API_KEY, OPENAI_API_KEY or OPENAI_BASE_URL reports get an analysis",
        )
        return
    looks = [asyncio.create_task(_look(model)) for model in asked]
    for look in looks:
        yield await look


async def _look(model: Model) -> Check:
    provider, name = model.name
    title = f"{provider} {name}"
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await model.ask(TINY, ANSWER_SECONDS)
    except TimeoutError:
        return _failed(title, provider, "timeout", "")
    except ProviderFailed as failure:
        if failure.kind in _ANSWERED:
            return ok(title, "answers")
        return _failed(title, provider, failure.kind, failure.detail)
    finally:
        await model.close()
    return ok(title, "answers")


def _failed(title: str, provider: str, kind: str, detail: str) -> Check:
    remedy = _REMEDIES.get(kind, "try again; while it lasts, the other models are asked")
    said = f": {redact(detail, Vault())}" if detail else ""
    return failed(
        title, f"{in_words(kind)}{said}", remedy.format(provider=provider, PROVIDER=provider.upper())
    )
