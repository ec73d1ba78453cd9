"""Which arguments of a job its function takes: another version of the program may have enqueued it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from investigator.errors import PilotError

_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class ArgumentsMissing(PilotError):
    """Trying again gives the function no more than it has."""


class Taken(NamedTuple):
    """`ignored` are places, from 1, and names."""

    arguments: tuple[Any, ...]
    named: Mapping[str, Any]
    ignored: tuple[str, ...]


def taken_by(function: Callable[..., Any], arguments: Sequence[Any], named: Mapping[str, Any]) -> Taken:
    """What to call it with; what it does not know is left out. It has no parameters with a `*`. Pure.

    Raises:
        ArgumentsMissing: it needs more.
    """
    signature = inspect.signature(function)
    places = [each.name for each in signature.parameters.values() if each.kind in _BY_PLACE]
    first = tuple(arguments[: len(places)])
    free = signature.parameters.keys() - set(places[: len(first)])
    kept = {name: value for name, value in named.items() if name in free}
    given = {*places[: len(first)], *kept}
    missing = [
        each.name
        for each in signature.parameters.values()
        if each.default is inspect.Parameter.empty and each.name not in given
    ]
    if missing:
        raise ArgumentsMissing(
            f"{function.__name__} needs {', '.join(missing)}, which the version of the program that enqueued "
            "this job did not give: it is set aside, ask again"
        )
    beyond = [str(place) for place in range(len(first) + 1, len(arguments) + 1)]
    return Taken(first, kept, (*beyond, *sorted(named.keys() - kept.keys())))
