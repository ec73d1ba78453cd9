"""What is asked of GitHub's GraphQL, as parts. Their number depends on the stack trace.

The fixed texts are fragments in `queries/`. Here only aliases and variable names are generated, from counts.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from investigator.github.cache_policy import is_full_sha, of_revision
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
    schema, so that one missing file would take everything beside it away. `parents` are asked of the window
    and of what touched `files`; they are not needed when a comparison listed every commit.
    """

    head: str
    since: datetime
    files: tuple[str, ...]
    touched: tuple[str, ...]
    read: tuple[str, ...] = ()
    parents: bool = False
    pull_request_files: bool = False

    @property
    def parts(self) -> tuple[Part, ...]:
        return (
            self._window(),
            *texts(tuple(f"{self.head}:{path}" for path in (*self.files, *self.read))),
            *(_blame(number, self.head, path) for number, path in enumerate(self.files)),
            *(self._touches(number, path) for number, path in enumerate(self.touched)),
        )

    def _window(self) -> Part:
        fragments = (
            "range_commit",
            *_if(self.parents, "parents"),
            *_if(self.pull_request_files, "pull_request_files"),
        )
        history = f"history(first: 100, since: $since) {{ nodes {{ {_spread(fragments)} }} }}"
        return Part(
            "repository",
            ("window",),
            f"window: object(oid: $head) {{ ... on Commit {{ {history} }} }}",
            ("window", self.head, self.since.isoformat()),
            "window",
            self._bounds,
            fragments,
        )

    def _touches(self, number: int, path: str) -> Part:
        fragments = ("touch", *_if(self.parents and path in self.files, "parents"))
        history = f"history(first: 50, since: $since, path: $t{number})"
        return Part(
            "touched",
            (f"t{number}",),
            f"t{number}: {history} {{ nodes {{ {_spread(fragments)} }} }}",
            ("touches", self.head, self.since.isoformat(), path),
            "immutable",
            (*self._bounds, (f"t{number}", "String!", path)),
            fragments,
        )

    @property
    def _bounds(self) -> tuple[tuple[str, str, str], ...]:
        return ("head", "GitObjectID!", self.head), ("since", "GitTimestamp", self.since.isoformat())


def revision(expression: str) -> tuple[Part, ...]:
    """`r0` is the revision asked for."""
    return (_revision(0, expression),)


def texts(expressions: tuple[str, ...]) -> tuple[Part, ...]:
    """`s0…` are files by `SHA:path`, of commits known to be there."""
    return tuple(_source(number, expression) for number, expression in enumerate(expressions))


def _revision(number: int, expression: str) -> Part:
    fragments = _resolving(expression)
    return Part(
        "repository",
        (f"r{number}",),
        f"r{number}: object(expression: $r{number}) {{ {_spread(fragments[:1])} }}",
        ("revision", expression),
        of_revision(expression),
        ((f"r{number}", "String!", expression),),
        fragments,
    )


def _resolving(expression: str) -> tuple[str, ...]:
    """Fragments of which the first tells what `expression` stands for, and uses the others."""
    if is_full_sha(expression):
        return ("commit_history",)
    if expression.startswith("refs/tags/"):
        return ("tagged_commit",)
    return ("revision", "commit_history")


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


def _if(wanted: bool, fragment: str) -> tuple[str, ...]:
    return (fragment,) if wanted else ()


def _spread(fragments: tuple[str, ...]) -> str:
    """A fragment is named after its file: `range_commit` holds `RangeCommit`."""
    return " ".join(f"...{fragment.title().replace('_', '')}" for fragment in fragments)


def _rounded_up(moment: datetime) -> datetime:
    step = BRANCH_STEP.total_seconds()
    return datetime.fromtimestamp(-(-moment.timestamp() // step) * step, UTC)
