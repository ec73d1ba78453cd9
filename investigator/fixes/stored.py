"""What the store keeps of an incident that a proposal is made from."""

from __future__ import annotations

from investigator.incidents import Incidents
from investigator.models.base import Value
from investigator.models.fix import NoProposal
from investigator.models.incident import Findings, Incident
from investigator.models.suggestion import SuggestedFix


class Case(Value):
    """`fix` is what a model suggested for the run that `findings` are of, if it did."""

    incident: Incident
    findings: Findings
    fix: SuggestedFix | None


async def stored_case(incidents: Incidents, incident_id: str) -> Case:
    """The newest finished run of an incident.

    Raises:
        NoProposal: none is finished, or what it found is no longer kept.
        PilotError: there is no such incident.
    """
    incident = await incidents.get(incident_id)
    done = [run.number for run in incident.runs if run.state == "done"]
    findings = await incidents.findings(incident_id, done[-1]) if done else None
    if findings is None:
        why = "what was found out about it is no longer kept: re-run it" if done else "its report comes first"
        raise NoProposal(f"#{incident_id} has no proposal yet: {why}")
    return Case(incident=incident, findings=findings, fix=await incidents.suggestion(incident_id, done[-1]))
