"""What to ask GitHub about one event: names of the release, environments, likely paths. Pure."""

from __future__ import annotations

from itertools import chain, zip_longest

from investigator.evidence.deploys import release_revisions
from investigator.models.evidence import Deploy
from investigator.models.sentry import Frame, SentryEvent
from investigator.models.service import Service
from investigator.stack_paths import probes

MAX_PROBES = 80


def releases(event: SentryEvent | None, sentry_deploys: tuple[Deploy, ...]) -> tuple[str, ...]:
    """Git expressions for the release of the event, what Sentry knows of it first."""
    release = event.release if event else None
    known = (each.sha for each in sentry_deploys if release and each.name == release)
    return tuple(dict.fromkeys([*filter(None, known), *release_revisions(release)]))


def environments(event: SentryEvent | None, service: Service) -> tuple[str, ...]:
    """Names the service's environment may have at GitHub."""
    names = [service.environment, event.environment if event else None]
    if "production" in names:
        names.append("prod")
    return tuple(dict.fromkeys(name for name in names if name))


def likely_paths(frames: tuple[Frame, ...], service: Service) -> tuple[str, ...]:
    """Each frame's likeliest path first, then each one's second likeliest, and so on."""
    by_likelihood = chain.from_iterable(zip_longest(*(probes(frame, service) for frame in frames)))
    return tuple(dict.fromkeys(path for path in by_likelihood if path))[:MAX_PROBES]
