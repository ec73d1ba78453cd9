"""What a unified diff changes: functions touched, names defined or gone, words of the changed lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from investigator.models.evidence import FileChange
from investigator.suspects import edits, sliding
from investigator.suspects.words import identifiers

# A longer patch is generated or vendored; its first lines say as much as all of them.
MAX_LINES = 1_500

_DEFINITION = re.compile(
    r"""^\s*(?:@\w+\s+)?
    (?:(?:export|default|public|private|protected|internal|static|final|abstract|async|override|virtual|suspend|
        open|inline|pub|unsafe|synchronized|declare|readonly)\s+)*
    (?:
        (?:def|class|func|function\*?|fun|fn|interface|struct|enum|trait|module|object|record|type|sub)\s+
            (?:\([^)]*\)\s*)?(?:self\.)?(?P<keyword>[A-Za-z_$][\w$]*[?!]?)
      | (?:const|let|var|val)\s+(?P<arrow>[A-Za-z_$][\w$]*)\s*(?::[^=]+)?=\s*
            (?:async\s*)?(?:function|\(|[\w$]+\s*=>)
      | (?P<assigned>[A-Za-z_$][\w$.]*)\s*[:=]\s*(?:async\s+)?function\b
      | (?:[\w<>\[\],.?]+\s+){1,3}(?P<typed>[A-Za-z_]\w*)\s*\([^;=]*\)\s*(?:throws\s[\w,.\s]+)?\{\s*$
      | (?:async\s+)?(?P<method>[A-Za-z_$#][\w$]*)\s*\([^;]*\)\s*\{\s*$
    )""",
    re.VERBOSE,
)
# What a definition begins with, unless it ends in a brace: spares most lines the expression above.
_KEYWORDS = """
def class func fun fn interface struct enum trait module object record type sub const let var val export
default public private protected internal static final abstract async override virtual suspend open inline
pub unsafe synchronized declare readonly @
"""
_BEGINNINGS = tuple(_KEYWORDS.split())
_NOT_A_NAME = frozenset(
    {"if", "for", "while", "switch", "catch", "return", "else", "with", "synchronized", "function"}
)
_ATTRIBUTE = re.compile(
    r"^\s*(?:(?:self|this|@)\.?)?([A-Za-z_$][\w$]*)\s*(?::[^=]+)?=(?!=)|^\s*['\"]?([\w$-]+)['\"]?\s*:"
)
_RETIRES = re.compile(
    r"(?i)\b(?:drop|rename|remove|delete)[_ ]?(?:column|table|field|index|constraint|model|view|key)|"
    r"\brename\s+to\b"
)
_COMMENT = re.compile(r"^\s*(?:#(?!include|define|if|el|endif|pragma|\[)|//|/\*|\*(?:[\s/]|$)|--\s|<!--)")
_HUNK = re.compile(r"^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)$")
_INSIGNIFICANT = re.compile(r"[\s,;'\"`()\\]+")


def defined_name(line: str) -> str | None:
    """The function, method or class that `line` begins, in the notations of common languages."""
    bare = line.strip()
    match = _DEFINITION.match(line) if bare.startswith(_BEGINNINGS) or bare.endswith("{") else None
    if match is None:
        return None
    name = next(group for group in match.groups() if group is not None)
    name = name.rpartition(".")[2]
    return None if name in _NOT_A_NAME else name


@dataclass(frozen=True, slots=True)
class Block:
    """Lines replaced in one place: `old_lines` from `old` on became `new_lines` from `new` on (1-based)."""

    old: int
    old_lines: int
    new: int
    new_lines: int

    def distance(self, line: int) -> int:
        """Lines between the changed place and `line` of the new file; 0 inside it or beside a deletion."""
        last = self.new + max(self.new_lines, 1) - 1
        return max(self.new - line, line - last, 0)


@dataclass(frozen=True, slots=True)
class Change:
    """The content of one file's patch. `functions` have changed lines in them or are themselves changed."""

    path: str
    functions: frozenset[str] = frozenset()
    definitions: frozenset[str] = frozenset()  # functions, classes, attributes, keys on changed lines
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()  # also what a migration's added lines drop or rename
    fresh: Mapping[str, frozenset[str]] = field(default_factory=dict)  # new function → names in it alone
    only_new: bool = False  # nothing but new functions and imports came, and nothing went
    unguarded: frozenset[str] = frozenset()  # functions that lost a check
    numbers: frozenset[str] = frozenset()  # those that came
    numbers_only: bool = False
    blocks: tuple[Block, ...] = ()
    cosmetic: bool = False  # comments, whitespace, quotes, commas and line breaks only

    def line_before(self, line: int) -> int:
        """Where `line` of the new file stood in the old one (the nearest place, if it is new)."""
        shift = 0
        for block in self.blocks:
            if line < block.new:
                break
            if line < block.new + block.new_lines:
                return block.old + min(line - block.new, max(block.old_lines - 1, 0))
            shift = block.old + block.old_lines - block.new - block.new_lines
        return line + shift


class _Reader:
    """Walks the lines of one patch."""

    def __init__(self) -> None:
        self.functions: set[str] = set()
        self.definitions: set[str] = set()
        self.added: list[tuple[str | None, str]] = []  # (function, text)
        self.removed: list[tuple[str | None, str]] = []
        self.new: set[str] = set()
        self.retired: list[str] = []
        self.blocks: list[Block] = []
        self._function: str | None = None
        self._old = self._new = 0
        self._start: tuple[int, int] | None = None

    def line(self, line: str) -> None:
        sign, text = line[:1], line[1:]
        if sign == "@":
            self.end_block()
            if (hunk := _HUNK.match(line)) is not None:
                self._old, self._new = int(hunk[1]), int(hunk[2])
                self._function = defined_name(hunk[3])
            return
        if sign == "\\":
            return
        name = defined_name(text)
        self._function = name or self._function
        if sign in {"+", "-"}:
            self._changed(sign, text, name)
        else:
            self.end_block()
        self._old += sign != "+"
        self._new += sign != "-"

    def _changed(self, sign: str, text: str, name: str | None) -> None:
        self._start = self._start or (self._old, self._new)
        if _COMMENT.match(text):
            return
        (self.added if sign == "+" else self.removed).append((self._function, text))
        if sign == "+" and _RETIRES.search(text):
            self.retired.append(text)
        if self._function and edits.tells(text):
            self.functions.add(self._function)
        if name:
            self.definitions.add(name)
            if sign == "+":
                self.new.add(name)
        elif (attribute := _ATTRIBUTE.match(text)) is not None:
            self.definitions.add(attribute[1] or attribute[2])

    def end_block(self) -> None:
        if self._start is not None:
            old, new = self._start
            self.blocks.append(Block(old, self._old - old, new, self._new - new))
            self._start = None


def read(file: FileChange) -> Change:
    """The change in `file`; empty when its patch was not served."""
    if not file.patch:
        return Change(file.path)
    reader = _Reader()
    lines = file.patch.split("\n", MAX_LINES)[:MAX_LINES]
    for line in sliding.settled(lines, defined_name):
        reader.line(line)
    reader.end_block()
    added, removed = [text for _, text in reader.added], [text for _, text in reader.removed]
    retired = frozenset(identifiers("\n".join(reader.retired)))
    return Change(
        path=file.path,
        functions=frozenset(reader.functions),
        definitions=frozenset(reader.definitions),
        added=frozenset(identifiers("\n".join(added))) - retired,
        removed=frozenset(identifiers("\n".join(removed))) | retired,
        fresh=_fresh(reader),
        only_new=not reader.removed and edits.only_new(reader.added, reader.new),
        unguarded=frozenset(edits.unguarded(reader.added, reader.removed)),
        numbers=frozenset(edits.numbers(added) - edits.numbers(removed)),
        numbers_only=edits.numbers_only(added, removed),
        blocks=tuple(reader.blocks),
        cosmetic=bool(reader.blocks) and _significant(added) == _significant(removed),
    )


def _fresh(reader: _Reader) -> dict[str, frozenset[str]]:
    """Names that only functions mention which were not there before."""
    gone = {function for function, _ in reader.removed}
    new = reader.new - gone
    elsewhere = [text for function, text in reader.added if function not in new]
    known = identifiers("\n".join([*elsewhere, *(text for _, text in reader.removed)]))
    return {
        name: frozenset(identifiers("\n".join(text for function, text in reader.added if function == name)))
        - known.keys()
        for name in new
    }


def _significant(lines: list[str]) -> str:
    return _INSIGNIFICANT.sub("", "\n".join(lines))
