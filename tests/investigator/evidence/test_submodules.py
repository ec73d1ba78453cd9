"""A trace that runs through a submodule: its code is another repository's, who moved it on is in this one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from investigator.deadline import Deadline
from investigator.evidence.github import gather_code
from investigator.models.sentry import Frame, SentryEvent, SentryException
from investigator.models.service import Service
from investigator.suspects import rank
from tests.fixtures.github_repository import START, Change, Served, served, write_repository

THEIRS = ("1" * 40, "2" * 40)  # commits of the other repository, which nobody has here
AT = START + timedelta(days=1)


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Served]:
    path = tmp_path / "shop"
    start = Change("Start", {"app.py": "def run():\n    parse()\n"})
    moves = [Change("Move", {}, submodules={"vendor/lib": theirs}) for theirs in THEIRS]
    shas = write_repository(path, [start, *moves])
    async with served(path) as running:
        running.shas = shas
        yield running


async def test_who_moved_a_submodule_on_through_which_the_trace_runs_is_suspected(host: Served) -> None:
    frame = Frame(filename="parse.py", abs_path="/srv/vendor/lib/parse.py", line=2, in_app=True)
    event = SentryEvent(exceptions=(SentryException(type="E", value="boom", frames=(frame,)),))
    code = await gather_code(
        host.github,
        Service(name="shop", repository="acme/shop"),
        event,
        first_seen=None,
        at=AT,
        base=host.shas[0],
        deadline=Deadline.after(30),
    )
    [gap] = code.gaps
    assert "vendor/lib" in gap.what
    assert "another repository" in gap.why, "it is not said that the code lies elsewhere"
    suspects = rank(event, code, first_seen=AT).suspects
    assert [one.commit.sha for one in suspects] == [host.shas[2], host.shas[1]]
    assert "moved the submodule `vendor/lib`" in suspects[0].reasons[0]
