"""A small language to write down what Slack accepts; each check yields a complaint per broken rule.

A check takes a value and its JSON pointer. Complaints are worded and placed the way Slack does it:
`must be less than 3001 characters [json-pointer:/blocks/0/text/text]`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

Check = Callable[[object, str], Iterator[str]]
Fields = Mapping[str, Check]


def complaint(rule: str, pointer: str) -> str:
    """One broken rule and where."""
    return f"{rule} [json-pointer:{pointer}]"


def string(longest: int, *, shortest: int = 1) -> Check:
    """A string of `shortest` to `longest` characters."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield complaint("must be a string", pointer)
        elif len(value) < shortest:
            yield complaint(f"must be more than {shortest - 1} characters", pointer)
        elif len(value) > longest:
            yield complaint(f"must be less than {longest + 1} characters", pointer)

    return check


def url(longest: int = 3000) -> Check:
    """An absolute http, https or slack address."""
    length = string(longest)

    def check(value: object, pointer: str) -> Iterator[str]:
        yield from length(value, pointer)
        if isinstance(value, str) and not value.startswith(("http://", "https://", "slack://", "mailto:")):
            yield complaint("must be a valid URL", pointer)

    return check


def choice(*allowed: str) -> Check:
    """One of these strings."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if value not in allowed:
            yield complaint(f"must be one of: {', '.join(allowed)}", pointer)

    return check


def boolean(value: object, pointer: str) -> Iterator[str]:
    """true or false."""
    if not isinstance(value, bool):
        yield complaint("must be a boolean", pointer)


def number(lowest: int | None = None, highest: int | None = None) -> Check:
    """A number within bounds, both included."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield complaint("must be a number", pointer)
        elif (lowest is not None and value < lowest) or (highest is not None and value > highest):
            yield complaint(f"must be between {lowest} and {highest}", pointer)

    return check


def array(item: Check, most: int, *, least: int = 1) -> Check:
    """A list of `least` to `most` items that pass `item`."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield complaint("must be an array", pointer)
            return
        if len(value) > most:
            yield complaint(f"no more than {most} items allowed", pointer)
        if len(value) < least:
            yield complaint(f"must have at least {least} items", pointer)
        for index, each in enumerate(value[:most]):
            yield from item(each, f"{pointer}/{index}")

    return check


def record(
    required: Fields,
    optional: Fields | None = None,
    *,
    any_of: Collection[str] = (),
    rule: Check | None = None,
) -> Check:
    """An object with these fields and no others; of `any_of` at least one must be there."""
    known = {**required, **(optional or {})}

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield complaint("must be an object", pointer)
            return
        for name in required:
            if name not in value:
                yield complaint(f"missing required field: {name}", pointer)
        if any_of and not any(name in value for name in any_of):
            yield complaint(f"at least one is required of: {', '.join(any_of)}", pointer)
        for name, each in value.items():
            if name not in known:
                yield complaint(f"invalid additional property: {name}", pointer)
            else:
                yield from known[name](each, f"{pointer}/{name}")
        if rule is not None:
            yield from rule(value, pointer)

    return check


def tagged(table: Fields) -> Check:
    """An object whose `type` picks its check from `table`."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield complaint("must be an object", pointer)
            return
        kind = value.get("type")
        if kind is None:
            yield complaint("missing required field: type", pointer)
        elif not isinstance(kind, str) or kind not in table:
            yield complaint(f"unsupported type: {kind}", f"{pointer}/type")
        else:
            yield from table[kind](value, pointer)

    return check


def later(find: Callable[[], Check]) -> Check:
    """A check that is looked up when used: for structures that contain themselves."""

    def check(value: object, pointer: str) -> Iterator[str]:
        yield from find()(value, pointer)

    return check
