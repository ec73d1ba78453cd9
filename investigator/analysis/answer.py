"""The answer a model has to give: its schema, and the reading of what came instead. Pure."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from investigator.analysis.failures import ProviderFailed
from investigator.slack_text import clean
from investigator.wording import clip, one_line

TEXT_LIMIT = 600
LIST_LIMIT = 8
IDS_LIMIT = 12


def _text(value: object) -> object:
    return clip(one_line(clean(value)), TEXT_LIMIT) if isinstance(value, str) else value


def first(most: int) -> Callable[[object], object]:
    """Of a list the first so many; of anything else nothing is changed."""
    return lambda value: value[:most] if isinstance(value, list) else value


def _ids(value: object) -> object:
    if not isinstance(value, list):
        return value
    named = [one.strip().strip("[]").upper() if isinstance(one, str) else one for one in value[:IDS_LIMIT]]
    return list(dict.fromkeys(named)) if all(isinstance(one, str) for one in named) else named


def _probability(value: object) -> object:
    """Between 0 and 1; models that were asked for that still answer in percent."""
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else -1
    if 1 < number <= 100:
        number /= 100
    if not 0 <= number <= 1:
        raise ValueError("confidence must be between 0 and 1")
    return float(number)


Text = Annotated[str, BeforeValidator(_text)]
Texts = Annotated[list[Text], BeforeValidator(first(LIST_LIMIT))]


class Strict(BaseModel):
    """Every field is required and nothing else is announced: what strict schemas ask for. What a model adds
    all the same does no harm and is left out."""

    model_config = ConfigDict(extra="ignore", json_schema_extra={"additionalProperties": False})


S = TypeVar("S", bound=Strict)


class AnsweredClaim(Strict):
    text: Text
    evidence: Annotated[list[str], BeforeValidator(_ids)]


class Answer(Strict):
    hypothesis: AnsweredClaim
    mechanism: Annotated[list[AnsweredClaim], BeforeValidator(first(LIST_LIMIT))]
    suspect: str | None
    confidence: Annotated[float, BeforeValidator(_probability)]
    blast_radius: AnsweredClaim
    checks: Texts
    disproof: Texts


@functools.cache
def schema() -> dict[str, Any]:
    """JSON Schema of an answer, within what both vendors' strict modes accept."""
    return Answer.model_json_schema()


def read_answer(text: str) -> Answer:
    """The answer in what a model wrote, whatever it wrote around it.

    Raises:
        ProviderFailed: of the kind `invalid`.
    """
    answer = read_as(Answer, text)
    if not answer.hypothesis.text:
        raise ProviderFailed("invalid", "the answer has no hypothesis")
    return answer


def read_as(shape: type[S], text: str) -> S:
    """The JSON object in what a model wrote.

    Raises:
        ProviderFailed: of the kind `invalid`.
    """
    start, end = text.find("{"), text.rfind("}")
    try:
        return shape.model_validate(json.loads(text[start : end + 1]))
    except ValidationError as error:
        wrong = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise ProviderFailed(
            "invalid", f"the answer does not fit the schema at {wrong or 'its top'}"
        ) from None
    except (ValueError, RecursionError):  # of numbers with more digits than Python reads, too
        raise ProviderFailed("invalid", "the answer is not JSON") from None
