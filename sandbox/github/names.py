"""What a path, a reference name or an object id may look like before git hears of it."""

from __future__ import annotations

import re

_FULL_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SHORT_ID = re.compile(r"[0-9a-f]{4,64}")
_FORBIDDEN_IN_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)")
_REVISION = re.compile(r"(?P<base>[^~^:]+?)(?P<steps>(?:~\d*|\^\d*|\^\{(?:commit|tree)\})*)")


class BadName(ValueError):
    """A path or reference that no well-formed repository can hold."""


def is_full_id(text: str) -> bool:
    return _FULL_ID.fullmatch(text) is not None


def is_short_id(text: str) -> bool:
    return _SHORT_ID.fullmatch(text) is not None


def clean_path(text: str) -> str:
    """`text` as a path inside a tree, "" for its top. Raises BadName for absolute or escaping paths."""
    path = text.removesuffix("/")
    if not path:
        return ""
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in path.split("/")):
        raise BadName(f"path contains a malformed path component: {text!r}")
    if any(ord(letter) < 32 for letter in path):
        raise BadName("path contains a control character")
    return path


def clean_ref(text: str) -> str:
    """`text` as a reference name, by the rules of git-check-ref-format. Raises BadName."""
    bad = not text or text[0] in "-/." or text[-1] in "/." or text == "@" or _FORBIDDEN_IN_REF.search(text)
    if bad:
        raise BadName(f"{text!r} is not a valid reference name")
    return text


def split_revision(text: str) -> tuple[str, str]:
    """`main~2^` as ("main", "~2^"). Raises BadName."""
    match = _REVISION.fullmatch(text)
    if match is None:
        raise BadName(f"{text!r} is not a revision")
    return clean_ref(match["base"]), match["steps"]
