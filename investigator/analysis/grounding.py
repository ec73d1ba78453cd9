"""What may be shown of an answer: claims that cite evidence, and name nothing that is not in it. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from investigator.analysis.answer import Answer, AnsweredClaim
from investigator.analysis.evidence_ids import Piece
from investigator.analysis.failures import ProviderFailed
from investigator.models.analysis import Claim

LEAST_KEPT = 0.6  # of all that was claimed; an answer that invents more is not to be trusted with the rest

_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,12}://[^\s<>|\"'`)\]]+|\bwww\.[^\s<>|\"'`)\]]+", re.IGNORECASE)
# A host without a scheme; of endings that are common in code as well only those with a path behind them.
_HOST = re.compile(
    r"(?<![\w@/.-])(?:[a-z0-9-]{1,63}\.){1,5}"
    r"(?:(?:com|net|org|info|biz|xyz|ru|cn|io|dev|example)\b(?!\.?[(\w-])|[a-z]{2,24}(?=/[\w?#]))",
    re.IGNORECASE,
)
# Letters of another alphabet among Latin ones: made to look like what it is not.
_DISGUISED = re.compile(
    r"(?=\w*[A-Za-z0-9])(?=\w*[\u0370-\u03ff\u0400-\u052f\u0530-\u058f\u13a0-\u13ff])\b\w{5,}\b"
)
# Short ones are hashes when they have letters and digits: `defaced` is a word and 1234567 a number.
_SHA = re.compile(
    r"\b(?:[0-9a-f]{16,40}|(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{7,15})\b", re.IGNORECASE
)
_VERSION = re.compile(r"\bv?\d+\.\d+\.\d+(?:[-+.][\w.]+)?\b")
_PULL_REQUEST = re.compile(
    r"(?:\bPR|\bpull request|\bpull|\bMR|\bissue)\s*#?\s*(\d+)\b|#(\d+)\b", re.IGNORECASE
)
_HANDLE = re.compile(r"(?<![\w.])@[A-Za-z0-9][\w/-]*")
_MAIL = re.compile(r"[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,5}[A-Za-z]{2,24}\b")
_SUFFIXES = (
    "py|pyi|js|mjs|cjs|jsx|ts|tsx|go|rb|erb|java|kt|kts|rs|c|cc|cpp|h|hpp|cs|php|scala|swift|m|mm|dart|ex|exs|"
    "erl|clj|lua|pl|r|vue|svelte|yml|yaml|json|toml|sql|html|css|scss|sh|bash|lock|md|txt|xml|ini|cfg|conf|tf|"
    "proto|graphql|gradle|properties|env|pem|key|csv|log"
)
_FILE = re.compile(rf"([\w@~./-]+\.(?:{_SUFFIXES}))\b(?::(\d+)(?:-(\d+))?)?", re.IGNORECASE)
_PATH = re.compile(r"(?<![\w/:.])(?:[\w@~.-]*/){2,}[\w@~.-]*")
_LINE = re.compile(r"\blines?\s+(\d+)(?:\s*(?:-|–|to|and)\s*(\d+))?", re.IGNORECASE)
_ID = re.compile(r"\b[EFCDOB]\d{1,3}\b")


@dataclass(frozen=True, slots=True)
class Grounded:
    """What is left of an answer. `suspect` is a commit's piece; None: no code cause."""

    hypothesis: Claim
    mechanism: tuple[Claim, ...]
    suspect: Piece | None
    blast_radius: Claim | None
    checks: tuple[str, ...]
    disproof: tuple[str, ...]
    withheld: int


def ground(answer: Answer, pieces: Sequence[Piece]) -> Grounded:
    """Keep what the evidence bears.

    Raises:
        ProviderFailed: `ungrounded`, when the hypothesis, the suspect, or too much else is invented.
    """
    evidence = Evidence(pieces)
    claims = [claim for claim in (*answer.mechanism, answer.blast_radius) if claim.text]
    sound = [claim for claim in claims if evidence.bears(claim)]
    advice = [text for text in (*answer.checks, *answer.disproof) if text]
    safe = {text for text in advice if not evidence.invented_in(text)}
    suspect = evidence.commit(answer.suspect) if answer.suspect else None
    if (answer.suspect and suspect is None) or not evidence.bears(answer.hypothesis):
        raise ProviderFailed("ungrounded", "its hypothesis or its suspect is not in the evidence")
    withheld = len(claims) - len(sound) + len(advice) - len([text for text in advice if text in safe])
    claimed = 1 + len(claims) + len(advice)
    if claimed - withheld < LEAST_KEPT * claimed:
        raise ProviderFailed("ungrounded", f"{withheld} of {claimed} statements are not in the evidence")
    return Grounded(
        hypothesis=_claim(answer.hypothesis),
        mechanism=tuple(_claim(claim) for claim in answer.mechanism if claim in sound),
        suspect=suspect,
        blast_radius=_claim(answer.blast_radius) if answer.blast_radius in sound else None,
        checks=tuple(text for text in answer.checks if text in safe),
        disproof=tuple(text for text in answer.disproof if text in safe),
        withheld=withheld,
    )


def _plain(text: str) -> str:
    """Letters and digits of other widths and styles as the ones they stand for."""
    return unicodedata.normalize("NFKC", text)


def _claim(claim: AnsweredClaim) -> Claim:
    return Claim(text=claim.text, evidence=tuple(claim.evidence))


class Evidence:
    """Everything that may be cited."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._by_id = {piece.id: piece for piece in pieces}
        self._paths = {path for piece in pieces for path in piece.paths}
        self._spans = [span for piece in pieces for span in piece.spans]
        self._pulls = {number for piece in pieces for number in piece.pull_requests}
        self._shas = {sha.lower() for piece in pieces for sha in piece.shas}
        self._text = _plain("\n".join((*(piece.text for piece in pieces), *self._paths))).lower()

    def bears(self, claim: AnsweredClaim) -> bool:
        """Does it cite, only what exists, and say nothing that names what does not?"""
        cited = bool(claim.evidence) and all(name in self._by_id for name in claim.evidence)
        return cited and not self.invented_in(claim.text)

    def commit(self, name: str) -> Piece | None:
        """The commit a suspect's name means: an id, or (models do that) its SHA."""
        name = name.strip().strip("[]")
        piece = self._by_id.get(name.upper())
        if piece is None and len(name) >= 7:
            same = [p for p in self._by_id.values() if p.id[0] == "C" and p.shas[0].startswith(name.lower())]
            piece = same[0] if len(same) == 1 else None
        return piece if piece and piece.id.startswith("C") else None

    def invented_in(self, text: str) -> bool:
        """Does it name an address, commit, version, file, line, pull request or person that is not there?"""
        return any(self._invented(_plain(text)))

    def _invented(self, text: str) -> Iterator[bool]:
        for url in _URL.findall(text):
            yield url.rstrip(".,;:").lower() not in self._text
        text = _URL.sub(" ", text)
        yield any(not self._said(host) for host in (*_HOST.findall(text), *_DISGUISED.findall(text)))
        yield any(not self._is_sha(sha.lower()) for sha in _SHA.findall(text))
        yield any(not self._said(version) for version in _VERSION.findall(text))
        yield any(not self._said(name) for name in (*_HANDLE.findall(text), *_MAIL.findall(text)))
        for match in _PULL_REQUEST.finditer(text):
            yield int(match[1] or match[2]) not in self._pulls and not self._said(f"#{match[1] or match[2]}")
        for match in _FILE.finditer(text):
            yield not self._is_place(match[1], match[2], match[3])
        yield any(not self._is_path(path) for path in _PATH.findall(text))
        for match in _LINE.finditer(text):
            yield not self._has_lines(self._spans, match[1], match[2])
        yield any(name not in self._by_id and not self._said(name) for name in _ID.findall(text))

    def _said(self, words: str) -> bool:
        return re.search(rf"(?<![\w]){re.escape(words.lower())}(?!\w)", self._text) is not None

    def _is_sha(self, sha: str) -> bool:
        return any(known.startswith(sha) for known in self._shas) or self._said(sha)

    def _is_path(self, path: str) -> bool:
        path = path.strip(".,").removeprefix("./").rstrip("/")
        return self._said(path) or any(known.endswith("/" + path) for known in self._paths)

    def _is_place(self, path: str, first: str | None, last: str | None) -> bool:
        if not self._is_path(path):
            return False
        spans = [span for span in self._spans if span[0] == path or span[0].endswith("/" + path)]
        return first is None or self._has_lines(spans, first, last)

    @staticmethod
    def _has_lines(spans: Iterable[tuple[str, int, int]], *lines: str | None) -> bool:
        wanted = [int(line) for line in lines if line]
        spans = list(spans)
        return all(any(first <= line <= last for _, first, last in spans) for line in wanted)
