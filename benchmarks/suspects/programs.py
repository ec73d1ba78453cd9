"""Small programs as data: modules of functions of statements, rendered in a dialect."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from benchmarks.suspects.dialects import Dialect

NOUNS = (
    "order", "invoice", "cart", "coupon", "customer", "shipment", "refund", "ledger", "price", "stock",
    "voucher", "basket", "payment", "account",
)  # fmt: skip
VERBS = (
    "apply", "compute", "load", "find", "render", "parse", "validate", "collect", "settle", "export",
    "merge", "resolve",
)  # fmt: skip
FIELDS = (
    "total cents", "tax rate", "due date", "net weight", "ship region", "owner email", "unit price",
    "discount code", "line count", "paid amount", "currency code", "credit limit", "parcel size",
    "tracking number", "postal zone", "loyalty tier",
)  # fmt: skip
LIBRARIES = ("jsonpack", "httpwire", "moneykit", "taxtables", "pdfpress")


@dataclass
class Statement:
    """`kind` is call, attribute, key, query, number or note; it assigns `target` and names `name`."""

    kind: str
    target: str
    name: str
    subject: str = ""


@dataclass
class Function:
    name: str
    params: list[str]
    body: list[Statement]
    guarded: set[str] = field(default_factory=set)  # targets that are checked for null


@dataclass
class Module:
    name: str
    functions: list[Function]
    fields: list[str]

    @property
    def settled(self) -> list[Function]:
        """The functions it began with; those that innocent commits add are shorter and never crash."""
        return [function for function in self.functions if len(function.body) >= 5]


@dataclass
class Program:
    """All names are words apart (`total cents`); the dialect joins them."""

    dialect: Dialect
    modules: dict[str, Module]
    style: int = 0  # what the formatter made of it
    pins: dict[str, str] = field(default_factory=dict)  # library → version

    @property
    def manifest(self) -> str:
        return "".join(
            self.dialect.pin.format(n=name, v=version) + "\n" for name, version in self.pins.items()
        )

    def path(self, module: Module) -> str:
        d = self.dialect
        return f"{d.folder}/{d.spell(module.name)}{d.suffix}"

    def find(self, function: str) -> tuple[Module, Function]:
        return next(
            (module, one)
            for module in self.modules.values()
            for one in module.functions
            if one.name == function
        )

    def files(self) -> dict[str, str]:
        return {self.path(module): self.render(module)[0] for module in self.modules.values()}

    def render(self, module: Module) -> tuple[str, dict[tuple[str, str], int]]:
        """The module's text, and the line of each (function, target)."""
        d, lines, where = self.dialect, [], {}
        head = d.file_open.format(title=module.name, stem=d.spell(module.name))
        lines += head.split("\n")[:-1] + [d.field.format(n=d.spell(one)) for one in module.fields] + [""]
        for function in module.functions:
            lines.append(d.function.format(name=d.spell(function.name), params=self._names(function.params)))
            for statement in function.body:
                where[function.name, statement.target] = len(lines) + 1
                lines += self._statement(statement).split("\n")
                if statement.target in function.guarded:
                    lines += d.guard.format(x=d.spell(statement.target)).split("\n")
            lines += [d.returns.format(x=d.spell(function.body[-1].target)), d.close, ""]
        text = "\n".join(lines) + "\n" + d.file_close
        if self.style:  # a formatter's pass: wider indentation, the other quotes
            other = text.replace('"', "\0").replace("'", '"').replace("\0", "'")
            text = "\n".join(
                line.replace("  ", "   ", 1) if line.startswith("  ") else line for line in other.split("\n")
            )
        return text, where

    def _names(self, names: list[str]) -> str:
        return ", ".join(self.dialect.spell(name) for name in names)

    def _statement(self, one: Statement) -> str:
        d = self.dialect
        if one.kind == "note":
            return d.comment.format(text=one.name)
        subject, name = d.spell(one.subject) if one.subject else "", d.spell(one.name)
        expression = {
            "call": lambda: d.call.format(f=name, a=subject),
            "attribute": lambda: d.attribute.format(x=subject, n=name),
            "key": lambda: d.key.format(x=subject, n=name),
            "query": lambda: d.query.format(n=one.name.replace(" ", "_"), t=one.subject.replace(" ", "_")),
            "number": lambda: one.name,
        }[one.kind]()
        return d.assign.format(x=d.spell(one.target), e=expression)


def program(dialect: Dialect, rng: random.Random) -> Program:
    """Eight modules of five functions that call on one another, innermost modules last."""
    nouns = rng.sample(NOUNS, 8)
    modules: dict[str, Module] = {}
    inner: list[str] = []
    for depth, noun in enumerate(reversed(nouns)):
        functions = [_function(noun, verb, inner if depth else [], rng) for verb in rng.sample(VERBS, 5)]
        modules[noun] = Module(noun, functions, rng.sample(FIELDS, 5))
        inner = [function.name for function in functions]
    return Program(dialect, modules, pins=dict.fromkeys(LIBRARIES, "1.4.0"))


def _function(noun: str, verb: str, inner: list[str], rng: random.Random) -> Function:
    body = [Statement("number", "step", str(rng.randint(1, 99)))]
    if inner:
        body.append(Statement("call", "row", rng.choice(inner), noun))
        body.append(Statement("attribute", "amount", rng.choice(FIELDS), "row"))
    else:
        body.append(Statement("query", "row", rng.choice(FIELDS), f"{noun} records"))
        body.append(Statement("key", "amount", rng.choice(FIELDS), "row"))
    body.append(Statement("number", "share", str(rng.randint(1, 99))))
    body.append(Statement("attribute", "outcome", rng.choice(FIELDS), "amount"))
    name = f"{verb} {noun} {rng.choice(['rows', 'sum', 'view', 'batch', 'state'])}"
    return Function(name, [noun, "options"], body, {"row"} if rng.random() < 0.4 else set())
