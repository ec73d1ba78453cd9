"""Two versions of the program share a store during a deploy, and after going back one version.

Every stored document of the version before is read by this one, and of the next one by this one. For the
version before stands `first_documents.json`: each document with the fields it cannot do without, as it was
when first released. A field that is added needs a default; a document that is added needs an entry
(`python -m tests.investigator.test_two_versions` writes it).
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import investigator
from investigator.models.base import Document
from tests.fixtures.documents import STRANGER, document

FIRST = Path(__file__).parent / "first_documents.json"


def documents() -> list[type[Document]]:
    for module in pkgutil.walk_packages(investigator.__path__, "investigator."):
        importlib.import_module(module.name)
    found = sorted(set(_below(Document)), key=lambda each: each.__name__)
    return [each for each in found if each.__module__.startswith("investigator.")]


def _below(kind: type[Document]) -> Iterator[type[Document]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


KINDS = documents()


def first() -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(FIRST.read_text())
    return kept


def test_every_document_that_is_stored_is_written_down() -> None:
    assert {kind.__name__ for kind in KINDS} == set(first())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_the_version_before_wrote_is_read(kind: type[Document]) -> None:
    kind.model_validate_json(json.dumps(first()[kind.__name__]))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_the_next_version_adds_anywhere_is_passed_over(kind: type[Document]) -> None:
    plain, strange = (document(kind, whole=True, strangers=more) for more in (False, True))
    read = kind.model_validate_json(json.dumps(strange))
    assert read == kind.model_validate_json(json.dumps(plain))
    assert STRANGER not in read.model_dump_json()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_this_version_writes_it_reads(kind: type[Document]) -> None:
    read = kind.model_validate_json(json.dumps(document(kind, whole=True)))
    assert kind.model_validate_json(read.model_dump_json()) == read


if __name__ == "__main__":
    kept = first() if FIRST.exists() else {}
    made = {kind.__name__: kept.get(kind.__name__) or document(kind, whole=False) for kind in KINDS}
    FIRST.write_text(json.dumps(made, indent=1, sort_keys=True) + "\n")
