"""Redact every text inside a model, a list or a dictionary. Pure."""

from __future__ import annotations

import re
from typing import Literal, TypeVar, cast

from pydantic import BaseModel

from investigator.redaction.names import NAME, STRONG_NAME
from investigator.redaction.text import kind_of, redact
from investigator.redaction.vault import PLACEHOLDER, Vault

Redaction = Literal["off", "credentials", "all"]

T = TypeVar("T")
_LONGEST_NAME = 200  # what is longer names nothing
_WORTHLESS = re.compile(r"['\"]{0,2}(?i:none|null|true|false|\[filtered\]|\**|<.*>|)['\"]{0,2}")


def redact_document(
    document: T, vault: Vault, redaction: Redaction, *, leave: frozenset[str] = frozenset()
) -> T:
    """The same document with its secrets replaced: credentials, with `all` also e-mail and IP addresses.

    A value that stands beside a name, as in a frame's variables or in tags, goes by that name. Fields of
    models named in `leave` stay as they are.
    """
    return document if redaction == "off" else cast(T, _Walk(vault, redaction == "all", leave).of(document))


class _Walk:
    def __init__(self, vault: Vault, personal: bool, leave: frozenset[str]) -> None:
        self._vault = vault
        self._leave = leave
        self._personal = personal
        self._known: dict[str, str] = {}  # the same texts come again in reports, suspects and commits

    def of(self, value: object) -> object:
        match value:
            case str():
                return self._text(value)
            case BaseModel():
                return self._model(value)
            case tuple():
                return self._tuple(value)
            case list():
                return [self.of(each) for each in value]
            case dict():
                return {key: self._beside(str(key), each) for key, each in value.items()}
            case _:
                return value

    def _text(self, text: str) -> str:
        if text not in self._known:
            self._known[text] = redact(text, self._vault, emails=self._personal, ips=self._personal)
        after = self._known[text]
        return text if after == text else after  # the same object tells that nothing changed

    def _model(self, model: BaseModel) -> BaseModel:
        changed = {
            name: after
            for name in type(model).model_fields
            if name not in self._leave and (after := self.of(before := getattr(model, name))) is not before
        }
        return model.model_copy(update=changed) if changed else model

    def _tuple(self, items: tuple[object, ...]) -> tuple[object, ...]:
        after = tuple(self._pair(each) if _is_pair(each) else self.of(each) for each in items)
        return items if all(new is old for new, old in zip(after, items, strict=True)) else after

    def _pair(self, pair: object) -> object:
        name, value = cast(tuple[str, str], pair)
        hidden = self._beside(name, value)
        return pair if hidden is value else (name, hidden)

    def _beside(self, name: str, value: object) -> object:
        if (
            not isinstance(value, str)
            or not NAME.search(name, 0, _LONGEST_NAME)
            or _WORTHLESS.fullmatch(value)
        ):
            return self.of(value)
        inner = value.strip("'\"")
        long_enough = len(inner) >= 8 and not inner.isdigit()
        if PLACEHOLDER.fullmatch(inner) or not (long_enough or STRONG_NAME.search(name, 0, _LONGEST_NAME)):
            return self.of(value)
        return value.replace(inner, self._vault.hide(inner, kind_of(name)))


def _is_pair(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(type(part) is str for part in value)
