"""Entry points of RQ jobs: JSON arguments in, nothing out.

The store names them `investigator.jobs.<function>`, whichever module they live in: a job that another
version of the program enqueued must find them here.
"""

from __future__ import annotations

from investigator.jobs.asked import open_by_hand, open_pasted
from investigator.jobs.fixes import follow_fix, follow_fixes, open_fix, prepare_fix, suggest_fix
from investigator.jobs.models import analyse_again, analyse_late, answer_question, late_analyses
from investigator.jobs.periodic import calibrate, canary, quality_digest, reconcile, retention, sweep
from investigator.jobs.runs import announce, expand, investigate, postmortem, refresh, show_cascade

__all__ = [
    "analyse_again",
    "analyse_late",
    "announce",
    "answer_question",
    "calibrate",
    "canary",
    "expand",
    "follow_fix",
    "follow_fixes",
    "investigate",
    "late_analyses",
    "open_by_hand",
    "open_fix",
    "open_pasted",
    "postmortem",
    "prepare_fix",
    "quality_digest",
    "reconcile",
    "refresh",
    "retention",
    "show_cascade",
    "suggest_fix",
    "sweep",
]
