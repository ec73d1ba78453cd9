"""Findings in plain words, from their template; whoever shows them escapes them for where they are shown."""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from investigator import wording
from investigator.health.rules import Finding, Severity
from investigator.models.base import Value

RUNBOOK = "docs/operations.md"
_UNITS = ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB"))


class Told(Value):
    """A finding as people read it. `anchor` is its section of the runbook."""

    rule: str
    key: str
    severity: Severity
    what: str
    remedy: str
    anchor: str


def tell(finding: Finding) -> Told:
    """Raises jinja2's errors when the template has no words for the rule, which a test rules out."""
    macro: Any = getattr(_module(), finding.rule)
    what, remedy = (line.strip() for line in str(macro(finding.facts)).strip().split("\n"))
    return Told(
        rule=finding.rule,
        key=finding.key,
        severity=finding.severity,
        what=what,
        remedy=remedy,
        anchor=f"{RUNBOOK}#{finding.rule.replace('_', '-')}",
    )


def tell_all(found: Sequence[Finding]) -> tuple[Told, ...]:
    return tuple(map(tell, found))


def size(number: float) -> str:
    """Bytes as people say them: `3.2 GiB`."""
    unit, name = next(((unit, name) for unit, name in _UNITS if number >= unit), (1, "bytes"))
    return (
        f"{number / unit:.0f} {name}" if unit == 1 or number >= 10 * unit else f"{number / unit:.1f} {name}"
    )


def seconds(number: float) -> str:
    return wording.duration(timedelta(seconds=number))


def words(environment: Any) -> None:
    """Give a Jinja environment the filters that tell of numbers."""
    environment.filters.update(percent=wording.percent, seconds=seconds, size=size)
    environment.globals.update(count=wording.count)


@functools.cache
def _module() -> Any:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(Path(str(importlib.resources.files("templates") / "health"))),
        undefined=StrictUndefined,
        autoescape=False,  # plain text, escaped where it is shown
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words(environment)
    return environment.get_template("findings.j2").module
