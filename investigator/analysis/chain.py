"""Ask one model after the other, until one gives an answer that can be used or the time is up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import structlog

from investigator.analysis.failures import ProviderFailed, react
from investigator.analysis.prices import Prices, dollars
from investigator.analysis.prompting import Prompt
from investigator.analysis.providers import Model, Reply
from investigator.deadline import Deadline
from investigator.models.analysis import Attempt

log = structlog.get_logger(__name__)

T = TypeVar("T")

SHARE = 0.6  # of what is left, for a model that others stand behind
LEAST_SECONDS = 0.3  # no model has answered in less
FULL_EVIDENCE = 60_000  # characters, about 15,000 tokens
LEAST_EVIDENCE = 4_000


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """`prompt` makes the question with at most so many characters of evidence. `accept` makes of an answer
    what is wanted, or raises ProviderFailed: then the next model is asked."""

    prompt: Callable[[int], Prompt]
    accept: Callable[[Model, str], T]


@dataclass(slots=True)
class Chain(Generic[T]):
    """One question, put to `models` in their order within `deadline`.

    `hedge`: seconds after which the next model is asked beside one that has not answered; None: only after.
    """

    models: Sequence[Model]
    question: Question[T]
    deadline: Deadline
    prices: Prices
    hedge: float | None = None
    attempts: list[Attempt] = field(default_factory=list)

    async def run(self) -> T | None:
        """The first answer that is accepted; None: `attempts` say what was tried and how it failed."""
        return await (self._one_by_one() if self.hedge is None else self._side_by_side(self.hedge))

    async def _one_by_one(self) -> T | None:
        for model in self.models:
            last = model is self.models[-1]
            seconds = self.deadline.left() * (1.0 if last else SHARE)
            result = await self._ask(model, Deadline.after(seconds))
            if result is not None:
                return result
        return None

    async def _side_by_side(self, hedge: float) -> T | None:
        waiting, running = list(self.models), set[asyncio.Task[T | None]]()
        try:
            while waiting or running:
                if waiting:
                    model = waiting.pop(0)
                    running.add(asyncio.create_task(self._ask(model, Deadline.after(self.deadline.left()))))
                done, running = await asyncio.wait(
                    running, timeout=hedge if waiting else None, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    if (result := task.result()) is not None:
                        return result
            return None
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _ask(self, model: Model, share: Deadline) -> T | None:
        evidence, retried = FULL_EVIDENCE, False
        while share.left() >= LEAST_SECONDS and evidence >= LEAST_EVIDENCE:
            started, reply = time.monotonic(), Reply("", 0, 0)
            try:
                reply = await _within(share.left(), model, self.question.prompt(evidence))
                result = self.question.accept(model, reply.text)
            except asyncio.CancelledError:
                self._note(model, "cancelled", started, None)
                raise
            except ProviderFailed as failure:
                tokens = failure.tokens if any(failure.tokens) else (reply.tokens_in, reply.tokens_out)
                self._note(model, failure.kind, started, tokens, failure)
                reaction = react(failure, retried=retried, left=share.left())
                if reaction.action == "next":
                    return None
                if reaction.action == "shrink":
                    evidence //= 2
                else:
                    retried = True
                    await asyncio.sleep(reaction.wait)
            else:
                tokens = reply.tokens_in, reply.tokens_out
                self._note(model, "ok", started, tokens if any(tokens) else None)
                return result
        return None

    def _note(
        self,
        model: Model,
        outcome: str,
        started: float,
        tokens: tuple[int, int] | None,
        failure: ProviderFailed | None = None,
    ) -> None:
        """`tokens` None: nobody knows, and so nobody knows what it cost."""
        spent = tokens or (0, 0)
        attempt = Attempt(
            provider=model.name[0],
            model=model.name[1],
            outcome=outcome,
            seconds=round(time.monotonic() - started, 3),
            tokens_in=spent[0],
            tokens_out=spent[1],
            dollars=dollars(self.prices, model.name[1], *spent) if tokens else None,
            retry_after=failure.retry_after if failure else None,
        )
        self.attempts.append(attempt)
        log.info("llm_asked", detail=failure.detail if failure else "", **attempt.model_dump())


async def _within(seconds: float, model: Model, prompt: Prompt) -> Reply:
    """The only clock that counts: an SDK's timeout starts anew with every byte that trickles in."""
    try:
        async with asyncio.timeout(seconds):
            return await model.ask(prompt, seconds)
    except TimeoutError:
        raise ProviderFailed("timeout", f"no answer in {seconds:.1f} s") from None
