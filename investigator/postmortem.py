"""The postmortem of an incident: what happened when, the evidence, what people did, as Markdown."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from datetime import datetime

from jinja2.sandbox import ImmutableSandboxedEnvironment

from investigator.audit import AuditEntry
from investigator.markdown_text import markdown_environment, readable, readable_sentence
from investigator.models.base import Value
from investigator.models.incident import Incident, Run
from investigator.models.report import Report
from investigator.redaction import Vault, redact
from investigator.slack_text import is_user

DEPLOYS_TOLD = 3  # of the newest; older ones are listed further down


class Moment(Value):
    """One line of the timeline: who did what to whom. People are Slack user ids, or names; "" is nobody."""

    at: datetime
    what: str
    who: str = ""
    whom: str = ""


def postmortem(
    incident: Incident,
    report: Report | None,
    acts: Sequence[AuditEntry],
    *,
    at: datetime,
    names: Mapping[str, str] | None = None,
) -> str:
    """The document, without secrets. `acts` are those of this incident, `at` is when it is written. Pure.

    `names` of Slack users by their ids; without them people are mentioned as a canvas does.
    """
    document = (
        _environment()
        .get_template("postmortem.j2")
        .render(
            incident=incident,
            report=report,
            timeline=timeline(incident, report, acts),
            at=at,
            names=names,
            is_user=is_user,
        )
    )
    return redact(document, Vault(), emails=False, ips=False).strip() + "\n"


def timeline(incident: Incident, report: Report | None, acts: Sequence[AuditEntry]) -> list[Moment]:
    """What is known to have happened, oldest first. Pure."""
    words = _words()
    moments = [Moment(at=incident.opened_at, what=words["opened"])]
    if report and report.first_seen:
        moments.append(Moment(at=report.first_seen, what=words["first_seen"]))
    for deploy in report.deploys[:DEPLOYS_TOLD] if report else ():
        if deploy.when:
            moments.append(Moment(at=deploy.when.at, what=f"{words['deployed']} {deploy.label}"))
    for run in incident.runs:
        moments += _of_run(run, words)
    moments += [_of_act(act, words) for act in acts]
    if incident.resolved_at:
        by = incident.resolved_by or words["somebody"]
        moments.append(Moment(at=incident.resolved_at, what=words["resolved"], whom=by))
    return sorted(moments, key=lambda moment: moment.at)


def people_in(incident: Incident, acts: Sequence[AuditEntry]) -> set[str]:
    """Ids of the Slack users whom the timeline speaks of. Pure."""
    named = {person for moment in timeline(incident, None, acts) for person in (moment.who, moment.whom)}
    return {person for person in named if is_user(person)}


def _of_run(run: Run, words: dict[str, str]) -> list[Moment]:
    if run.finished_at is None:
        return []
    said = run.verdict or run.failure or words["nothing"]
    return [Moment(at=run.finished_at, what=f"{words['run']} {run.number}: {said}")]


def _of_act(act: AuditEntry, words: dict[str, str]) -> Moment:
    result = "" if act.result == "done" else f" ({act.result})"
    what = words.get(act.what, act.what.replace("_", " "))
    whom = act.detail if act.what == "assign" else ""
    detail = "" if whom else act.detail
    return Moment(at=act.when, who=act.who, what=f"{what}{result} {detail}".strip(), whom=whom)


def _words() -> dict[str, str]:
    module = vars(_environment().get_template("timeline.j2").module)
    return {name: str(word) for name, word in module.items() if not name.startswith("_")}


@functools.cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = markdown_environment("documents")
    environment.filters["prose"] = readable  # Slack shows the beginning of a file as it is
    environment.filters["sentence"] = readable_sentence
    return environment
