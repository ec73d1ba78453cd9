"""What lies in a queue is found by whichever version of the program takes it."""

from __future__ import annotations

import pytest
from rq.utils import import_attribute

# As a released version enqueued them. A name may be added; one that goes strands jobs of the version before.
STORED = (
    *("investigate", "announce", "show_cascade", "refresh", "expand", "postmortem"),
    *("open_by_hand", "open_pasted", "answer_question"),
    *("analyse_late", "analyse_again", "late_analyses"),
    *("suggest_fix", "prepare_fix", "open_fix", "follow_fix", "follow_fixes"),
    *("sweep", "retention", "quality_digest", "canary", "reconcile"),
)


@pytest.mark.parametrize("name", STORED)
def test_a_job_enqueued_by_another_version_is_found(name: str) -> None:
    assert callable(import_attribute(f"investigator.jobs.{name}"))
