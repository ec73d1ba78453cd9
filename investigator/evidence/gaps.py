"""What could not be read, in words a person can act on. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from investigator.errors import OutsideCallFailed
from investigator.github.graphql import GraphQLError
from investigator.models.evidence import Gap

REMEDIES = {
    "not_found": "check the repository's name in pilot.yml and that the GitHub credential may read it",
    "forbidden": "give the GitHub credential read access to contents, pull requests and deployments",
    "unauthorized": "renew GITHUB_TOKEN, or the app in GITHUB_APPS",
    "rate_limited": "investigate again when GitHub's limit has been reset",
    "timeout": "investigate again; see githubstatus.com if it happens often",
    "unreachable": "check the network and GITHUB_API_URL",
    "server_error": "investigate again; see githubstatus.com if it happens often",
    "bad_answer": "check that GITHUB_API_URL is GitHub's API and no proxy answers in its place",
    "cut": "raise PILOT_EVIDENCE_BUDGET_SECONDS, or investigate again",
    "rejected": "check the repository's name in pilot.yml",
}
SUSPENDED = "unsuspend the app's installation in the organisation's settings, under GitHub Apps"
PARTS = {
    "hosted": "deployments and releases",
    "codeowners": "CODEOWNERS",
    "window": "pull requests",
    "touched": "who touched which file",
}


def gap(what: str, why: str, remedy: str) -> Gap:
    return Gap(source="github", what=what, why=why, remedy=remedy)


def failed(what: str, failure: OutsideCallFailed) -> Gap:
    """`what` names the evidence that is missing because of `failure`."""
    why = f"{failure.kind.replace('_', ' ')}: {failure.detail}"
    if failure.retry_after:
        why += f" (free again in {failure.retry_after:.0f} s)"
    return gap(what, why, _remedy(failure.kind, failure.detail))


def no_revision(name: str) -> Gap:
    return gap(f"revision {name}", "the repository has no such commit", "name a commit it has")


TREE_CUT = gap(
    "where some frames lie",
    "the repository has more files than GitHub lists",
    "set `path` and `stack_root` of the service in pilot.yml, so that their paths can be told",
)
EMPTY = gap("commits", "the repository is empty", "check the service's repository in pilot.yml")


def uncomparable(base: str, head: str, failure: OutsideCallFailed) -> Gap:
    """Of two commits; that one is not there, or that they have no common history, is no matter of access."""
    told = failed(f"the commits between {base[:7]} and {head[:7]}", failure)
    if failure.kind != "not_found":
        return told
    return told.model_copy(update={"remedy": "name a base that the repository has and the head comes from"})


def nothing_between(base: str, head: str) -> Gap:
    why = f"{base[:7]} has every commit of {head[:7]} already"
    return gap("commits under suspicion", why, "name a base that is older than the head")


def set_aside(credentials: Mapping[str, str], told: Sequence[Gap]) -> tuple[Gap, ...]:
    """Credentials GitHub refuses, by label, and why; without those that `told` gaps name already."""
    return tuple(
        gap(f"{label} is not used for now", f"GitHub refused it: {why}", _remedy("unauthorized", why))
        for label, why in credentials.items()
        if not any(why in each.why for each in told)
    )


def _remedy(kind: str, detail: str) -> str:
    return SUSPENDED if "suspended" in detail.lower() else REMEDIES[kind]


def no_code(node: str) -> Gap:
    return Gap(
        source="catalog",
        what="commits were not looked at",
        why=f"the likely root, `{node}`, is infrastructure and has no repository",
        remedy="mark a service as the root if its code is to blame",
    )


NO_CREDENTIALS = gap(
    "commits were not looked at",
    "no GitHub credentials",
    "set GITHUB_TOKEN or GITHUB_APPS (see .env.example)",
)


def partly(errors: tuple[GraphQLError, ...]) -> tuple[Gap, ...]:
    """One gap for each part of an answer that GitHub refused, in its own words.

    Errors about single files and revisions are left out: those are missed, and named, where they are used.
    """
    refused = dict.fromkeys((PARTS[part], error.message) for error in errors if (part := _part(error)))
    return tuple(gap(part, f"GitHub refused: {why}", REMEDIES["forbidden"]) for part, why in refused)


def _part(error: GraphQLError) -> str | None:
    return next((step for step in error.path if isinstance(step, str) and step in PARTS), None)


def no_repository(service: str) -> Gap:
    return Gap(
        source="catalog",
        what="commits were not looked at",
        why=f"the service {service} has no repository",
        remedy=f"add `repository: owner/name` to the service {service} in pilot.yml",
    )
