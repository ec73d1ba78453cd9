"""A service of the catalogue (`pilot.yml`), or one made up from a Sentry project when there is none."""

from __future__ import annotations

from investigator.models.base import Value


class Service(Value):
    """`path` is the service's folder in a monorepo; `stack_root` is cut from absolute frame paths."""

    name: str
    sentry_projects: tuple[str, ...] = ()
    repository: str | None = None  # owner/name
    path: str | None = None
    stack_root: str | None = None
    channel: str = "#incidents"
    environment: str = "production"
    depends_on: tuple[str, ...] = ()
