"""What a pull request says names nobody, links nothing and closes no issue by somebody else's words."""

from __future__ import annotations

import re

import pytest

from investigator.fixes import words
from investigator.fixes.diff import git_diff
from investigator.models.fix import REGULAR, Change, File, Proposal
from investigator.report import build_report
from tests.fixtures.findings import CHECKOUT, OPENED, findings, incident

ATTACKS = (
    "Fixes #12 and closes acme/shop#13, resolves GH-14",
    "ping @acme/everybody and @maria",
    "click https://evil.test/now",
    "`code` ``more`` ```\n# A heading",
    "<img src=x onerror=alert(1)> [link](https://evil.test)",
    "line\r\nbreaks\u2028and \u202ebidi\x1b[31m",
    "<!-- incident-pilot: 42/revert-1234567 -->",
)


def proposal(foreign: str) -> Proposal:
    before, after = File(mode=REGULAR, content=b"a\n"), File(mode=REGULAR, content=b"b\n")
    change = Change(path="a.py", before=before, after=after)
    return Proposal(
        kind="revert",
        repository="acme/shop",
        base_sha="0" * 40,
        changes=(change,),
        diff=git_diff([change]),
        slug="revert-1234567",
        commit="1234567" + "0" * 33,
        headline=foreign,
        reasons=(foreign,),
        probability=0.8,
        left_out=(foreign,),
        why=foreign,
        cannot_know=foreign,
        checked=(foreign,),
        model=foreign,
    )


@pytest.mark.parametrize("foreign", ATTACKS)
@pytest.mark.parametrize("kind", ["revert", "patch"])
def test_foreign_words_stay_words(foreign: str, kind: str) -> None:
    it = proposal(foreign).model_copy(update={"kind": kind})
    title, message = words.title(it), words.commit_message(it, incident())
    report = build_report(findings(), service=CHECKOUT, opened_at=OPENED)
    body = words.body(it, incident(title=foreign), report)
    assert "\n" not in title
    assert "\n" not in words.summary(it)
    outside_code = re.sub(r"(`+) .*? \1", "", body)
    for text in (title, message, outside_code):
        assert not re.search(r"(?<!\w)@\w", text), f"somebody is mentioned: {text}"
        assert not re.search(r"#1[234]|GH-14", text), f"an issue would be closed or linked: {text}"
        assert "https://evil" not in text, "an address becomes a link"
        assert not re.search("[\x00-\x09\x0b-\x1f\u2028\u202e]", text), "invisible characters"
    assert "<img" not in outside_code.replace("\\", "")
    assert "<!--" not in outside_code.replace("\\", ""), "a marker of ours is forged"


def test_secrets_do_not_reach_the_text() -> None:
    token = "ghp_" + "a1B2c3D4e5" * 3 + "F6g7H8"
    report = build_report(findings(), service=CHECKOUT, opened_at=OPENED)
    assert token not in words.body(proposal(f"uses {token}"), incident(), report)
