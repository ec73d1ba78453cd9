"""Files at commits, with mode and exact content: the question, and how its answer is understood. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence

from investigator.github.failures import bad_answer
from investigator.github.graphql import GraphQLAnswer
from investigator.github.parts import Part
from investigator.github.wire import Wire, read
from investigator.github.wire_rest import Rest
from investigator.models.base import Value
from investigator.models.fix import File

MAX_BYTES = 1_000_000
Place = tuple[str, str]  # (full SHA of a commit, path)


class Entry(Value):
    """What a commit has at a path. `exact`: `file` is it; otherwise its content is to be read by its id."""

    file: File
    exact: bool


class Blob(Value):
    """The bytes of a file, in base 64 without line breaks."""

    content: str

    @property
    def bytes(self) -> bytes:
        return base64.b64decode(self.content)


class _Object(Wire):
    byte_size: int | None = None
    is_binary: bool | None = None
    is_truncated: bool | None = None
    text: str | None = None


class _Entry(Wire):
    mode: int
    oid: str
    object: _Object | None = None


class _Commit(Wire):
    file: _Entry | None = None


class _Blob(Rest):
    content: str
    encoding: str


def parts(places: Sequence[Place]) -> tuple[Part, ...]:
    return tuple(_part(number, place) for number, place in enumerate(places))


def entries(answer: GraphQLAnswer, places: Sequence[Place]) -> dict[Place, Entry]:
    """What is there; a place where nothing is has no entry.

    Raises:
        OutsideCallFailed: bad_answer, when a part did not come.
    """
    repository = answer.data.get("repository")
    data = repository if isinstance(repository, dict) else {}
    found = {}
    for number, place in enumerate(places):
        if data.get(f"e{number}") is None:
            raise bad_answer(f"no commit {place[0][:7]}, or its files did not come")
        commit = read(_Commit.model_validate, data[f"e{number}"])
        if commit.file is not None:
            found[place] = _understood(commit.file)
    return found


def blob(data: object) -> Blob:
    """Raises OutsideCallFailed (bad_answer) when the answer does not fit."""
    answer = read(_Blob.model_validate, data)
    try:
        content = base64.b64decode(answer.content) if answer.encoding == "base64" else answer.content.encode()
    except binascii.Error:
        raise bad_answer("a blob that is not base 64") from None
    return Blob(content=base64.b64encode(content).decode())


def _part(number: int, place: Place) -> Part:
    sha, path = place
    return Part(
        "repository",
        (f"e{number}",),
        f"e{number}: object(oid: $c{number}) {{ ... on Commit {{ file(path: $f{number}) {{ ...Entry }} }} }}",
        ("entry", sha, path),
        "immutable",
        ((f"c{number}", "GitObjectID!", sha), (f"f{number}", "String!", path)),
        ("entry",),
    )


def _understood(entry: _Entry) -> Entry:
    found = entry.object or _Object()
    file = File(mode=entry.mode, content=None, oid=entry.oid)
    if found.byte_size is None or found.is_binary or found.byte_size > MAX_BYTES:
        return Entry(file=file, exact=True)  # a submodule, or nothing that is merged as text
    content = (found.text or "").encode(errors="replace")
    if _id_of(content, len(entry.oid)) == entry.oid:
        return Entry(file=file.model_copy(update={"content": content}), exact=True)
    return Entry(file=file, exact=False)


def _id_of(content: bytes, length: int) -> str:
    """The id git gives a file; GraphQL's text of one that is not UTF-8, or is long, has another."""
    whole = b"blob %d\0%b" % (len(content), content)
    if length == hashlib.sha256().digest_size * 2:
        return hashlib.sha256(whole).hexdigest()
    return hashlib.sha1(whole, usedforsecurity=False).hexdigest()
