"""The report says what the findings say, and no more."""

from __future__ import annotations

import pytest

from investigator.deploy_timeline import carrier
from investigator.models.evidence import CodeEvidence, CodeFrame, Deploy, Ranking
from investigator.models.incident import Findings
from investigator.models.report import Report
from investigator.models.sentry import Frame, SentryEvent, SentryException
from investigator.report import build_report, first_look
from tests.fixtures import findings as given


def report(situation: str) -> Report:
    return of(given.SITUATIONS[situation])


def of(found: Findings) -> Report:
    return build_report(found, service=given.CHECKOUT, opened_at=given.OPENED)


@pytest.mark.parametrize(
    ("score", "words"), [(0.82, "most likely since"), (0.55, "probably since"), (0.3, "possibly since")]
)
def test_the_verdict_is_worded_as_strongly_as_it_is_probable(score: float, words: str) -> None:
    line = of(given.findings(ranking=given.ranking(score))).verdict.line
    assert words in line
    assert f"{score:.0%} sure" in line, "the number must stand beside the word"


def test_the_verdict_alone_says_what_broke_and_who_probably_did_it() -> None:
    line = report("a commit, most likely").verdict.line
    for piece in ("unit_price", "pricing.py:88", "PR #142", "Allow carts without items", "@maria"):
        assert piece in line, f"a person who reads only the verdict misses {piece}"


@pytest.mark.parametrize(
    ("situation", "kind", "words"),
    [
        ("no code cause, an upstream is down", "no_code_cause", "no commit in this window explains it"),
        ("no commits in the window", "no_commits", "no commit was shipped"),
        ("no GitHub credentials", "not_looked_at", "no GitHub credentials: commits were not looked at"),
    ],
)
def test_a_verdict_without_a_suspect_names_nobody(situation: str, kind: str, words: str) -> None:
    built = report(situation)
    assert built.verdict.kind == kind
    assert words in built.verdict.line
    assert built.suspect is None, "nobody may be blamed without a verdict"


def test_an_error_that_names_an_upstream_sends_people_there_first() -> None:
    built = report("no code cause, an upstream is down")
    assert built.steps[0].kind == "check_upstream"
    assert built.steps[0].upstream == "payments"


@pytest.mark.parametrize(
    ("situation", "kinds"),
    [
        ("a commit, most likely", ["revert", "roll_back", "look_at", "ask"]),
        ("a commit, possibly", ["look_at", "ask"]),
        ("no commits in the window", ["look_at", "check_outside", "ask"]),
        ("a message without a stack", ["no_stack"]),
    ],
)
def test_next_steps_follow_from_the_facts(situation: str, kinds: list[str]) -> None:
    assert [step.kind for step in report(situation).steps] == kinds


def test_the_roll_back_leads_to_the_deploy_before_the_suspect() -> None:
    step = next(step for step in report("a commit, most likely").steps if step.kind == "roll_back")
    assert step.deploy
    assert step.deploy.name == "v1.4.1"


def test_a_suspect_tells_its_age_and_the_deploy_that_carried_it() -> None:
    suspect = report("a commit, most likely").suspects[0]
    assert suspect.when
    assert suspect.when.relative == "25 minutes before the first event"
    assert suspect.deploy
    assert suspect.deploy.name == "v1.4.2"


def test_of_an_issue_that_came_back_ages_count_from_this_alert() -> None:
    issue = given.issue(substatus="regressed", first_seen=given.minutes(-90 * 24 * 60))
    suspect = of(given.findings(issue=issue)).suspects[0]
    assert suspect.when
    assert suspect.when.relative == "25 minutes before this alert"


def test_the_place_is_the_crashing_line_of_our_own_code_in_the_repository() -> None:
    built = report("a commit, most likely")
    assert built.where
    assert built.where.words == "services/checkout/pricing.py:88 in unit_price"
    assert built.where.url
    assert built.where.url.endswith("#L88")
    assert [place.function for place in built.calls] == ["total"], "library frames are no callers of ours"


def test_a_library_that_crashes_under_our_code_is_not_the_place() -> None:
    error = SentryException(type="E", frames=(given.CART_TOTAL, given.LIBRARY))
    built = of(given.findings(event=given.event(exceptions=(error,)), code=CodeEvidence(), ranking=Ranking()))
    assert built.where
    assert built.where.function == "total"


def test_where_nothing_is_marked_as_ours_the_crashing_frame_is_shown() -> None:
    frames = tuple(f.model_copy(update={"in_app": False}) for f in (given.CART_TOTAL, given.UNIT_PRICE))
    error = SentryException(type="E", frames=frames)
    built = of(given.findings(event=given.event(exceptions=(error,)), code=CodeEvidence(), ranking=Ranking()))
    assert built.where
    assert built.where.function == "unit_price"


def test_the_crashing_line_is_marked_in_the_code() -> None:
    marked = [line for line in report("a commit, most likely").code.split("\n") if line.startswith(">")]
    assert marked == ["> 88 |     return total / order.quantity"]


def test_without_a_repository_the_code_is_what_sentry_sent() -> None:
    assert "> 88 |     return total / order.quantity" in report("no GitHub credentials").code


def test_minified_code_is_not_shown() -> None:
    frame = Frame(filename="app.min.js", line=1, in_app=True, context_line="a=" * 4_000)
    error = SentryException(type="TypeError", frames=(frame,))
    built = of(given.findings(event=given.event(exceptions=(error,)), code=CodeEvidence(), ranking=Ranking()))
    assert built.code == "", "a screen of minified code helps nobody"


def test_a_chain_is_told_from_the_outside_to_the_cause() -> None:
    built = report("a chain of exceptions")
    assert [cause.type for cause in built.causes] == ["CartError", "KeyError"]
    assert built.headline == "CartError: cart is broken"


def test_a_message_without_exception_is_its_own_headline() -> None:
    assert report("a message without a stack").headline == "Payment queue is stuck"


def test_a_release_that_was_also_deployed_is_told_once() -> None:
    code = given.code()
    release = Deploy(source="sentry_release", name="checkout@1.4.2", sha=given.SHA_BUG, at=given.minutes(-14))
    built = of(given.findings(code=code.model_copy(update={"deploys": (*code.deploys, release)})))
    assert [deploy.name for deploy in built.deploys] == ["v1.4.2", "v1.4.1"]


def test_a_deploy_of_another_environment_carries_nothing_to_this_one() -> None:
    staging = Deploy(
        source="github_deployment", name="s", sha=given.SHA_BUG, environment="staging", at=given.minutes(-20)
    )
    suspect = of(given.findings(code=given.code(deploys=(staging,)))).suspects[0]
    assert suspect.deploy is None


def test_every_gap_is_kept_once() -> None:
    code = CodeEvidence(gaps=(given.NO_GITHUB,))
    built = of(given.findings(code=code, ranking=Ranking(), gaps=(given.NO_GITHUB,)))
    assert built.gaps == (given.NO_GITHUB,)


def test_the_same_file_name_elsewhere_is_offered_as_candidates_only() -> None:
    mapped = CodeFrame(frame=given.UNIT_PRICE, candidates=("a/pricing.py", "b/pricing.py"))
    built = of(given.findings(code=given.code(frames=(mapped,))))
    assert built.frames[0].candidates == ("a/pricing.py", "b/pricing.py")
    assert built.where
    assert built.where.url is None, "an ambiguous frame must not link to one of the files"


def test_the_first_look_needs_nothing_but_the_incident() -> None:
    assert (
        first_look(given.incident(event=None), given.CHECKOUT).headline
        == "ZeroDivisionError: division by zero"
    )


@pytest.mark.parametrize("situation", given.SITUATIONS)
def test_a_report_is_json_and_back(situation: str) -> None:
    built = report(situation)
    assert Report.model_validate_json(built.model_dump_json()) == built


def test_without_anything_known_there_is_still_a_report() -> None:
    built = of(Findings(event=SentryEvent()))
    assert built.headline == "Error without a message"
    assert built.first_seen is None


def test_a_gap_elsewhere_does_not_hide_that_nothing_was_shipped() -> None:
    owners = given.NO_GITHUB.model_copy(update={"what": "the owners", "why": "CODEOWNERS is too large"})
    code = given.code(commits=(), total_commits=0, gaps=(owners,))
    assert of(given.findings(code=code, ranking=Ranking())).verdict.kind == "no_commits"


def test_a_comparison_that_failed_is_not_called_an_empty_one() -> None:
    failed = given.NO_GITHUB.model_copy(
        update={"what": "the commits of this release", "why": "GitHub: timeout"}
    )
    code = given.code(commits=(), total_commits=0, gaps=(failed,))
    line = of(given.findings(code=code, ranking=Ranking())).verdict.line
    assert "GitHub: timeout: commits were not looked at" in line


def test_what_the_error_names_comes_before_a_suspect_that_is_not_certain() -> None:
    event = given.event(exceptions=(given.UPSTREAM_DOWN,))
    steps = of(given.findings(event=event, ranking=given.ranking(0.55))).steps
    assert [step.kind for step in steps][:2] == ["check_upstream", "revert"]


def test_hardly_possible_suspects_are_counted_and_not_shown() -> None:
    ranking = given.ranking()
    hardly = ranking.suspects[1].model_copy(update={"score": 0.01})
    built = of(given.findings(ranking=ranking.model_copy(update={"suspects": (ranking.suspects[0], hardly)})))
    assert len(built.suspects) == 1
    assert built.more_suspects == 1


def test_a_commit_is_said_to_be_deployed_when_it_was_not_when_it_was_released() -> None:
    bug = given.commit()
    released = Deploy(source="github_release", name="v2", sha=bug.sha, at=given.minutes(-54))
    deployed = Deploy(
        source="github_deployment",
        name="production",
        environment="production",
        sha=bug.sha,
        at=given.minutes(-11),
    )
    assert carrier(bug, [bug], [released, deployed], "production") == deployed
    assert carrier(bug, [bug], [released], "production") == released
