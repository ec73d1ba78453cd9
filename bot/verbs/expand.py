"""`expand`: the details of a report into the thread."""

from __future__ import annotations

from bot.verbs.ask import Ask, Verb, WrongUsage, incident_meant
from investigator.composition import Program
from investigator.models.message import Message

PARTS = ("all", "frames", "commits", "deploys", "owners", "breadcrumbs", "analysis", "similar")


async def _expand(program: Program, ask: Ask) -> Message:
    words = ask.argument.split()
    part = next((word for word in words if word in PARTS), "all")
    others = [word for word in words if word not in PARTS]
    incident = await incident_meant(program, ask, " ".join(others))
    if not incident.runs:
        raise WrongUsage(f"#{incident.id} was over before I heard of it; `rerun` investigates it")
    if not any(run.state == "done" for run in incident.runs):
        raise WrongUsage(f"#{incident.id} is still being investigated; its report comes first")
    await program.jobs.expand(incident.id, part)
    return program.renderer.render("expanding", incident=incident, part=part)


EXPAND = Verb(
    "expand",
    "[#incident] [frames|commits|deploys|owners|breadcrumbs|analysis|similar]",
    "show the details",
    _expand,
)
