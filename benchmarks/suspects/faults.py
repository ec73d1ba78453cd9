"""Faults: each changes a program (or a file beside it) and says how the program will crash because of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from benchmarks.suspects.programs import FIELDS, LIBRARIES, Function, Module, Program, Statement

Step = tuple[str, str]  # a function and the target of the statement that was running


@dataclass(frozen=True)
class Injected:
    """`crash` is the deepest step of our own; `files` are those beside the program (None: deleted)."""

    message: str
    crash: Step
    error: str
    names: dict[str, str] = field(default_factory=dict)
    files: Mapping[str, str | None] = field(default_factory=dict)
    library: str | None = None


Fault = Callable[[Program, random.Random], Injected]


def _any(program: Program, rng: random.Random, kind: str) -> tuple[Module, Function, int]:
    """A random statement of `kind`, in a function that is called."""
    found = [
        (module, function, index)
        for module in program.modules.values()
        for function in module.settled
        for index, one in enumerate(function.body)
        if one.kind == kind and one.subject != "amount"
    ]
    return rng.choice(found)


def wrong_attribute(program: Program, rng: random.Random) -> Injected:
    module, function, index = _any(program, rng, "attribute")
    name = rng.choice([one for one in FIELDS if one != function.body[index].name])
    function.body[index].name = name
    names = {"name": name, "thing": module.name}
    return Injected(
        f"Show the right amount in {module.name} pages",
        (function.name, function.body[index].target),
        "attribute",
        names,
    )


def new_code(program: Program, rng: random.Random) -> Injected:
    module, function, index = _any(program, rng, "attribute")
    name = rng.choice(FIELDS)
    function.body[index + 1 : index + 1] = [
        Statement("key", "extra", name, "options"),
        Statement("attribute", "hint", name, "extra"),
    ]
    return Injected(f"Support options for {module.name}", (function.name, "hint"), "null", {"name": name})


def field_renamed(program: Program, rng: random.Random) -> Injected:
    _, function, index = _any(program, rng, "attribute")
    old, new = function.body[index].name, "gross sum"
    owner = next((one for one in program.modules.values() if old in one.fields), None)
    if owner is None:
        raise Unsuited
    owner.fields[owner.fields.index(old)] = new
    return Injected(
        f"Clearer names in {owner.name}",
        (function.name, function.body[index].target),
        "attribute",
        {"name": old, "thing": owner.name},
    )


def signature(program: Program, rng: random.Random) -> Injected:
    _, function, index = _any(program, rng, "call")
    module, callee = program.find(function.body[index].name)
    callee.params.append("tenant id")
    names = {"function": callee.name, "name": "tenant id"}
    return Injected(
        f"Make {module.name} aware of tenants",
        (function.name, function.body[index].target),
        "arguments",
        names,
    )


def returns_null(program: Program, rng: random.Random) -> Injected:
    _, function, index = _any(program, rng, "call")
    module, callee = program.find(function.body[index].name)
    callee.body[-1] = Statement("key", "outcome", rng.choice(FIELDS), "options")
    names = {"name": function.body[index + 1].name}
    return Injected(
        f"Take {module.name} outcome from options",
        (function.name, function.body[index + 1].target),
        "null",
        names,
    )


def zero(program: Program, rng: random.Random) -> Injected:
    _, function, index = _any(program, rng, "call")
    module, callee = program.find(function.body[index].name)
    place = next(i for i, one in enumerate(callee.body) if one.kind == "number" and one.target == "share")
    callee.body[place].name = "0"
    return Injected(
        f"Adjust shares of {module.name}",
        (function.name, function.body[index + 1].target),
        "value",
        {"number": "0"},
    )


def guard_removed(program: Program, rng: random.Random) -> Injected:
    function = rng.choice(
        [one for module in program.modules.values() for one in module.settled if one.guarded]
    )
    function.guarded.remove("row")
    after = function.body[[one.target for one in function.body].index("row") + 1]
    return Injected("Drop needless checks", (function.name, after.target), "null", {"name": after.name})


def fix_reverted(program: Program, rng: random.Random) -> Injected:
    done = guard_removed(program, rng)
    return Injected('Revert "Guard against missing rows"', done.crash, done.error, done.names)


def column_renamed(program: Program, rng: random.Random) -> Injected:
    _, function, index = _any(program, rng, "query")
    old, table = (
        word.replace(" ", "_") for word in (function.body[index].name, function.body[index].subject)
    )
    files = {"db/migrations/0042_tidy.sql": f"ALTER TABLE {table} RENAME COLUMN {old} TO {old}_v2;\n"}
    return Injected(
        "Tidy the schema", (function.name, function.body[index].target), "column", {"name": old}, files
    )


def setting_removed(program: Program, rng: random.Random) -> Injected:
    _, function, index = _any(program, rng, "key")
    name = function.body[index].name
    kept = "".join(f"{one.replace(' ', '_')}: 1\n" for one in FIELDS if one != name)
    return Injected(
        "Clean up settings",
        (function.name, function.body[index].target),
        "key",
        {"name": name},
        {"config/shop.yml": kept},
    )


def dependency_bumped(program: Program, rng: random.Random) -> Injected:
    _, function, index = _any(program, rng, "call")
    library = rng.choice(LIBRARIES)
    program.pins[library] = "2.0.0"
    return Injected(
        f"Bump {library} from 1.4.0 to 2.0.0",
        (function.name, function.body[index].target),
        "library",
        {"name": "decode frame"},
        library=library,
    )


def module_moved(program: Program, rng: random.Random) -> Injected:
    _, function, index = _any(program, rng, "call")
    module, _callee = program.find(function.body[index].name)
    old = program.path(module)
    word, module.name = module.name, f"{module.name} core"
    return Injected(
        "Reorganise modules",
        (function.name, function.body[index].target),
        "module",
        {"name": word},
        {old: None},
    )


def timeout_lowered(program: Program, rng: random.Random) -> Injected:
    _, function, index = _any(program, rng, "query")
    text = SETTINGS.replace("timeout_seconds: 30", "timeout_seconds: 1")
    return Injected(
        "Fail faster",
        (function.name, function.body[index].target),
        "timeout",
        {},
        {"config/network.yml": text},
    )


class Unsuited(Exception):
    """This program has no place for the fault; another program is drawn."""


SETTINGS = (
    "".join(f"{word}: 8\n" for word in ("workers", "page_size", "batch_rows")) + "timeout_seconds: 30\n"
)


FAULTS: dict[str, Fault] = {
    "wrong attribute": wrong_attribute,
    "new code": new_code,
    "field renamed": field_renamed,
    "signature": signature,
    "returns null": returns_null,
    "zero": zero,
    "guard removed": guard_removed,
    "fix reverted": fix_reverted,
    "column renamed": column_renamed,
    "setting removed": setting_removed,
    "dependency bumped": dependency_bumped,
    "module moved": module_moved,
    "timeout lowered": timeout_lowered,
}

OUTAGES = (
    ("ConnectionRefusedError", "connect ECONNREFUSED 10.0.3.7:5432"),
    ("SSLError", "certificate verify failed: certificate has expired"),
    ("TimeoutError", "read timed out after 30s"),
    ("OperationalError", "could not connect to server: Connection refused"),
    ("MemoryError", "out of memory"),
    ("OSError", "No space left on device"),
    ("UnknownHostException", "getaddrinfo ENOTFOUND ledger.internal"),
    ("HTTPError", "503 Service Unavailable from ledger"),
)
