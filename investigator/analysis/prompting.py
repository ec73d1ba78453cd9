"""Prompts from their templates: evidence is data between marks that its authors cannot know."""

from __future__ import annotations

import functools
import importlib.resources
import json
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from investigator.analysis.evidence_ids import Piece
from investigator.models.base import Value
from investigator.slack_text import clean


class Prompt(Value):
    """What a model is asked. `answer_schema` is the JSON Schema of the answer that is wanted."""

    system: str
    user: str
    version: str
    answer_schema: dict[str, Any]
    max_tokens: int


def new_marker() -> str:
    """Unknown to whoever wrote the evidence, so that nothing in it can pretend to be its end."""
    return secrets.token_hex(8)


def analysis_prompt(
    pieces: Sequence[Piece],
    *,
    marker: str,
    schema: dict[str, Any],
    max_tokens: int,
    redact: Callable[[str], str],
) -> Prompt:
    """The question about these pieces. Each is redacted on its own: no pattern reaches into the next."""
    let_out = [piece.model_copy(update={"text": redact(clean(piece.text))}) for piece in pieces]
    context = {"pieces": let_out, "marker": marker, "schema": json.dumps(schema)}
    module: Any = _environment().get_template("analysis.j2").make_module(context)
    return Prompt(
        system=str(module.system()).strip(),
        user=str(module.user()).strip(),
        version=str(module.version),
        answer_schema=schema,
        max_tokens=max_tokens,
    )


@functools.cache
def _environment() -> ImmutableSandboxedEnvironment:
    directory = Path(str(importlib.resources.files("templates") / "prompts"))
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(directory),
        undefined=StrictUndefined,
        autoescape=False,  # it makes text for a model, which no escaping would protect
        trim_blocks=True,
        lstrip_blocks=True,
    )
