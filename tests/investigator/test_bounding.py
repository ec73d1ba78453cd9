"""What an incident keeps of its event is bounded, and what a report shows is kept the longest."""

from __future__ import annotations

from investigator.bounding import EVENT_BYTES, bounded
from investigator.models.sentry import Breadcrumb, Frame, SentryEvent, SentryException


def frame(number: int, width: int = 200) -> Frame:
    code = tuple("x" * width for _ in range(20))
    return Frame(
        filename=f"app/module_{number}.py",
        function=f"step_{number}",
        line=number + 1,
        context_line="y" * width,
        pre_context=code,
        post_context=code,
        variables=tuple((f"name{n}", "v" * width) for n in range(50)),
    )


def event(frames: int, exceptions: int = 1, width: int = 200) -> SentryEvent:
    stack = tuple(frame(number, width) for number in range(frames))
    return SentryEvent(
        event_id="e",
        title="KeyError",
        message="m" * 8000,
        tags=tuple((f"tag{n}", "t" * 200) for n in range(200)),
        breadcrumbs=tuple(Breadcrumb(message="b" * 1000) for _ in range(100)),
        exceptions=tuple(SentryException(type="KeyError", frames=stack) for _ in range(exceptions)),
    )


def test_an_ordinary_event_is_kept_as_it_is() -> None:
    ordinary = event(frames=3, width=20)
    assert bounded(ordinary) == ordinary


def test_variables_of_far_frames_go_first() -> None:
    kept = bounded(event(frames=60, width=20))
    assert len(kept.frames) == 60
    assert not kept.frames[0].variables
    assert kept.frames[-1].variables


def test_the_largest_event_there_can_be_fits() -> None:
    kept = bounded(event(frames=60, exceptions=6, width=300))
    assert len(kept.model_dump_json().encode()) <= EVENT_BYTES
    assert kept.frames[-1].line == 60, "the crashing frame is the last to go"
    assert kept.title == "KeyError"


def test_the_largest_paths_fit_as_well() -> None:
    long = Frame(filename="é" * 1024, abs_path="é" * 1024, module="é" * 1024, function="é" * 1024, line=1)
    stack = tuple(long for _ in range(60))
    huge = event(1).model_copy(
        update={"exceptions": tuple(SentryException(value="é" * 8000, frames=stack) for _ in range(6))}
    )
    assert len(bounded(huge).model_dump_json().encode()) <= EVENT_BYTES
