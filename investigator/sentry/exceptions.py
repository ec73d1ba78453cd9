"""The exceptions of an event, wherever it keeps them: interfaces, entries, threads or nowhere."""

from __future__ import annotations

from collections.abc import Mapping

from investigator.models.sentry import Frame, SentryException
from investigator.sentry import limits
from investigator.sentry.coerce import Object, flag, keep_ends, mapping, pick, sequence, text, walk
from investigator.sentry.frames import parse_frames


def parse_exceptions(
    exception: object, threads: object, stacktrace: object, message: str
) -> tuple[SentryException, ...]:
    """The chain, cause first, outermost last.

    When no exception brings frames, the crashed thread or the event's own stack gives them to the
    outermost one. Without any exception such a stack becomes an exception without a type that carries
    the event's message.
    """
    chain = tuple(_exception(value) for value in _chain(exception))
    if any(found.frames for found in chain):
        return chain
    frames = _crashed_thread(threads) or parse_frames(stacktrace)
    if chain:
        return (*chain[:-1], chain[-1].model_copy(update={"frames": frames}))
    if frames or message:
        return (SentryException(value=message or None, frames=frames),)
    return ()


def values(interface: object) -> list[Object]:
    """The objects of an interface: `{"values": […]}`, or the bare list of old clients."""
    found = interface if isinstance(interface, list | tuple) else mapping(interface).get("values")
    return [value for value in sequence(found) if isinstance(value, Mapping)]


def _chain(interface: object) -> list[Object]:
    single = mapping(interface)
    chain = values(interface) or ([single] if "type" in single or "value" in single else [])
    return list(keep_ends(chain, limits.EXCEPTIONS, limits.EXCEPTIONS_AT_START))


def _exception(data: Object) -> SentryException:
    return SentryException(
        type=text(data.get("type"), limits.NAME),
        value=text(data.get("value"), limits.MESSAGE),
        module=text(data.get("module"), limits.PATH),
        handled=flag(walk(data, "mechanism", "handled")),
        frames=_stack(data),
    )


def _stack(data: Object) -> tuple[Frame, ...]:
    """The resolved stack; the raw one only when there is no other."""
    return parse_frames(data.get("stacktrace")) or parse_frames(pick(data, "raw_stacktrace", "rawStacktrace"))


def _crashed_thread(threads: object) -> tuple[Frame, ...]:
    """Frames of the thread that crashed, else of the current one, else of the only one that has any."""
    stacks = [(thread, frames) for thread in values(threads) if (frames := _stack(thread))]
    for mark in ("crashed", "current"):
        marked = next((frames for thread, frames in stacks if flag(thread.get(mark))), ())
        if marked:
            return marked
    return stacks[0][1] if len(stacks) == 1 else ()
