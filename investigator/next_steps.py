"""What the person who was woken can do now, most useful first. Pure: each step follows from a fact."""

from __future__ import annotations

from investigator.models.report import DeployView, Place, Step, SuspectView, Verdict

STEPS_SHOWN = 5


def next_steps(
    verdict: Verdict,
    *,
    suspect: SuspectView | None,
    deploy_before: DeployView | None,
    where: Place | None,
    upstream: str | None,
    owners: tuple[str, ...],
) -> tuple[Step, ...]:
    """Steps in the order to try them.

    A revert or a roll-back is proposed only where the verdict is at least "probably": on less, people should
    look first. What the error itself names comes before all but a suspect that is most likely.

    Args:
        suspect: the commit the verdict names.
        deploy_before: the deploy that ran before the one that carried the suspect.
        upstream: another system that the error names.
    """
    look = [Step(kind="look_at", place=where)] if where and where.position else []
    check = [Step(kind="check_upstream", upstream=upstream)] if upstream else []
    undo: list[Step] = []
    if suspect and suspect.band != "possibly":
        undo.append(Step(kind="revert", suspect=suspect))
        if deploy_before:
            undo.append(Step(kind="roll_back", deploy=deploy_before))
    steps = [*undo, *look, *check] if verdict.band == "most likely" else [*check, *undo, *look]
    if not upstream and verdict.kind in {"no_code_cause", "no_commits"}:
        steps.append(Step(kind="check_outside"))
    if owners:
        steps.append(Step(kind="ask", owners=owners))
    if not look:
        steps.append(Step(kind="no_stack"))
    return tuple(steps[:STEPS_SHOWN])
