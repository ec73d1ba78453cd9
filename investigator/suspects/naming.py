"""Ties by name: what error and trace name, and the diff defines, removes or mentions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from investigator.suspects.changes import Candidate, words_of
from investigator.suspects.crash import Crash
from investigator.suspects.ties import Tie
from investigator.suspects.weights import Feature
from investigator.suspects.words import Rarity, called, identifiers, parts, same_name

# Below this a name is in half the diffs of the range, or few of the words are met: not worth a sentence.
TELLING = 0.35
BELOW = 0.6  # what a function counts that runs one call deeper
# What a name on a neighbouring line is worth of one on the line itself.
AROUND = 0.6
# Distinct identifiers on the changed lines of an ordinary commit.
ORDINARY_NAMES = 250


class NameTies:
    """Judges candidates by the names in their diffs and messages."""

    def __init__(
        self, crash: Crash, candidates: Sequence[Candidate], below: Iterable[tuple[str, int]]
    ) -> None:
        self._names = crash.names
        self._words = crash.words
        self._functions = _weighted((place.function, place.weight) for place in crash.places)
        lines = [(place.text, place.weight) for place in crash.places]
        lines += [(place.around, AROUND * place.weight) for place in crash.places]
        self._source = self._unlike_trace((name, w) for text, w in lines for name in identifiers(text))
        self._called = self._unlike_trace((name, w) for text, w in lines for name in called(text))
        self._below = {same_name(name): BELOW ** (depth - 1) for name, depth in below}
        self._reached = self._functions.keys() | self._called.keys() | self._below.keys()
        self._written = (
            {same_name(name): name for name, _ in below}
            | identifiers(
                "\n".join(
                    [
                        text
                        for place in crash.places
                        for text in (place.around, place.text, place.function or "")
                    ]
                )
            )
            | identifiers(crash.text)
        )
        self._sayable = _sayable(crash, self._functions)
        patched = [candidate for candidate in candidates if candidate.has_patch]
        self._rare = Rarity(candidate.changed | candidate.functions for candidate in patched)
        self._rare_words = Rarity(words_of(candidate.changed) for candidate in patched)
        self._rare_said = Rarity(candidate.said for candidate in candidates)

    def __call__(self, candidate: Candidate) -> list[Tie]:
        said, told = self._rare_said.overlap(candidate.said, self._sayable)
        narrow = self._narrowness(candidate)
        speaks = f"its message speaks of “{told}”, as the error does"
        ties = [Tie("said", said, speaks if said >= TELLING else None)] if said else []
        for name in candidate.moved.keys() & self._names.keys():
            path = candidate.moved[name]
            ties.append(
                Tie("moved", self._names[name], f"removes or renames `{path}`, which the error names")
            )
        if candidate.has_patch:
            found = [*self._by_error(candidate), *self._by_trace(candidate)]
            ties += [replace(tie, value=tie.value * narrow) for tie in found]
        return ties

    def _unlike_trace(self, pairs: Iterable[tuple[str, float]]) -> dict[str, float]:
        return {name: weight for name, weight in _weighted(pairs).items() if name not in self._functions}

    @staticmethod
    def _narrowness(candidate: Candidate) -> float:
        """1.0 for a change of ordinary size, less for a wide one, which meets any name by chance."""
        names = max(len(candidate.changed) / ORDINARY_NAMES, 1.0)
        return 1 / (1 + math.log(names))

    def _running(self, candidate: Candidate) -> set[str]:
        """The names it changes, without those in new functions that nothing of the trace calls."""
        idle = (names for function, names in candidate.fresh.items() if function not in self._reached)
        return set(candidate.changed).difference(*idle)

    def _by_error(self, candidate: Candidate) -> Iterable[Tie]:
        running = self._running(candidate)
        yield from self._best(
            "gone", candidate.gone, self._names, "its diff removes `{}`, the name in the error"
        )
        yield from self._best(
            "defined",
            candidate.definitions | candidate.functions,
            self._names,
            "its diff changes the definition of `{}`, the name in the error",
        )
        yield from self._best("mentioned", running, self._names, "its diff uses `{}`, the name in the error")
        words, word = self._rare_words.overlap(words_of(running), self._words)
        if word is not None:
            yield Tie(
                "words", words, f"its diff has “{word}”, a word of the error" if words >= TELLING else None
            )

    def _by_trace(self, candidate: Candidate) -> Iterable[Tie]:
        yield from self._best(
            "callee",
            candidate.functions,
            self._called,
            "changed `{}`, which is called beside a line of the trace",
        )
        yield from self._best(
            "caller", candidate.changed, self._functions, "its diff calls `{}`, which is in the trace"
        )
        yield from self._best(
            "below",
            candidate.functions,
            self._below,
            "changed `{}`, which runs below a line of the trace",
        )
        yield from self._best(
            "assigned",
            candidate.definitions - candidate.functions,
            self._source,
            "its diff sets `{}`, which a line of the trace reads",
        )
        source, _ = self._rare.overlap(candidate.changed, self._source)
        if source:
            yield Tie("source", source)

    def _best(
        self, feature: Feature, found: Iterable[str], wanted: Mapping[str, float], sentence: str
    ) -> Iterable[Tie]:
        """The most telling of the `wanted` names (name → weight) that were `found`."""
        values = {name: wanted[name] * self._rare(name) for name in wanted.keys() & set(found)}
        if values:
            # Of names that are worth the same the longer one tells a person more.
            name = max(values, key=lambda name: (values[name], len(name), name))
            yield Tie(
                feature,
                values[name],
                sentence.format(self._written.get(name, name)) if values[name] >= TELLING else None,
            )


def _weighted(pairs: Iterable[tuple[str | None, float]]) -> dict[str, float]:
    """The greatest weight of each name; commonplace ones are left out."""
    weights: dict[str, float] = {}
    for name, weight in pairs:
        for known in identifiers(name) if name else ():
            weights[known] = max(weight, weights.get(known, 0.0))
    return weights


def _sayable(crash: Crash, functions: Mapping[str, float]) -> dict[str, float]:
    """Words by which a commit message would speak of this crash: the error's, then functions and files."""
    words: dict[str, float] = {}

    def keep(word: str, weight: float) -> None:
        words[word] = max(weight, words.get(word, 0.0))

    for place in crash.places:
        for part in parts(place.path.rpartition("/")[2].partition(".")[0]):
            keep(part, 0.3 * place.weight)
    for name, weight in functions.items():
        for part in parts(name):
            keep(part, 0.5 * weight)
    for word, weight in crash.words.items():
        keep(word, weight)
    return words
