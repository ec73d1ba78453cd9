"""How sure an analysis is to be shown, learnt from how often analyses that said so were right. Pure.

A model's own estimate is bent by a curve of two numbers (Platt's), held to "believe the model" by a prior.
With fewer than `LEAST` graded incidents, or where curves make forecasts no better that they were not fitted
to, there is none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from investigator.evaluation.shares import Bucket, mean, reliability
from investigator.models.base import Document, Value
from investigator.quality.records import Journal, RunRecord
from investigator.quality.truth import RIGHT, grade_of, grades

LEAST = 20  # graded incidents
FOLDS = 5
SHIFT_SPREAD, SLOPE_SPREAD = 1.0, 0.35  # how far from "believe the model" we expect to end up, in log odds
LEAST_SLOPE = 0.05  # one that says it is surer is never shown as less sure
CLIP = 0.02  # a certain 0 or 1 would outweigh all others
_STEPS = 30
_EVERYBODY = ""

Name = tuple[str, str]
Outcome = tuple[float, bool]  # what the model said, and whether it was right


class Curve(Value):
    """Log odds of what is shown = `shift` + `slope` · log odds of what the model said.

    `brier_said` and `brier_shown` are mean squared errors before and after, over forecasts by curves that
    were fitted to other incidents; `said` and `shown` are the reliability of the same.
    """

    shift: float = 0.0
    slope: float = 1.0
    n: int = 0
    brier_said: float = 0.0
    brier_shown: float = 0.0
    said: tuple[Bucket, ...] = ()
    shown: tuple[Bucket, ...] = ()

    def at(self, said: float) -> float:
        return _logistic(self.shift + self.slope * _log_odds(said))


class Calibration(Document):
    """Curves by `provider/model`, and one of all models under the empty name.

    `graded`: how many graded incidents there are, by the same names.
    `version` counts up whenever the curves change; 0: nothing was ever fitted.
    """

    version: int = 0
    fitted_at: datetime | None = None
    graded: Mapping[str, int] = {}
    curves: Mapping[str, Curve] = {}

    def curve(self, name: Name) -> Curve | None:
        """The model's own; that of all models while too little is known of it; None: as the model says it."""
        return self.of(_label(name))

    def of(self, label: str) -> Curve | None:
        """The same by `provider/model`."""
        known = self.graded.get(label, 0) >= LEAST
        return self.curves.get(label) if known else self.curves.get(_EVERYBODY)


NOTHING_GRADED = Calibration()


def calibration(journal: Journal, before: Calibration, *, at: datetime) -> Calibration:
    """What the journal teaches; `before` itself when that is nothing new."""
    by_model = outcomes(journal)
    everybody = [one for told in by_model.values() for one in told]
    curves = {_EVERYBODY: _curve(everybody, Curve())}
    for name, told in by_model.items():
        others = [one for other, theirs in by_model.items() if other != name for one in theirs]
        curves[_label(name)] = _curve(told, _fit(others, Curve()) if len(others) >= LEAST else Curve())
    found = {name: curve for name, curve in sorted(curves.items()) if curve}
    graded = {_EVERYBODY: len(everybody), **{_label(name): len(told) for name, told in by_model.items()}}
    if found == before.curves and graded == before.graded:
        return before
    return Calibration(version=before.version + 1, fitted_at=at, graded=graded, curves=found)


def outcomes(journal: Journal) -> dict[Name, list[Outcome]]:
    """What models said and whether it was so; an incident counts once, with its newest graded run.

    Only what the model itself said: a figure that was calibrated already would teach the curve about itself.
    Where the analysis blamed another commit than the report, a grade does not say which of the two it is for.
    """
    known = grades(journal.said)
    newest: dict[str, tuple[RunRecord, bool]] = {}
    for run in sorted(journal.runs, key=lambda run: (run.at, run.incident, run.run)):
        grade = grade_of(known, run.incident, run.run)
        if grade and run.answered and run.as_said is not None and run.blamed == run.suspect:
            newest[run.incident] = run, grade in RIGHT
    found: dict[Name, list[Outcome]] = {}
    for run, right in sorted(newest.values(), key=lambda one: (one[0].at, one[0].incident)):
        if run.as_said is not None:
            found.setdefault((run.provider, run.model), []).append((run.as_said, right))
    return found


def _curve(told: Sequence[Outcome], usual: Curve) -> Curve | None:
    """One that is worth using, or None. `usual`: what to expect of it before anything was graded."""
    if len(told) < LEAST:
        return None
    unseen: list[Outcome] = []
    for fold in range(FOLDS):
        fitted = _fit([one for at, one in enumerate(told) if at % FOLDS != fold], usual)
        unseen += [(fitted.at(said), right) for said, right in told[fold::FOLDS]]
    brier_said, brier_shown = _brier(told), _brier(unseen)
    if brier_shown >= brier_said:
        return None
    return _fit(told, usual).model_copy(
        update={
            "n": len(told),
            "brier_said": brier_said,
            "brier_shown": brier_shown,
            "said": reliability(told),
            "shown": reliability(unseen),
        }
    )


def _fit(told: Sequence[Outcome], usual: Curve) -> Curve:
    """The likeliest curve, by Newton's method: the prior keeps what is maximised strictly concave."""
    shift, slope = usual.shift, usual.slope
    weak, firm = 1 / SHIFT_SPREAD**2, 1 / SLOPE_SPREAD**2
    for _ in range(_STEPS):
        up_shift, up_slope = weak * (usual.shift - shift), firm * (usual.slope - slope)
        of_shift, of_both, of_slope = weak, 0.0, firm
        for said, right in told:
            x = _log_odds(said)
            p = _logistic(shift + slope * x)
            up_shift, up_slope = up_shift + (right - p), up_slope + (right - p) * x
            weight = p * (1 - p)
            of_shift, of_both, of_slope = of_shift + weight, of_both + weight * x, of_slope + weight * x * x
        area = of_shift * of_slope - of_both * of_both
        shift += _at_most_one((of_slope * up_shift - of_both * up_slope) / area)
        slope += _at_most_one((of_shift * up_slope - of_both * up_shift) / area)
    return Curve(shift=round(shift, 6), slope=round(max(slope, LEAST_SLOPE), 6), n=len(told))


def _brier(told: Sequence[Outcome]) -> float:
    return mean([(chance - right) ** 2 for chance, right in told]) or 0.0


def _log_odds(chance: float) -> float:
    chance = min(max(chance, CLIP), 1 - CLIP)
    return math.log(chance / (1 - chance))


def _logistic(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


def _at_most_one(step: float) -> float:
    return min(max(step, -1.0), 1.0)


def _label(name: Name) -> str:
    return "/".join(name)
