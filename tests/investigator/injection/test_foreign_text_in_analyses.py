"""Orders in the evidence reach a model as data only; what an obedient one answers is posted as text only."""

from __future__ import annotations

import json
import re

import pytest

from investigator.analysis.answer import read_answer, schema
from investigator.analysis.evidence_ids import number
from investigator.analysis.failures import ProviderFailed
from investigator.analysis.grounding import ground
from investigator.analysis.prompting import analysis_prompt, new_marker
from investigator.models.analysis import Analysis, Assessment
from investigator.models.incident import Findings
from investigator.redaction import Vault, redact_document
from investigator.rendering import Renderer
from investigator.report import build_report
from tests.fixtures import findings as made
from tests.fixtures.foreign_text import incident_of, planted
from tests.fixtures.models import answer, claim
from tests.fixtures.slack_checker import check
from tests.investigator.injection.attacks import ATTACKS, Attack
from tests.investigator.injection.test_foreign_text_in_messages import judge

INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\U000e0000-\U000e007f]"
)
INVENTED_SHA = "deadbeef" * 5
every_attack = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


@every_attack
def test_a_prompt_holds_an_attack_only_between_marks_and_within_its_piece(attack: Attack) -> None:
    found = redact_document(planted("everywhere", attack.text), Vault(), "all")
    pieces, marker = number(found), new_marker()
    prompt = analysis_prompt(pieces, marker=marker, schema=schema(), max_tokens=100)
    begin, end = f"<evidence-{marker}>", f"</evidence-{marker}>"
    assert prompt.user.startswith(begin)
    assert prompt.user.count(marker) == 2, "the end of the evidence can be forged"
    inside = prompt.user.partition(begin)[2].partition(end)[0]
    ids = [line.partition("]")[0] + "]" for line in inside.splitlines() if line[:1].strip()]
    assert ids == [f"[{piece.id}]" for piece in pieces], "a piece of evidence was forged"
    assert prompt.system == _rules(marker), "the rules depend on the evidence"
    assert not INVISIBLE.search(prompt.user), "a model would read what a person cannot see"


def _rules(marker: str) -> str:
    return analysis_prompt((), marker=marker, schema=schema(), max_tokens=100).system


@every_attack
def test_what_an_obedient_model_answers_is_posted_as_text_or_not_at_all(
    renderer: Renderer, attack: Attack
) -> None:
    found = planted("everywhere", attack.text)
    quoted = claim(f"It says {attack.text[:200]}", "E1", "C1")
    obeyed = answer(
        hypothesis=quoted,
        mechanism=[quoted, claim(f"Commit {INVENTED_SHA} broke it.", "C1"), quoted, quoted],
        suspect="C1",
        blast_radius=quoted,
        checks=[attack.text[:300]],
        disproof=[attack.text[:300]],
    )
    assessed = _assessed(found, json.dumps(obeyed))
    if assessed is None:
        return
    report = build_report(assessed, service=made.CHECKOUT, opened_at=made.OPENED)
    incident = incident_of(assessed, attack.text)
    for name in ("analysis", "parent", "report"):
        message = renderer.render(name, incident=incident, service=made.CHECKOUT, report=report)
        check(message)
        judge(message)
        assert INVENTED_SHA[:7] not in json.dumps(message.model_dump()) or INVENTED_SHA[:7] in attack.text


def _assessed(found: Findings, written: str) -> Findings | None:
    """The findings with what is left of the answer; None when it is withheld as a whole."""
    try:
        kept = ground(read_answer(written), number(found))
    except ProviderFailed:
        return None
    analysis = Analysis(
        hypothesis=kept.hypothesis,
        mechanism=kept.mechanism,
        suspect=kept.suspect.shas[0] if kept.suspect else None,
        suspect_id=kept.suspect.id if kept.suspect else None,
        confidence=0.9,
        band="most likely",
        blast_radius=kept.blast_radius,
        checks=kept.checks,
        disproof=kept.disproof,
        provider="anthropic",
        model="some-model",
        prompt="analysis-1",
        withheld=kept.withheld,
    )
    return found.model_copy(update={"assessment": Assessment(analysis=analysis)})


def test_most_attacks_are_answered_so_that_these_tests_see_something() -> None:
    kept = [
        attack
        for attack in ATTACKS
        if _assessed(
            planted("everywhere", attack.text), json.dumps(answer(hypothesis=claim("It fails.", "E1")))
        )
    ]
    assert len(kept) == len(ATTACKS)
