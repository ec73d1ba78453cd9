"""Reasons for and against a root in words; they are the template's."""

from __future__ import annotations

import functools
import importlib.resources
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from investigator import wording
from investigator.models.cascade import LearnedEdge, Reason


def reason(it: Reason) -> str:
    """A sentence without a full stop, on one line. Names from outside stand in back-ticks, as code."""
    return wording.one_line(_words().reason(it))


def learned_from(edge: LearnedEdge) -> str:
    """How it is known that the caller depends on the callee."""
    return wording.one_line(_words().learned_from(edge.source))


@functools.cache
def _words() -> Any:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(Path(str(importlib.resources.files("templates") / "cascade"))),
        undefined=StrictUndefined,
        autoescape=False,  # whoever shows a sentence escapes it for where it is shown
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(name=_name)
    environment.globals.update(count=wording.count)
    return environment.get_template("words.j2").module


def _name(text: str) -> str:
    return f"`{wording.clip(wording.one_line(text.replace('`', '')), 80)}`"
