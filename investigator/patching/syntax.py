"""Does a changed file still parse? Without a parser for it: are its brackets as they were? Pure."""

from __future__ import annotations

import ast
import json
import tomllib
import warnings
from collections import Counter
from collections.abc import Callable

import yaml

_BRACKETS = {")": "(", "]": "[", "}": "{"}


def broken(path: str, before: str, after: str) -> str | None:
    """What is wrong with `after`, to be read after the file's name; None when nothing was found."""
    language, parse = _parser(path)
    if parse is None or not _parses(parse, before):
        return None if _balance(before) == _balance(after) else "opens or closes other brackets than before"
    return None if _parses(parse, after) else f"does not parse as {language} any more"


def looked_at(path: str, before: str) -> str:
    """What `broken` can tell of this file, in words."""
    language, parse = _parser(path)
    if parse is None:
        return f"{path}: only its brackets were counted, we have no parser for its language"
    if not _parses(parse, before):
        return f"{path}: only its brackets were counted, it does not parse here as it is"
    return f"{path} still parses as {language}"


def _parser(path: str) -> tuple[str, Callable[[str], object] | None]:
    known: dict[str, tuple[str, Callable[[str], object]]] = {
        "py": ("Python", _python),
        "pyi": ("Python", _python),
        "json": ("JSON", json.loads),
        "toml": ("TOML", tomllib.loads),
        "yml": ("YAML", _yaml),
        "yaml": ("YAML", _yaml),
    }
    return known.get(path.rpartition(".")[2].lower(), ("", None))


def _parses(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except (SyntaxError, ValueError, yaml.YAMLError, RecursionError, MemoryError):
        return False
    return True


def _python(text: str) -> object:
    with warnings.catch_warnings(action="ignore"):  # what it warns of is in their code, not ours
        return ast.parse(text)


def _yaml(text: str) -> object:
    return [*yaml.compose_all(text, Loader=yaml.SafeLoader)]  # composed, never constructed: no alias grows


def _balance(text: str) -> dict[str, int]:
    counts = Counter(char for char in text if char in "()[]{}")
    return {opening: counts[opening] - counts[closing] for closing, opening in _BRACKETS.items()}
