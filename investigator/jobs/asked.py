"""Investigations that a person asked for in Slack."""

from __future__ import annotations

from rq import get_current_job

from investigator import by_hand, by_paste
from investigator.composition import Program
from investigator.jobs.carrying import reason, tries_left, with_program
from investigator.queue import RETRY_SECONDS


def open_by_hand(reference: str, user: str, channel: str, reply_to: str) -> None:
    """Investigate the Sentry issue a person named; what is wrong with it is told to that person."""
    job = get_current_job()

    request = job.id if job else reference

    async def work(program: Program) -> None:
        try:
            await by_hand.open_issue(
                program, reference, user=user, channel=channel, reply_to=reply_to, request=request
            )
        except Exception as error:
            if tries_left() == len(RETRY_SECONDS):
                why = program.renderer.render("delayed", reference=reference, why=reason(error))
                await by_hand.tell(
                    program, why, channel=channel, reply_to=reply_to, key=f"asked:{request}:delayed"
                )
            raise

    with_program(work)


def open_pasted(text: str, user: str, channel: list[str], reply_to: str) -> None:
    """Investigate a stack trace that a person pasted in `channel` (id, name)."""
    job = get_current_job()
    request = job.id if job else text

    async def work(program: Program) -> None:
        place = (channel[0], channel[1])
        await by_paste.open_pasted(
            program, text, user=user, channel=place, reply_to=reply_to, request=request
        )

    with_program(work)
