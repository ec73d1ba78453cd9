"""What is asked of GitHub's GraphQL, as parts. Their number depends on the stack trace.

The fixed texts are fragments in `queries/`. Here only aliases and variable names are generated, from counts.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from investigator.github.cache_policy import of_revision
from investigator.github.parts import Part
from investigator.models.base import Value

# Alerts of one cascade ask for the branch at nearly the same time: rounded up, they share an answer.
BRANCH_STEP = timedelta(minutes=5)


class HeadQuestion(Value):
    """The repository before head and base are chosen; see `Repository.head_facts`.

    `r0…` are the revisions, `p0…` the probed paths. The branch may be a little newer than `until`.
    """

    environments: tuple[str, ...]
    until: datetime
    revisions: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    probe_at: str = "HEAD"

    @property
    def parts(self) -> tuple[Part, ...]:
        rounded = _rounded_up(self.until).isoformat()
        owners = ("nameWithOwner", "url", "codeowners", "ownersGithub", "ownersRoot", "ownersDocs")
        return (
            Part("repository", owners, "...Owners", ("owners",), "head", fragments=("owners",)),
            Part(
                "repository",
                ("defaultBranchRef",),
                "...Branch",
                ("branch", rounded),
                "head",
                (("until", "GitTimestamp", rounded),),
                ("branch",),
            ),
            Part(
                "hosted",
                ("deployments", "releases"),
                "...Hosted",
                ("hosted", *self.environments),
                "head",
                (("environments", "[String!]", list(self.environments)),),
                ("hosted",),
            ),
            *(_revision(number, expression) for number, expression in enumerate(self.revisions)),
            *(_probe(number, f"{self.probe_at}:{path}") for number, path in enumerate(self.probes)),
        )


class RangeQuestion(Value):
    """What is in a range of commits; see `Repository.range_facts`.

    `window` is commits, `s0…` source and `b0…` blame of a file, `t0…` who touched a path; of the files to
    `read` there is source only. Each blame has its own alias of the commit: `blame` is never null in the
    schema, so that one missing file would take everything beside it away.
    """

    head: str
    since: datetime
    files: tuple[str, ...]
    touched: tuple[str, ...]
    read: tuple[str, ...] = ()
    pull_request_files: bool = False

    @property
    def parts(self) -> tuple[Part, ...]:
        at, start = ("head", "GitObjectID!", self.head), ("since", "GitTimestamp", self.since.isoformat())
        window = Part(
            "repository",
            ("window",),
            "window: object(oid: $head) { ...Window }",
            ("window", self.head, self.since.isoformat(), str(self.pull_request_files)),
            "window",
            (at, start, ("withPullRequestFiles", "Boolean!", self.pull_request_files)),
            ("window",),
        )
        blames = (_blame(number, self.head, path) for number, path in enumerate(self.files))
        touches = (
            Part(
                "touched",
                (f"t{number}",),
                f"t{number}: history(first: 50, since: $since, path: $t{number}) {{ nodes {{ ...Touch }} }}",
                ("touches", self.head, self.since.isoformat(), path),
                "immutable",
                (at, start, (f"t{number}", "String!", path)),
                ("touch",),
            )
            for number, path in enumerate(self.touched)
        )
        return (
            window,
            *texts(tuple(f"{self.head}:{path}" for path in (*self.files, *self.read))),
            *blames,
            *touches,
        )


def revision(expression: str) -> tuple[Part, ...]:
    """`r0` is the revision asked for."""
    return (_revision(0, expression),)


def texts(expressions: tuple[str, ...]) -> tuple[Part, ...]:
    """`s0…` are files by `SHA:path`, of commits known to be there."""
    return tuple(_source(number, expression) for number, expression in enumerate(expressions))


def _revision(number: int, expression: str) -> Part:
    return Part(
        "repository",
        (f"r{number}",),
        f"r{number}: object(expression: $r{number}) {{ ...Revision }}",
        ("revision", expression),
        of_revision(expression),
        ((f"r{number}", "String!", expression),),
        ("revision",),
    )


def _probe(number: int, expression: str) -> Part:
    return Part(
        "repository",
        (f"p{number}",),
        f"p{number}: object(expression: $p{number}) {{ __typename oid }}",
        ("probe", expression),
        of_revision(expression),
        ((f"p{number}", "String!", expression),),
    )


def _source(number: int, expression: str) -> Part:
    return Part(
        "repository",
        (f"s{number}",),
        f"s{number}: object(expression: $s{number}) {{ ...Source }}",
        ("source", expression),
        "immutable",
        ((f"s{number}", "String!", expression),),
        ("source",),
    )


def _blame(number: int, head: str, path: str) -> Part:
    blame = f"blame(path: $f{number}) {{ ...BlameFacts }}"
    return Part(
        "repository",
        (f"b{number}",),
        f"b{number}: object(oid: $head) {{ ... on Commit {{ {blame} }} }}",
        ("blame", head, path),
        "immutable",
        (("head", "GitObjectID!", head), (f"f{number}", "String!", path)),
        ("blame",),
    )


def _rounded_up(moment: datetime) -> datetime:
    step = BRANCH_STEP.total_seconds()
    return datetime.fromtimestamp(-(-moment.timestamp() // step) * step, UTC)
