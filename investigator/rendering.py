"""Templates to Slack messages. All words are the templates'; escaping is the default, not a habit.

A template defines two blocks, `text` and `blocks`, and may define `pointer` (where the rest of a clipped
message is to be found). Inside `blocks` it calls the macros of `blocks.j2`, each of which prints one Block
Kit object as one line of JSON. `{{ value }}` is escaped for mrkdwn, unless a filter of ours made it markup.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from investigator import slack_text, wording
from investigator.block_limits import fit
from investigator.cascade.words import reason
from investigator.errors import PilotError
from investigator.models.incident import by_service
from investigator.models.message import Message
from investigator.redaction import Redaction, Vault, redact_document
from investigator.report import first_look
from investigator.view_limits import fit_view

NEVER_SHOWN = frozenset({"patch"})
_MACROS = ("parts.j2", "blocks.j2")  # what they define is at hand in every template


class BadTemplate(PilotError):
    """A template printed something that is not a block; the text quotes it."""


class Renderer:
    """The templates of one directory; by default those that ship with the program.

    What was compiled is kept for the process, and by the processes it forks.
    """

    def __init__(self, directory: Path | None = None, *, redaction: Redaction = "credentials") -> None:
        self._environment = _environment(directory or _shipped())
        self._redaction = redaction

    def compile_all(self) -> None:
        """Compile every template now rather than when it is first used.

        Raises:
            jinja2.TemplateSyntaxError: a template is broken.
        """
        for name in self._environment.list_templates(extensions=["j2"]):
            self._environment.get_template(name)

    def render(self, name: str, **context: object) -> Message:
        """The message `name` (a file `name.j2`), within Slack's limits and without what is to be hidden.

        Raises:
            BadTemplate: what the template printed inside `blocks` is not made by the macros.
            jinja2.TemplateError: no such template, or it uses a value that `context` lacks.
        """
        shown = redact_document(context, Vault(), self._redaction, leave=NEVER_SHOWN)
        printed = self._environment.get_template(f"{name}.j2").render(shown)
        text, blocks, pointer = (json.loads(line) for line in printed.strip().split("\n"))
        return fit(Message(text=text, blocks=tuple(_objects(blocks))), pointer)

    def view(self, name: str, **context: object) -> dict[str, Any]:
        """The modal or home tab `name` (a file `views/name.j2`), within Slack's limits.

        Raises: as `render`.
        """
        shown = redact_document(context, Vault(), self._redaction, leave=NEVER_SHOWN)
        printed = self._environment.get_template(f"views/{name}.j2").render(shown)
        about, blocks = (json.loads(line) for line in printed.strip().split("\n"))
        return fit_view(about, _objects(blocks))


def _shipped() -> Path:
    return Path(str(importlib.resources.files("templates") / "slack"))


@functools.cache
def _environment(directory: Path) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(directory),
        undefined=StrictUndefined,
        finalize=_finalize,
        autoescape=True,  # what finalize returns is markup already; this makes macros return markup too
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}
    environment.filters.update(
        code=_markup(slack_text.code),
        mention=_markup(slack_text.mention),
        channel=_markup(slack_text.channel),
        prose=_markup(slack_text.prose),
        plain=slack_text.clean,
        tight=_tight,
        objects=_objects,
        clip=wording.clip,
        line=wording.one_line,
        short_shas=wording.short_shas,
        percent=wording.percent,
        probability=wording.probability,
        reason=reason,
        by_service=by_service,
        utc=wording.utc,
        clock=wording.clock,
        duration=wording.duration,
        listing=wording.listing,
    )
    environment.globals.update(
        link=_markup(slack_text.link),
        safe_url=slack_text.safe_url,
        count=wording.count,
        first_look=first_look,
    )
    for macros in _MACROS:
        module = vars(environment.get_template(macros).module)
        environment.globals.update({name: value for name, value in module.items() if name[0] != "_"})
    return environment


def _finalize(value: object) -> object:
    if isinstance(value, Markup | Undefined):  # an undefined value raises when it is printed
        return value
    return Markup("" if value is None else slack_text.escape(str(value)))  # noqa: S704 - escaped for mrkdwn


def _markup(function: Any) -> Any:
    def marked(*arguments: object) -> Markup:
        return Markup(function(*arguments))  # noqa: S704 - these functions return escaped mrkdwn

    return marked


def _tight(text: str) -> str:
    """Lines without their indentation, and without the empty ones that statements leave behind."""
    return "\n".join(filter(None, (line.strip() for line in str(text).split("\n"))))


def _objects(printed: str) -> list[dict[str, Any]]:
    objects: list[dict[str, Any]] = []
    for line in filter(str.strip, str(printed).split("\n")):
        try:
            objects.append(json.loads(line))
        except json.JSONDecodeError:
            raise BadTemplate(
                f"only the macros of blocks.j2 may print into `blocks`, found: {line.strip()[:200]}"
            ) from None
    return objects
