"""`analyse`: have a model analyse the newest report again, without asking Sentry or GitHub again."""

from __future__ import annotations

from bot.verbs.ask import Ask, Verb, WrongUsage, incident_meant
from investigator.composition import Program
from investigator.models.message import Message


async def _analyse(program: Program, ask: Ask) -> Message:
    incident = await incident_meant(program, ask, ask.argument)
    if incident.run is None or incident.run.state != "done":
        raise WrongUsage(f"#{incident.id} has no finished report to analyse")
    if not program.analyst.configured:
        raise WrongUsage("no AI provider is configured: set ANTHROPIC_API_KEY, OPENAI_API_KEY or an address")
    findings = await program.incidents.findings(incident.id, incident.run.number)
    if findings is None:
        raise WrongUsage(f"what #{incident.id} was about is not kept any more; `rerun` investigates it again")
    if findings.assessment and findings.assessment.analysis:
        raise WrongUsage(f"#{incident.id} has its analysis; `rerun` investigates it again")
    await program.jobs.analyse_again(incident.id, incident.run.number)
    return program.renderer.render("analysing", incident=incident)


ANALYSE = Verb("analyse", "[#incident]", "ask for an AI analysis again", _analyse)
