"""The configured models, and whatever is asked of them: in time, within the day's money, circuits kept."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from investigator.analysis.chain import Chain, Question
from investigator.analysis.circuits import order
from investigator.analysis.failures import advice, in_words
from investigator.analysis.hedging import Hedge, after
from investigator.analysis.prices import Prices
from investigator.analysis.providers import Model
from investigator.analysis.shared_state import PATIENCE_SECONDS, SharedState
from investigator.deadline import Deadline
from investigator.models.analysis import Attempt

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """What came of a question: a `result`, or `reason` (a label) and `words` say why there is none."""

    result: T | None
    attempts: tuple[Attempt, ...] = ()
    reason: str = ""
    words: str = ""
    seconds: float = 0.0


class Panel:
    """Asks the configured models. `budget` in seconds is for one question, `ceiling` is in dollars a day."""

    def __init__(
        self,
        models: Sequence[Model],
        state: SharedState,
        *,
        budget: float,
        prices: Prices,
        ceiling: float | None,
        hedge: Hedge = None,
    ) -> None:
        """`hedge`: when a second model is asked beside a slow first one; None: never."""
        self._models = {model.name: model for model in models}
        self._state = state
        self.budget = budget
        self._prices = prices
        self._ceiling = ceiling
        self._hedge = hedge

    @property
    def configured(self) -> bool:
        return bool(self._models)

    async def ask(self, question: Question[T], *, seconds: float | None = None) -> Told[T]:
        """What comes of it within `seconds` (default: the budget). Never raises for what a provider does."""
        if not self._models:
            return Told(None, reason="no_provider", words="no provider configured")
        started = time.monotonic()
        seconds = self.budget if seconds is None else seconds
        deadline = Deadline.after(max(0.0, seconds - PATIENCE_SECONDS))  # the rest is for the last note
        known = await self._state.read(list(self._models), now=time.time(), seconds=seconds)
        if self._ceiling is not None and known.spent >= self._ceiling:
            words = f"today's ceiling of ${self._ceiling:g} is reached"
            return Told(None, reason="daily_ceiling", words=words)
        for name, form in known.forms.items():
            self._models[name].form = form
        names = order(list(self._models), known.circuits, known.probing, now=time.time())
        asked = [self._models[name] for name in names]
        hedge = after(self._hedge, known.answered.get(names[0], ()))
        chain = Chain(asked, question, deadline, self._prices, hedge=hedge)
        try:
            result = await chain.run()
        finally:
            for model in self._models.values():
                await model.close()
        forms = {model.name: model.form for model in asked if model.form != known.forms.get(model.name, 0)}
        await self._state.note(chain.attempts, {} if result is None else forms, now=time.time())
        spent = round(time.monotonic() - started, 3)
        if result is not None:
            return Told(result, tuple(chain.attempts), seconds=spent)
        reason, words = why_none(chain.attempts)
        return Told(None, tuple(chain.attempts), reason, words, spent)


def why_none(attempts: Sequence[Attempt]) -> tuple[str, str]:
    """(label, plain words) for attempts of which none was any good. Pure."""
    last = {attempt.model: attempt.outcome for attempt in attempts}
    if "ungrounded" in last.values():
        return "ungrounded", "the model's answer cited things that are not in the evidence"
    if not last:
        return "timeout", "there was no time left to ask"
    words = "; ".join(f"{model} {in_words(kind)}" for model, kind in last.items())
    return next(reversed(last.values())), words + advice(last.values())
