"""Which commits are under suspicion: the code that ran, and what ran before it. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from investigator.github.answers import HeadFacts, HistoryEntry, Revision
from investigator.models.base import Value
from investigator.models.evidence import Deploy

WINDOW_COMMITS = 50
# An issue first seen longer ago is investigated by what runs now: people ask about its present flare-up.
FIRST_SEEN_COUNTS = timedelta(days=7)
SHA = re.compile(r"[0-9a-f]{7,40}")
DEPLOYED = ("github_deployment", "sentry_deploy")


class Choice(Value):
    """One end of the range. `how` continues a sentence: "the deployment of …"."""

    sha: str
    how: str
    at: datetime | None = None
    deploy: Deploy | None = None


def moment_of(first_seen: datetime | None, at: datetime) -> datetime:
    """When the fault was already in: the first occurrence, unless that is ancient."""
    return first_seen if first_seen and timedelta(0) <= at - first_seen <= FIRST_SEEN_COUNTS else at


def release_revisions(release: str | None) -> tuple[str, ...]:
    """Git expressions a Sentry release (`sha`, `name@sha`, `name@1.2.0+7`, a tag) may stand for."""
    if not release or any(character.isspace() for character in release):
        return ()
    version = release.rpartition("@")[2]
    bare = version.partition("+")[0]
    shas = [text for text in (version, release.rpartition("-")[2]) if SHA.fullmatch(text)]
    tags = [release, version, bare, f"v{bare}", release.replace("@", "-")]
    return tuple(dict.fromkeys([*shas, *(f"refs/tags/{tag}" for tag in tags)]))[:6]


def choose_head(
    facts: HeadFacts,
    deploys: tuple[Deploy, ...],
    *,
    asked: Revision | None,
    release: Revision | None,
    moment: datetime,
) -> Choice | None:
    """The commit that ran: asked for, named by the event's release, deployed at `moment`, or the branch then.

    None in a repository without commits.
    """
    named = asked or release
    if named:
        how = f"{named.sha[:7]} ({'as asked' if asked else 'the release the event names'})"
        first = next((each for each in reversed(ran(deploys)) if each.sha == named.sha), None)
        return Choice(sha=named.sha, how=how, at=named.committed_at, deploy=first)
    for each in _deployed(ran(deploys)):
        if each.sha and each.at and each.at <= moment and each.sha not in facts.lost:
            return Choice(sha=each.sha, how=in_words(each), at=each.at, deploy=each)
    branch = facts.branch_head
    if branch is None:
        return None
    how = f"{branch.sha[:7]} ({facts.branch} at that time, as no deployment says what ran)"
    return Choice(sha=branch.sha, how=how, at=branch.committed_at)


def choose_previous(facts: HeadFacts, deploys: tuple[Deploy, ...], head: Choice) -> Choice | None:
    """What ran before `head` did: the newest earlier deployment of another commit.

    Releases count only before a release: a service that is deployed without releases may have an old one.
    """
    until = head.deploy.at if head.deploy else head.at
    earlier = ran(deploys)
    if head.deploy is None:
        earlier = _deployed(earlier)
    for each in earlier:
        usable = each.sha and each.sha != head.sha and each.sha not in facts.lost
        if usable and each.sha and each.at and until and each.at < until:
            return Choice(sha=each.sha, how=in_words(each), at=each.at, deploy=each)
    return None


def window_start(head: str, *histories: Revision | None, whole: bool = False) -> Choice | None:
    """The commit `WINDOW_COMMITS` first-parent steps below `head`, or the oldest one known.

    None when `head` is in none of the histories, or is the only commit there is; with `whole`, also when the
    histories end before the window does.
    """
    known: dict[str, HistoryEntry] = {
        entry.sha: entry for history in histories if history for entry in history.history
    }
    step = known.get(head)
    if step is None:
        return None
    base: str | None = None
    for _ in range(WINDOW_COMMITS):
        if step is None and whole:
            return None
        if step is None or step.first_parent is None:
            break
        base, step = step.first_parent, known.get(step.first_parent)
    if base is None:
        return None
    at = known[base].committed_at if base in known else None
    return Choice(sha=base, how=f"a window of up to {WINDOW_COMMITS} steps along the branch", at=at)


def ran(deploys: tuple[Deploy, ...]) -> tuple[Deploy, ...]:
    """Those that succeeded and say when and what, newest first; releases only where nothing was deployed."""
    good = tuple(each for each in deploys if each.sha and each.at and each.state in (None, "success"))
    return tuple(sorted(_deployed(good) or good, key=_time, reverse=True))


def _deployed(deploys: tuple[Deploy, ...]) -> tuple[Deploy, ...]:
    return tuple(each for each in deploys if each.source in DEPLOYED)


def in_words(deploy: Deploy) -> str:
    sha = (deploy.sha or "")[:7]
    when = f", {deploy.at:%Y-%m-%d %H:%M} UTC" if deploy.at else ""
    if deploy.source in DEPLOYED:
        return f"{sha} (deployed to {deploy.environment or deploy.name}{when})"
    return f"{sha} (release {deploy.name}{when})"


def _time(deploy: Deploy) -> float:
    return deploy.at.timestamp() if deploy.at else 0.0
