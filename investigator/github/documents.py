"""GraphQL documents whose number of aliases depends on the stack trace.

The fixed parts are fragments in `queries/`. Here only aliases and variable names are generated, from counts:
paths and revisions, which come from outside, travel as variables and never become query text.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

QUERIES = files("investigator.github") / "queries"


@cache
def head_facts(revisions: int, probes: int) -> str:
    """`r0…` are the revisions asked for, `p0…` the probed paths; variables have the same names.

    Deployments have their own alias of the repository: they are never null in the schema, so that a
    credential that may not read them would lose everything beside them.
    """
    aliases = [f"r{n}: object(expression: $r{n}) {{ ...Revision }}" for n in range(revisions)]
    aliases += [f"p{n}: object(expression: $p{n}) {{ __typename oid }}" for n in range(probes)]
    variables = ["$environments: [String!]", "$until: GitTimestamp"]
    variables += [f"$r{n}: String!" for n in range(revisions)] + [f"$p{n}: String!" for n in range(probes)]
    fragments = ("head_facts", "hosted", "revision") if revisions else ("head_facts", "hosted")
    hosted = "hosted: repository(owner: $owner, name: $name) { ...Hosted }"
    return _operation("HeadFacts", variables, ["...HeadFacts", *aliases], fragments, beside=hosted)


@cache
def revision() -> str:
    """`r0` is the revision asked for."""
    return _operation(
        "Revision", ["$r0: String!"], ["r0: object(expression: $r0) { ...Revision }"], ("revision",)
    )


@cache
def texts(files: int) -> str:
    """`s0…` are files by `SHA:path`."""
    aliases = [f"s{n}: object(expression: $s{n}) {{ ...Source }}" for n in range(files)]
    return _operation("Texts", [f"$s{n}: String!" for n in range(files)], aliases, ("source",))


@cache
def range_facts(files: int, touched: int) -> str:
    """`s0…` is source and `b0…` blame of a file, `t0…` who touched a path; `e0…` are `SHA:path`.

    Each blame has its own alias of the commit: `blame` is never null in the schema, so that one missing file
    would take everything beside it away.
    """
    aliases = ["window: object(oid: $head) { ...Window }"]
    for n in range(files):
        aliases.append(f"s{n}: object(expression: $e{n}) {{ ...Source }}")
        aliases.append(
            f"b{n}: object(oid: $head) {{ ... on Commit {{ blame(path: $f{n}) {{ ...BlameFacts }} }} }}"
        )
    touches = [
        f"t{n}: history(first: 50, since: $since, path: $t{n}) {{ nodes {{ oid }} }}" for n in range(touched)
    ]
    if touches:
        aliases.append(f"touched: object(oid: $head) {{ ... on Commit {{ {' '.join(touches)} }} }}")
    variables = ["$head: GitObjectID!", "$since: GitTimestamp", "$withPullRequestFiles: Boolean!"]
    variables += [f"$e{n}: String! $f{n}: String!" for n in range(files)]
    variables += [f"$t{n}: String!" for n in range(touched)]
    fragments = ("window", "source", "blame") if files else ("window",)
    return _operation("RangeFacts", variables, aliases, fragments)


def _operation(
    name: str, variables: list[str], selections: list[str], fragments: tuple[str, ...], *, beside: str = ""
) -> str:
    head = f"query {name}($owner: String!, $name: String!, {', '.join(variables)}) {{"
    body = "\n    ".join(selections)
    query = f"{head}\n  repository(owner: $owner, name: $name) {{\n    {body}\n  }}\n  {beside}\n}}\n"
    return query + "\n".join(_fragment(fragment) for fragment in fragments)


@cache
def _fragment(name: str) -> str:
    return (QUERIES / f"{name}.graphql").read_text(encoding="utf-8")
