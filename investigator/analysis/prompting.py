"""Prompts from their templates: evidence is data between marks that its authors cannot know."""

from __future__ import annotations

import functools
import importlib.resources
import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from investigator.analysis.evidence_ids import Piece
from investigator.models.base import Value


class Prompt(Value):
    """What a model is asked. `answer_schema` is the JSON Schema of the answer that is wanted; None: text."""

    system: str
    user: str
    version: str
    answer_schema: dict[str, Any] | None
    max_tokens: int


def new_marker() -> str:
    """Unknown to whoever wrote the evidence, so that nothing in it can pretend to be its end."""
    return secrets.token_hex(8)


def analysis_prompt(
    pieces: Sequence[Piece], *, marker: str, schema: dict[str, Any], max_tokens: int
) -> Prompt:
    """What caused it? `pieces` are redacted and hold nothing invisible."""
    return _prompt("analysis", schema, max_tokens, pieces=pieces, marker=marker)


def question_prompt(
    pieces: Sequence[Piece], question: str, *, marker: str, schema: dict[str, Any], max_tokens: int
) -> Prompt:
    """A person's question about these pieces; it is redacted as they are, and trusted as little."""
    return _prompt("question", schema, max_tokens, pieces=pieces, question=question, marker=marker)


def fix_prompt(
    pieces: Sequence[Piece],
    files: Sequence[tuple[str, str]],
    hypothesis: str,
    *,
    marker: str,
    max_tokens: int,
) -> Prompt:
    """What would mend it? `files` are (path, text) of what may be changed, redacted."""
    return _prompt("fix", None, max_tokens, pieces=pieces, files=files, hypothesis=hypothesis, marker=marker)


def _prompt(template: str, schema: dict[str, Any] | None, max_tokens: int, **context: object) -> Prompt:
    told = {**context, "schema": json.dumps(schema)}
    module: Any = _environment().get_template(f"{template}.j2").make_module(told)
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
