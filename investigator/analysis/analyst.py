"""From findings to an assessment: redact, ask, check. It never raises for what a provider does."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from investigator.analysis.answer import read_answer, schema
from investigator.analysis.chain import Chain, Question
from investigator.analysis.circuits import order
from investigator.analysis.evidence_ids import Piece, fit, number
from investigator.analysis.failures import in_words
from investigator.analysis.grounding import Grounded, ground
from investigator.analysis.prices import Prices
from investigator.analysis.prompting import Prompt, analysis_prompt, new_marker
from investigator.analysis.providers import Model
from investigator.analysis.shared_state import PATIENCE_SECONDS, SharedState
from investigator.analysis.view import NO_EVIDENCE, NO_PROVIDER
from investigator.deadline import Deadline
from investigator.models.analysis import Analysis, Assessment, Attempt, Claim
from investigator.models.incident import Findings
from investigator.redaction import PERSONAL, Vault, redact, redact_document
from investigator.verdict import band

MOST_SURE, MOST_SURE_SMALL = 0.95, 0.5
MAX_TOKENS = 4_000  # of an answer, thinking included


class Analyst:
    """Asks the configured models. `budget` in seconds is for everything, `ceiling` is in dollars a day."""

    def __init__(
        self,
        models: Sequence[Model],
        state: SharedState,
        *,
        budget: float,
        prices: Prices,
        ceiling: float | None,
    ) -> None:
        self._models = {model.name: model for model in models}
        self._state = state
        self._budget = budget
        self._prices = prices
        self._ceiling = ceiling

    @property
    def configured(self) -> bool:
        return bool(self._models)

    async def assess(self, findings: Findings) -> Assessment:
        """An analysis, or why there is none, within the budget."""
        if not self._models:
            return NO_PROVIDER
        started, vault = time.monotonic(), Vault()
        deadline = Deadline.after(max(0.0, self._budget - PATIENCE_SECONDS))  # the rest is for the last note
        pieces = number(redact_document(findings, vault, "all"))
        if not pieces:
            return NO_EVIDENCE
        known = await self._state.read(list(self._models), now=time.time(), seconds=self._budget)
        if self._ceiling is not None and known.spent >= self._ceiling:
            words = f"today's ceiling of ${self._ceiling:g} is reached"
            return Assessment(reason="daily_ceiling", words=words)
        for name, form in known.forms.items():
            self._models[name].form = form
        names = order(list(self._models), known.circuits, known.probing, now=time.time())
        asked = [self._models[name] for name in names]
        chain = Chain(asked, _question(pieces, vault), deadline, self._prices)
        try:
            analysis = await chain.run()
        finally:
            for model in self._models.values():
                await model.close()
        forms = {model.name: model.form for model in asked if model.form != known.forms.get(model.name, 0)}
        await self._state.note(chain.attempts, forms if analysis else {}, now=time.time())
        seconds = round(time.monotonic() - started, 3)
        if analysis:
            return Assessment(analysis=analysis, attempts=tuple(chain.attempts), seconds=seconds)
        reason, words = why_none(chain.attempts)
        return Assessment(reason=reason, words=words, attempts=tuple(chain.attempts), seconds=seconds)


def _question(pieces: Sequence[Piece], vault: Vault) -> Question[Analysis]:
    hidden = partial(redact, vault=vault)
    version = ""

    def prompt(limit: int) -> Prompt:
        nonlocal version
        made = analysis_prompt(
            fit(pieces, limit), marker=new_marker(), schema=schema(), max_tokens=MAX_TOKENS, redact=hidden
        )
        version = made.version
        return made

    def accept(model: Model, text: str) -> Analysis:
        answer = read_answer(text)
        return _analysis(ground(answer, pieces), answer.confidence, model, version, vault)

    return Question(prompt, accept)


def _analysis(grounded: Grounded, confidence: float, model: Model, version: str, vault: Vault) -> Analysis:
    def shown(text: str) -> str:
        return vault.restore(text, PERSONAL)

    def claim(one: Claim) -> Claim:
        return one.model_copy(update={"text": shown(one.text)})

    sure = min(confidence, MOST_SURE_SMALL if model.small else MOST_SURE)
    suspect = grounded.suspect
    return Analysis(
        hypothesis=claim(grounded.hypothesis),
        mechanism=tuple(map(claim, grounded.mechanism)),
        suspect=suspect.shas[0] if suspect else None,
        suspect_id=suspect.id if suspect else None,
        confidence=sure,
        band=band(sure),
        blast_radius=claim(grounded.blast_radius) if grounded.blast_radius else None,
        checks=tuple(map(shown, grounded.checks)),
        disproof=tuple(map(shown, grounded.disproof)),
        provider=model.name[0],
        model=model.name[1],
        prompt=version,
        withheld=grounded.withheld,
    )


def why_none(attempts: Sequence[Attempt]) -> tuple[str, str]:
    """(label, plain words) for attempts of which none was any good. Pure."""
    last = {attempt.model: attempt.outcome for attempt in attempts}
    if "ungrounded" in last.values():
        return "ungrounded", "the model's answer cited things that are not in the evidence"
    if not last:
        return "timeout", "there was no time left to ask"
    words = "; ".join(f"{model} {in_words(kind)}" for model, kind in last.items())
    return next(reversed(last.values())), words
