"""A service of the catalogue (`pilot.yml`), or one made up from a Sentry project when there is none."""

from __future__ import annotations

from investigator.models.base import Value


class PullRequestRules(Value):
    """Who may open fix pull requests for a service, and what these may change (`allow`, `deny`: globs)."""

    allowed_groups: tuple[str, ...] = ()  # handles of Slack user groups
    labels: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()


class Service(Value):
    """`path` is the service's folder in a monorepo; `stack_root` is cut from absolute frame paths."""

    name: str
    sentry_projects: tuple[str, ...] = ()
    repository: str | None = None  # owner/name
    path: str | None = None
    stack_root: str | None = None
    channel: str = "#incidents"
    owners: tuple[str, ...] = ()  # Slack member ids, e-mail addresses, @user-groups
    incident_channel: bool | None = None  # a channel for each incident; None: as the catalogue has it for all
    environment: str = "production"
    depends_on: tuple[str, ...] = ()
    pull_requests: PullRequestRules = PullRequestRules()
