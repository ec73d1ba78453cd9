"""No claim is shown whose cited commit, file or line is not in the evidence."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from investigator.analysis.answer import read_answer
from investigator.analysis.evidence_ids import number
from investigator.analysis.failures import ProviderFailed
from investigator.analysis.grounding import Grounded, ground
from investigator.models.evidence import FileChange, Suspect
from tests.fixtures.findings import SHA_BUG, code, commit, findings, ranking
from tests.fixtures.models import answer, claim

PATCH = "@@ -80,6 +84,8 @@ def unit_price(order):\n-    old\n+    new"
CHANGED = commit(files=(FileChange(path="services/checkout/pricing.py", patch=PATCH),))
SUSPECT = Suspect(commit=CHANGED, rank=1, score=0.8, reasons=())
PIECES = number(findings(code=code(commits=(CHANGED,)), ranking=ranking(suspects=(SUSPECT,))))


def grounded(**changed: object) -> Grounded:
    return ground(read_answer(json.dumps(answer(**changed))), PIECES)


def test_what_the_evidence_bears_is_kept_whole() -> None:
    kept = grounded()
    assert kept.withheld == 0
    assert len(kept.mechanism) == 2
    assert kept.suspect is not None
    assert kept.suspect.shas == (SHA_BUG,)
    assert kept.blast_radius is not None


INVENTED = {
    "an id": claim("The line was reached.", "F9"),
    "no id at all": claim("The line was reached."),
    "a commit": claim("Commit deadbee1 broke it.", "C1"),
    "a whole SHA": claim("Commit 4f5e6d7c4f5e6d7c4f5e6d7c4f5e6d7c4f5e6d7c broke it.", "C1"),
    "a file": claim("It is in services/checkout/tax.py.", "F1"),
    "a file without a folder": claim("It is in taxes.py.", "F1"),
    "a path": claim("Look into /etc/secrets/keys.", "F1"),
    "a line of a real file": claim("It is services/checkout/pricing.py:412.", "F1"),
    "a line in words": claim("See line 4123.", "F1"),
    "a pull request": claim("PR #999 broke it.", "C1"),
    "a pull request in words": claim("Pull request 999 broke it.", "C1"),
    "a version": claim("Release 9.9.9 broke it.", "E2"),
    "an address": claim("See https://evil.example.com/fix for the fix.", "E1"),
    "an address of another scheme": claim("See slack://channel?id=C1 for the fix.", "E1"),
    "a bare address": claim("See www.evil.example.com for the fix.", "E1"),
    "a host": claim("Sign in at acme-login.com.", "E1"),
    "a host of any ending": claim("Sign in at login.acme.support/sso first.", "E1"),
    "a word in two alphabets": claim("The \u0441heckout was changed.", "C1"),
    "a commit in full width": claim("Commit ｄｅａｄｂｅｅ１ broke it.", "C1"),
    "a person": claim("Ask @mallory.", "E1"),
    "an id in the text": claim("As C7 shows.", "C1"),
}


@pytest.mark.parametrize("bad", INVENTED.values(), ids=INVENTED)
def test_a_claim_that_invents_is_dropped_and_counted(bad: dict[str, object]) -> None:
    kept = grounded(mechanism=[claim("The quantity is 0.", "F1"), claim("It divides.", "E1"), bad])
    assert [step.text for step in kept.mechanism] == ["The quantity is 0.", "It divides."], bad["text"]
    assert kept.withheld == 1


REAL = {
    "a short SHA": claim("Commit 1a2b3c4 did it.", "C1"),
    "a line that is shown": claim("services/checkout/pricing.py:88 divides.", "F1"),
    "a line of the diff": claim("pricing.py:90 was added.", "C1"),
    "lines in words": claim("Lines 86 to 88 divide.", "F1"),
    "the caller": claim("services/checkout/cart.py:41 calls it.", "F2"),
    "a version": claim("It came with checkout@1.4.2.", "E2"),
    "the address of the request": claim("GET https://shop.example.com/api/cart fails.", "E2"),
    "its host alone": claim("shop.example.com answers with an error.", "E2"),
    "code with dots": claim(
        "order.items is empty, and java.io.IOException or app.dev() is not the cause.", "E1"
    ),
    "a word of another alphabet": claim("Заказ is empty, it took 12 µs at λ = 2 and α-β.", "E1"),
    "an owner": claim("@acme/checkout own it.", "O1"),
    "numbers of events": claim("There were 1204 events.", "E2"),
    "words with a dash": claim("It is a read/write and/or on-call matter, e.g. for 2.5 s.", "E1"),
}


@pytest.mark.parametrize("good", REAL.values(), ids=REAL)
def test_a_claim_that_names_what_is_there_is_kept(good: dict[str, object]) -> None:
    kept = grounded(mechanism=[good])
    assert [step.text for step in kept.mechanism] == [good["text"]]
    assert kept.withheld == 0


@pytest.mark.parametrize("advice", ["checks", "disproof"])
def test_advice_names_nothing_that_is_not_there(advice: str) -> None:
    kept = grounded(**{advice: ["Run https://evil.example.com/fix.sh", "Look at the carts."]})
    assert getattr(kept, advice) == ("Look at the carts.",)
    assert kept.withheld == 1


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"hypothesis": claim("Commit deadbee1 broke it.", "C1")}, id="an invented hypothesis"),
        pytest.param({"suspect": "C9"}, id="an invented suspect"),
        pytest.param({"suspect": "D1"}, id="a suspect that is no commit"),
        pytest.param(
            {"mechanism": [claim("PR #9 did.", "C1")] * 4, "checks": ["Ask @mallory."]},
            id="mostly inventions",
        ),
    ],
)
def test_an_answer_that_invents_what_matters_is_withheld(changed: dict[str, object]) -> None:
    with pytest.raises(ProviderFailed) as caught:
        grounded(**changed)
    assert caught.value.kind == "ungrounded"


def test_a_suspect_may_be_named_by_its_sha_and_may_be_nobody() -> None:
    named = grounded(suspect="1a2b3c4d").suspect
    assert named is not None
    assert named.id == "C1"
    assert grounded(suspect=None).suspect is None


@pytest.mark.processes
@hypothesis_settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_no_text_whatever_breaks_the_check(text: str) -> None:
    kept = grounded(mechanism=[claim(text, "E1")])
    assert all(step.text for step in kept.mechanism)
