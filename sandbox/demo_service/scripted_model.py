"""What the demo's language model says: written by hand, because the demo needs no account and no network.

Its analysis and its change of code are those of the demo's regression. It finds the pieces of evidence they
rest on in what it is sent, as a model would; about anything else it answers from the evidence in general.
"""

from __future__ import annotations

import json
import re

from sandbox.llm import Answering, from_the_evidence

MODEL = "scripted-model"

_PIECE = re.compile(r"^\[([A-Z]\d+)\] (.*?)(?=^\[[A-Z]\d+\] |^</evidence)", re.MULTILINE | re.DOTALL)
_FIX = """\
WHY: A coupon without a limit leaves no number of pieces to stop at, so its discount counts all lines again,
as it did before the change.
CANNOT KNOW: Whether another caller of take_units passes it no number as well.
FILE: checkout/pricing/discounts.py
<<<<<<< SEARCH
    left = usage.left(coupon)
    lines = take_units(eligible, left)
=======
    left = usage.left(coupon)
    lines = eligible if left is None else take_units(eligible, left)
>>>>>>> REPLACE
"""


def scripted(culprit_sha: str) -> Answering:
    """The model for a demo service whose regression is `culprit_sha`."""

    def answer(prompt: str) -> str:
        pieces = dict(_PIECE.findall(prompt))
        commit = next((name for name, text in pieces.items() if text.startswith(f"commit {culprit_sha}")), "")
        crash = [name for name, text in pieces.items() if name[0] == "F" and "take_units" in text]
        if not commit or not crash:
            return from_the_evidence(prompt)
        if "SEARCH" in prompt:
            return _FIX
        return _answer(prompt, commit, crash) if "<question-" in prompt else _analysis(commit, crash)

    return answer


def _analysis(commit: str, crash: list[str]) -> str:
    def claim(text: str, *evidence: str) -> dict[str, object]:
        return {"text": text, "evidence": list(evidence)}

    return json.dumps(
        {
            "hypothesis": claim(
                "usage.left(coupon) is None for a coupon without any limit, and take_units cannot count down "
                "from None; before the change a large number stood there.",
                commit,
                *crash[:2],
            ),
            "mechanism": [
                claim(
                    "The coupon of the request has no limit, neither for all nor for each customer.",
                    *crash[1:2],
                ),
                claim("usage.left(coupon) is None where sys.maxsize stood before.", commit),
                claim("take_units compares a quantity with None, which raises the error.", "E1", crash[0]),
            ],
            "suspect": commit,
            "confidence": 0.9,
            "blast_radius": claim(
                "Every quote with a coupon that has no limit fails, and so does every order with one.",
                commit,
                "E2",
            ),
            "checks": [
                "See whether all failing requests carry a coupon without a limit.",
                "Look for other callers of take_units that may pass None.",
            ],
            "disproof": [
                "The same error with a coupon that has a limit, or from before the change was deployed."
            ],
        }
    )


def _answer(prompt: str, commit: str, crash: list[str]) -> str:
    question = prompt.rpartition("<question-")[2].lower()
    told = {
        "why": (
            "The change made a coupon without a limit answer None, which take_units cannot count with.",
            commit,
        ),
        "fix": ("Where no limit is left to count, the discount has to take all lines.", crash[0]),
        "coupon": ("The coupon of the failing request has no limit of any kind.", crash[-1]),
        "who": ("The suspect commit names its author, and the owners of the code are in the report.", commit),
        "when": ("The error began after the suspect commit was deployed.", commit),
    }
    statements = [
        {"text": text, "evidence": [name]}
        for word, (text, name) in told.items()
        if re.search(rf"\b{word}", question)
    ]
    missing = (
        ""
        if statements
        else "The evidence holds the error, its stack, commits and deploys, and nothing on this."
    )
    return json.dumps({"answered": bool(statements), "statements": statements, "missing": missing})
