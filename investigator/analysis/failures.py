"""How asking a model can fail, and what to do about each way. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal

from investigator.errors import PilotError

Kind = Literal[
    "rate_limited",
    "quota",
    "overloaded",
    "server_error",
    "unreachable",
    "timeout",
    "unauthorized",
    "unknown_model",
    "bad_request",
    "context_too_long",
    "bad_answer",
    "truncated",
    "refused",
    "invalid",
    "ungrounded",
    "cancelled",
]
Action = Literal["retry", "shrink", "next"]

LONGEST_WAIT_SECONDS = 5.0  # a provider that asks for more is left alone
SHORT_WAIT_SECONDS = 0.3
DETAIL_LIMIT = 300

_TOO_LONG = (
    "context_length_exceeded",
    "prompt is too long",
    "context size",
    "context length",
    "context window",
)
_AGAIN = frozenset({"overloaded", "server_error", "unreachable"})
# What says something about the provider, rather than about what it was asked.
_OF_THE_PROVIDER = frozenset(
    {
        "rate_limited",
        "quota",
        "overloaded",
        "server_error",
        "unreachable",
        "timeout",
        "unauthorized",
        "unknown_model",
    }
)
_FOR_LONG = frozenset({"quota", "unauthorized", "unknown_model"})  # a person has to do something first

_WORDS: Mapping[str, str] = {
    "rate_limited": "asks us to slow down",
    "quota": "says that the account's quota is used up",
    "overloaded": "is overloaded",
    "server_error": "answers with an error of its own",
    "unreachable": "cannot be reached",
    "timeout": "did not answer in time",
    "unauthorized": "refuses our key",
    "unknown_model": "is not known at its address",
    "bad_request": "refuses the request",
    "context_too_long": "cannot read that much evidence",
    "bad_answer": "answered with something that is not its protocol",
    "truncated": "stopped in the middle of its answer",
    "refused": "declined to answer",
    "invalid": "gave an answer that cannot be used",
    "ungrounded": "cited things that are not in the evidence",
    "cancelled": "was not waited for: another model had answered",
}


class ProviderFailed(PilotError):
    """A model gave no usable answer. `retry_after` is in seconds, when the provider named it."""

    def __init__(
        self,
        kind: Kind,
        detail: str = "",
        *,
        retry_after: float | None = None,
        tokens: tuple[int, int] = (0, 0),
    ) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind: Kind = kind
        self.detail = detail
        self.retry_after = retry_after
        self.tokens = tokens


@dataclass(frozen=True, slots=True)
class Reaction:
    """`wait` is in seconds."""

    action: Action
    wait: float = 0.0


def react(failure: ProviderFailed, *, retried: bool, left: float) -> Reaction:
    """What to do next. Once the same again, where that may help and fits into the `left` seconds."""
    if failure.kind == "context_too_long":
        return Reaction("shrink")
    again = failure.kind in _AGAIN or (failure.kind == "rate_limited" and failure.retry_after is not None)
    wait = SHORT_WAIT_SECONDS if failure.retry_after is None else failure.retry_after
    if again and not retried and wait <= min(LONGEST_WAIT_SECONDS, left / 2):
        return Reaction("retry", wait)
    return Reaction("next")


def blames_provider(kind: str) -> bool:
    """Does it count against the provider's circuit? Never what our own request or its wording caused."""
    return kind in _OF_THE_PROVIDER


def lasts(kind: str) -> bool:
    """Will it be the same for everybody until a person does something?"""
    return kind in _FOR_LONG


def in_words(kind: str) -> str:
    """What a model does, after its name."""
    return _WORDS[kind]


def advice(kinds: Collection[str]) -> str:
    """What to do about failures of these kinds, after they were told; empty where waiting is all there is."""
    for_a_person = any(lasts(kind) or kind == "bad_answer" for kind in kinds)
    return "; pilot doctor says what to mend" if for_a_person else ""


def classify(sdk: ModuleType, error: Exception) -> ProviderFailed:
    """An exception that came out of a call through `sdk` (anthropic or openai: their classes have the same
    names), whatever it is."""
    known = next((one for one in (error, error.__cause__) if isinstance(one, ProviderFailed)), None)
    if known:
        return known
    detail = f"{type(error).__name__}: {error}"[:DETAIL_LIMIT]
    if isinstance(error, TimeoutError | sdk.APITimeoutError):
        return ProviderFailed("timeout", detail)
    if isinstance(error, sdk.APIConnectionError | OSError):
        return ProviderFailed("unreachable", detail)
    if isinstance(error, sdk.APIStatusError):
        kind = _of_status(error.status_code, _named(error), str(error).lower())
        return ProviderFailed(kind, detail, retry_after=_retry_after(error.response.headers))
    if isinstance(error, AttributeError | TypeError | LookupError | ValueError | RecursionError):
        return ProviderFailed("bad_answer", detail)  # how the SDKs meet HTML, or half a document
    return ProviderFailed("unreachable", detail)  # of the transport below the SDKs


def _named(error: Any) -> frozenset[str]:
    """What the provider calls the error, in any of the places where they write it."""
    return frozenset(
        str(name) for name in (getattr(error, "type", None), getattr(error, "code", None)) if name
    )


def _of_status(status: int, named: frozenset[str], text: str) -> Kind:
    if status in {400, 413, 422} and any(sign in text for sign in _TOO_LONG):
        return "context_too_long"
    if "insufficient_quota" in named or status == 402:
        return "quota"
    if status in {529, 503} or "overloaded_error" in named:
        return "overloaded"
    by_status: dict[int, Kind] = {
        401: "unauthorized",
        403: "unauthorized",
        404: "unknown_model",
        408: "timeout",
        413: "context_too_long",
        429: "rate_limited",
    }
    if status in by_status:
        return by_status[status]
    if status < 400:
        return "bad_answer"  # it sends us elsewhere, where nobody asked us to send the evidence
    return "server_error" if status >= 500 else "bad_request"


def _retry_after(headers: Mapping[str, str]) -> float | None:
    try:
        seconds = float(headers["retry-after"])
    except (KeyError, ValueError):
        return None
    return seconds if seconds >= 0 else None
