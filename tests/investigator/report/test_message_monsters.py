"""Whatever an event, a commit or a person says, Slack takes the message and nobody is notified."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from investigator.classic_blocks import to_classic
from investigator.models.evidence import CodeFrame, Deploy, Gap, Ownership, Person, Suspect
from investigator.models.incident import Findings
from investigator.models.sentry import Breadcrumb, Frame, SentryException
from investigator.plain_text import as_text
from investigator.rendering import Renderer
from investigator.report import build_report
from tests.fixtures import findings as made
from tests.fixtures.slack_checker import check

FORMATTING = ("`", "```", "*", "_", "~", ":fire:", "> ", "|", '"', "'", "\\", "{{ 7*7 }}", "{% raw %}")
MARKUP = ("<!channel>", "<@U1>", "<https://evil.example|click>", "&", "&amp;")
INVISIBLE = ("\x00", "\u202e", "\u200b", "\ud800", "\u2028", "\n", "\r\n", "\t")
WORDS = ("a", "word ", "https://host/path ", "שלום", "😀", "漢字")
PIECES = FORMATTING + MARKUP + INVISIBLE + WORDS
# Without shrinking: the examples are large, and a failure names the broken rule and quotes the text.
MONSTROUS = settings(
    max_examples=25,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.tuples(st.sampled_from(PIECES), st.integers(1, 4_000)).map(lambda pair: (pair[0] * pair[1])[:4_000]),
)
URLS = st.one_of(st.none(), TEXTS, st.just("https://host/a?b=1&c=2"))
PEOPLE = st.builds(Person, name=st.none() | TEXTS, login=st.none() | TEXTS)
FRAMES = st.builds(
    Frame,
    filename=st.none() | TEXTS,
    function=st.none() | TEXTS,
    line=st.none() | st.integers(1, 10**6),
    in_app=st.none() | st.booleans(),
    context_line=st.none() | TEXTS,
    pre_context=st.lists(TEXTS, max_size=3).map(tuple),
)
TIMES = st.none() | st.integers(-(10**6), 10**6).map(made.minutes)


@st.composite
def monsters(draw: st.DrawFn) -> Findings:
    text = st.shared(TEXTS, key="text")  # one text everywhere keeps an example small and the message full
    one, two = draw(text), draw(TEXTS)
    frames = tuple(draw(st.lists(FRAMES, max_size=4))) * draw(st.sampled_from((1, 25)))
    mapped = tuple(
        CodeFrame(frame=f, path=two, permalink=draw(URLS), lines=((1, one), (2, two))) for f in frames[:2]
    )
    commits = tuple(
        made.commit(f"{n:040x}", n, draw(st.sampled_from((None, 7))), message=one or two, author=draw(PEOPLE))
        for n in range(draw(st.sampled_from((0, 3, 80))))
    )
    suspects = tuple(
        Suspect(commit=c, rank=n + 1, score=0.3, reasons=(one, two) * 5) for n, c in enumerate(commits[:5])
    )
    deploy = Deploy(
        source="sentry_deploy",
        name=one,
        environment=two,
        state=two,
        at=draw(TIMES),
        url=draw(URLS),
        by=draw(PEOPLE),
    )
    gap = Gap(source="github", what=one, why=two, remedy=one)
    event = made.event(
        exceptions=(SentryException(type=one, value=two, frames=frames),) * draw(st.sampled_from((0, 1, 30))),
        title=one,
        message=two,
        culprit=one,
        level=two,
        environment=one,
        release=two,
        tags=((one, two),) * 30,
        breadcrumbs=(Breadcrumb(at=draw(TIMES), category=one, level="error", message=two),) * 60,
        request_url=one,
        web_url=draw(URLS),
        occurred_at=draw(TIMES),
    )
    code = made.code(
        commits=commits,
        total_commits=len(commits),
        frames=mapped,
        deploys=(deploy,) * 12,
        range_reason=one,
        ownership=Ownership(path=one, owners=(two,) * draw(st.integers(0, 40)), file=two),
        gaps=(gap,) * 2,
    )
    ranking = made.ranking(suspects=suspects, no_code_cause=draw(st.booleans()))
    return made.findings(event=event, code=code, ranking=ranking, gaps=(gap,))


@pytest.mark.processes
@given(found=monsters(), data=st.data())
@MONSTROUS
def test_no_finding_makes_a_message_that_slack_refuses_or_misreads(
    renderer: Renderer, found: Findings, data: st.DataObject
) -> None:
    said = data.draw(TEXTS)
    incident = made.incident(
        event=found.event, title=said, environment=said, short_id=said, level=said, web_url=data.draw(URLS),
        status="resolved", resolved_by=said, runs=(made.run(state="failed", failure=said),),
    )  # fmt: skip
    report = build_report(found, service=made.CHECKOUT, opened_at=made.OPENED)
    context: dict[str, Any] = {"incident": incident, "service": made.CHECKOUT, "report": report}
    for name in ("parent_investigating", "parent", "report"):
        _check(renderer, name, **context)
    part = data.draw(st.sampled_from(("all", "frames", "commits", "deploys", "owners", "breadcrumbs")))
    _check(renderer, "expand", part=part, **context)


@given(said=TEXTS)
@MONSTROUS
def test_nothing_a_person_types_makes_an_answer_that_slack_refuses_or_misreads(
    renderer: Renderer, said: str
) -> None:
    incident = made.incident(title=said, channel=said, runs=(made.run(verdict=said),))
    _check(renderer, "usage", verb=None, verbs=(), why=said, near=None)
    _check(renderer, "not_found", reference=said, why=said)
    _check(renderer, "problem", why=said)
    _check(renderer, "failure", incident=incident, why=said)
    _check(renderer, "accepted", incident=incident)
    _check(renderer, "accepted", incident=None, reference=said)
    _check(renderer, "ops_notice", incident=incident, channel=said, code=said, remedy=said)
    _check(renderer, "status", incidents=[incident] * 30, now=made.minutes(9))


def _check(renderer: Renderer, name: str, **context: Any) -> None:
    message = renderer.render(name, **context)
    check(message)
    check(to_classic(message, ": press Expand"))
    assert as_text(message).strip(), "a terminal must show the message too"
