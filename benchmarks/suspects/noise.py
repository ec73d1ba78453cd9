"""Innocent commits, some of them near the crash: what a suspect has to be told from."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from benchmarks.suspects.faults import SETTINGS
from benchmarks.suspects.programs import FIELDS, LIBRARIES, VERBS, Function, Program, Statement


@dataclass(frozen=True)
class Innocent:
    message: str
    files: dict[str, str | None] = field(default_factory=dict)


def innocent(program: Program, rng: random.Random, number: int) -> Innocent:
    """One commit that changes `program` or a file beside it and breaks nothing."""
    module = rng.choice(list(program.modules.values()))
    function = rng.choice(module.settled)
    kind = rng.choices(
        ["number", "note", "function", "field", "document", "test", "bump", "setting", "query"],
        [6, 4, 3, 1, 2, 2, 1, 1, 1],
    )[0]
    name = rng.choice(FIELDS)
    if kind == "number":
        next(one for one in function.body if one.target == "step").name = str(rng.randint(100, 999))
        return Innocent(f"Tune {function.name}")
    if kind == "note":
        function.body.insert(
            rng.randrange(len(function.body)), Statement("note", "", f"{name} is in minor units")
        )
        return Innocent(f"Explain {name} in {function.name}")
    if kind == "function":
        module.functions.append(_new_function(module.name, number, name, rng))
        return Innocent(f"Add {name} export to {module.name}")
    if kind == "field":
        module.fields.append(f"{name} {number}")
        return Innocent(f"Keep {name} of {module.name}")
    if kind == "query":
        body = [
            Statement("query", "row", name, f"{module.name} records"),
            Statement("key", "outcome", name, "row"),
        ]
        module.functions.append(Function(f"audit {module.name} {number}", [module.name], body))
        return Innocent(f"Audit {module.name}")
    return _beside(program, kind, name, function.name, rng, number)


def _beside(
    program: Program, kind: str, name: str, function: str, rng: random.Random, number: int
) -> Innocent:
    spell = program.dialect.spell
    if kind == "document":
        return Innocent(
            f"Document {name}", {f"docs/{number}.md": f"`{spell(function)}` reads {spell(name)}.\n"}
        )
    if kind == "test":
        text = f"check({spell(function)}, '{spell(name)}', {number})\n"
        return Innocent(f"Test {function}", {f"tests/case_{number}{program.dialect.suffix}": text})
    if kind == "bump":
        library = rng.choice(LIBRARIES)
        version = f"1.{number}.0"
        program.pins[library] = version
        return Innocent(f"Bump {library} to {version}")
    return Innocent(
        "Tune workers", {"config/network.yml": SETTINGS.replace("workers: 8", f"workers: {number}")}
    )


def _new_function(module: str, number: int, name: str, rng: random.Random) -> Function:
    body = [
        Statement("number", "step", str(number)),
        Statement("key", "row", name, "options"),
        Statement("attribute", "outcome", rng.choice(FIELDS), "row"),
    ]
    return Function(f"{rng.choice(VERBS)} {module} {number}", [module, "options"], body)
