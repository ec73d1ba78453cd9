"""Who owns a file, by CODEOWNERS. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from codeowners import CodeOwners

from investigator.github.answers import CodeownersFile
from investigator.models.evidence import Ownership

MAX_DOUBLE_STARS = 4  # each `**` multiplies the ways a path can be tried


def ownership(file: CodeownersFile | None, paths: Iterable[str]) -> Ownership | None:
    """Owners of the first of `paths` that has any; the last matching line of the file decides."""
    if file is None:
        return None
    rules = CodeOwners(_valid_lines(file))
    for path in paths:
        owners, line, _, _ = rules.matching_line(path)
        if owners:
            names = tuple(name for _, name in owners)
            return Ownership(path=path, owners=names, file=file.path, line=line)
    return None


def _valid_lines(file: CodeownersFile) -> str:
    """The text with the lines GitHub does not honour emptied, so that line numbers stay."""
    lines = file.text.splitlines()
    return "\n".join(
        "" if number in file.broken_lines or _is_unsupported(line.strip()) else line
        for number, line in enumerate(lines, start=1)
    )


def _is_unsupported(line: str) -> bool:
    pattern = line.split(maxsplit=1)[0] if line else ""
    return pattern.startswith(("!", "\\#")) or "[" in pattern or pattern.count("**") > MAX_DOUBLE_STARS
