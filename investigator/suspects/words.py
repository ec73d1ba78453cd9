"""Words and identifiers, in any programming language, and how telling each is within a range of commits."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_CALL = re.compile(r"([A-Za-z_$][A-Za-z0-9_$]*[?!]?)\s*\(")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

# Words that stand in every program or every error and so point at nobody.
_COMMONPLACE = """
the and for not with from this that must have has had was were are but can cannot could does did None
null nil undefined true false True False self cls super return returns import if else elif try except
catch finally raise throw throws new def class func function const let var public private protected
static void int str string bool float bytes list dict tuple set object type value values name key index
item args kwargs argument arguments attribute property method module instance got given expected error
errors exception invalid unable failed failure required positional keyword unexpected missing while when
where into onto use used using line file end begin then there its own any all one two more than only
also get put add is in on of or to be by as at it an no do NoneType TypeError ValueError KeyError
AttributeError Error Exception lambda yield async await read reading properties call called receiver
"""
COMMONPLACE = frozenset(_COMMONPLACE.split())


ENOUGH = 1.5  # fully telling words of which half a certainty is made


def identifiers(text: str) -> dict[str, str]:
    """Identifiers of three letters and more, in one spelling → as written; commonplace ones are left out."""
    return {
        same_name(word): word
        for word in set(_IDENTIFIER.findall(text))
        if len(word.strip("_")) > 2 and word not in COMMONPLACE
    }


@lru_cache(maxsize=50_000)  # diffs of one range repeat the same few thousand identifiers
def parts(word: str) -> tuple[str, ...]:
    """`unitPrice_total` → unit, price, total."""
    return tuple(part.lower() for part in _PARTS.findall(word) if len(part) > 2)


@lru_cache(maxsize=50_000)
def same_name(word: str) -> str:
    """One spelling for `unit_price`, `unitPrice` and `UnitPrice`; single words stay as they are."""
    found = _PARTS.findall(word)
    return "_".join(found).lower() if len(found) > 1 else word


def called(text: str) -> dict[str, str]:
    """The identifiers of `text` that stand before a parenthesis, as `identifiers` gives them."""
    return identifiers(" ".join(_CALL.findall(text)))


def plain_words(text: str) -> set[str]:
    """Lower-cased words of three letters and more, identifiers taken apart."""
    return {part for word in _IDENTIFIER.findall(text) for part in parts(word) if part not in COMMONPLACE}


class Rarity:
    """How telling a word is: 1.0 when one commit of the range has it, towards 0.0 when all have it."""

    def __init__(self, documents: Iterable[Iterable[str]]) -> None:
        counts: Counter[str] = Counter()
        total = 0
        for words in documents:
            total += 1
            counts.update(words)
        self._counts = counts
        self._total = total

    def __call__(self, word: str) -> float:
        seen = max(self._counts[word], 1)
        if self._total <= 1:
            return 1.0
        return math.log((self._total + 1) / seen) / math.log(self._total + 1)

    def overlap(self, words: Iterable[str], wanted: Mapping[str, float]) -> tuple[float, str | None]:
        """How much (0 to 1) of `wanted` (word → weight) is found in `words`, and the word that tells most.

        A few telling words are enough, however many others the error has.
        """
        found = {word: wanted[word] * self(word) for word in words if word in wanted}
        if not found:
            return 0.0, None
        met = sum(found.values())
        best = max(found, key=lambda word: (found[word], word))
        return met / (met + ENOUGH), best
