"""The service catalogue, `pilot.yml`: which project is which service, where its code and its people are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from investigator.errors import ConfigurationError
from investigator.models.base import Value
from investigator.models.incident_channel import IncidentChannels
from investigator.models.permission import Action
from investigator.models.routing import BusinessHours, Route
from investigator.models.service import PullRequestRules, Service
from investigator.settings import DEFAULT_CATALOG, Settings
from investigator.yaml_lines import lines_of, nearest

Repository = Annotated[str, StringConstraints(pattern=r"^[\w.-]+/[\w.-]+$")]
Handle = Annotated[str, StringConstraints(pattern=r"^@?[a-z0-9][a-z0-9._-]*$")]  # a Slack user group's
Who = Annotated[
    str, StringConstraints(pattern=r"^([UW][A-Z0-9]{1,20}|@[a-z0-9][a-z0-9._-]*|[^@\s]+@[^@\s]+)$")
]
Cycles = Literal["refused", "kept"]
_INFRASTRUCTURE = re.compile(r"^[a-z][a-z0-9_-]*:\S+$")  # postgres:orders, redis:sessions


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PullRequestEntry(_Entry):
    allowed_groups: tuple[Handle, ...] = Field(
        default=(), description="Slack user groups who may open fix PRs; without any, nobody may"
    )
    labels: tuple[str, ...] = Field(default=(), description="labels that fix PRs get")
    allow: tuple[str, ...] = Field(
        default=(), description="paths (globs) fix PRs may change although such files are refused by default"
    )
    deny: tuple[str, ...] = Field(default=(), description="further paths (globs) fix PRs may not change")


class Defaults(_Entry):
    channel: str | None = Field(default=None, description="where incidents go that no service claims")
    environment: str = Field(default="production", description="the environment whose deploys matter")


class ServiceEntry(_Entry):
    sentry_projects: tuple[str, ...] = Field(default=(), description="slugs; without any, the service's name")
    repository: Repository | None = Field(default=None, description="owner/name on GitHub")
    path: str | None = Field(default=None, description="the service's folder in a monorepo")
    stack_root: str | None = Field(default=None, description="what to strip from absolute frame paths")
    channel: str | None = None
    environment: str | None = None
    depends_on: tuple[str, ...] = Field(default=(), description="services, or infrastructure as kind:name")
    owners: tuple[Who, ...] = Field(
        default=(), description="whose it is: Slack member ids, e-mail addresses, @user-groups"
    )
    incident_channel: bool | None = Field(
        default=None, description="a channel for every incident of this service, or for none of them"
    )
    pull_requests: PullRequestEntry = PullRequestEntry()


class CatalogFile(_Entry):
    """The shape of `pilot.yml`; `pilot config schema` prints it as a JSON Schema."""

    defaults: Defaults = Defaults()
    permissions: dict[Action, tuple[Handle, ...]] = Field(
        default={}, description="action to the Slack user groups who may do it; unnamed ones are everybody's"
    )
    services: dict[str, ServiceEntry] = {}
    routes: tuple[Route, ...] = Field(default=(), description="the first that matches an incident counts")
    business_hours: BusinessHours | None = None
    incident_channels: IncidentChannels | None = Field(
        default=None, description="which incidents get a channel of their own; without it, none"
    )
    people: dict[str, Who] = Field(
        default={},
        description="who a GitHub login or team (org/team) is in Slack: member id, e-mail or @user-group",
    )


class Catalog(Value):
    """Services by name, and the one made up for a project that nobody claimed."""

    services: tuple[Service, ...] = ()
    routes: tuple[Route, ...] = ()
    business_hours: BusinessHours | None = None
    incident_channels: IncidentChannels | None = None
    people: Mapping[str, str] = {}
    permissions: Mapping[Action, tuple[str, ...]] = {}
    default_channel: str = "#incidents"
    default_environment: str = "production"

    def service(self, name: str) -> Service | None:
        return next((service for service in self.services if service.name == name), None)

    def service_of(self, project: str | None) -> Service:
        """The service that owns a Sentry project; a project nobody claims is a service of its own."""
        for service in self.services:
            if project is not None and project in service.sentry_projects:
                return service
        return Service(
            name=project or "unknown",
            sentry_projects=(project,) if project else (),
            channel=self.default_channel,
            environment=self.default_environment,
        )


def catalog_of(settings: Settings) -> Catalog:
    """The catalogue that the settings name, else `./pilot.yml`, else the empty one.

    Raises:
        ConfigurationError: naming the file, the line, and what is wrong there.
    """
    path = settings.pilot_catalog or (DEFAULT_CATALOG if DEFAULT_CATALOG.exists() else None)
    return load_catalog(path, default_channel=settings.pilot_channel)


def load_catalog(path: Path | None, *, default_channel: str, cycles: Cycles = "refused") -> Catalog:
    """Read the catalogue, or make the empty one when there is no file.

    `cycles` among dependencies are mistakes, except in the catalogue of a recorded case, which says how
    things were.

    Raises:
        ConfigurationError: naming the file, the line, and what is wrong there.
    """
    if path is None:
        return Catalog(default_channel=default_channel)
    try:
        text = path.read_text()
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be read: {error.strerror}; correct PILOT_CATALOG or --catalog"
        ) from None
    return parse_catalog(text, name=str(path), default_channel=default_channel, cycles=cycles)


def parse_catalog(
    text: str, *, name: str = "pilot.yml", default_channel: str = "#incidents", cycles: Cycles = "refused"
) -> Catalog:
    """Parse the text of a catalogue.

    Raises:
        ConfigurationError: naming the line and what is wrong there.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}:{mark.line + 1}" if mark else name
        raise ConfigurationError(f"{where}: not valid YAML: {getattr(error, 'problem', error)}") from None
    lines = dict(lines_of(root))
    try:
        file = CatalogFile.model_validate({} if data is None else data)
    except ValidationError as error:
        first = error.errors()[0]
        line = nearest(lines, first["loc"])
        field = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ConfigurationError(f"{name}:{line}: {field}: {first['msg']}") from None
    _refuse_dangling(file, name, lines)
    _refuse_hours_unknown(file, name, lines)
    if cycles == "refused":
        _refuse_cycles(file, name, lines)
    return _assemble(file, default_channel)


def _assemble(file: CatalogFile, default_channel: str) -> Catalog:
    channel = file.defaults.channel or default_channel
    return Catalog(
        default_channel=channel,
        routes=file.routes,
        business_hours=file.business_hours,
        incident_channels=file.incident_channels,
        people={login.removeprefix("@").lower(): who for login, who in file.people.items()},
        default_environment=file.defaults.environment,
        permissions={action: _handles(groups) for action, groups in file.permissions.items()},
        services=tuple(
            Service(
                name=name,
                sentry_projects=entry.sentry_projects or (name,),
                repository=entry.repository,
                path=entry.path.strip("/") if entry.path else None,
                stack_root=entry.stack_root,
                channel=entry.channel or channel,
                environment=entry.environment or file.defaults.environment,
                depends_on=entry.depends_on,
                owners=entry.owners,
                incident_channel=entry.incident_channel,
                pull_requests=_rules(entry.pull_requests),
            )
            for name, entry in file.services.items()
        ),
    )


def _rules(entry: PullRequestEntry) -> PullRequestRules:
    return PullRequestRules(
        allowed_groups=_handles(entry.allowed_groups),
        labels=entry.labels,
        allow=entry.allow,
        deny=entry.deny,
    )


def _handles(groups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(group.removeprefix("@") for group in groups))


def _refuse_dangling(file: CatalogFile, name: str, lines: Mapping[tuple[object, ...], int]) -> None:
    claimed: dict[str, str] = {}
    for service, entry in file.services.items():
        for index, dependency in enumerate(entry.depends_on):
            if dependency not in file.services and not _INFRASTRUCTURE.match(dependency):
                where = nearest(lines, ("services", service, "depends_on", index))
                raise ConfigurationError(
                    f"{name}:{where}: services.{service}.depends_on: there is no service {dependency!r}; "
                    "add it, or name infrastructure as kind:name (postgres:orders)"
                )
        for project in entry.sentry_projects or (service,):
            if project in claimed:
                where = nearest(lines, ("services", service, "sentry_projects"))
                raise ConfigurationError(
                    f"{name}:{where}: services.{service}.sentry_projects: {project!r} already belongs to "
                    f"{claimed[project]!r}; a Sentry project has one service"
                )
            claimed[project] = service


def _refuse_hours_unknown(file: CatalogFile, name: str, lines: Mapping[tuple[object, ...], int]) -> None:
    for index, route in enumerate(file.routes):
        if route.outside_hours and file.business_hours is None:
            where = nearest(lines, ("routes", index, "outside_hours"))
            raise ConfigurationError(
                f"{name}:{where}: routes.{index}.outside_hours: there are no business_hours to be outside; "
                "add them (timezone, days, opens, closes)"
            )


def _refuse_cycles(file: CatalogFile, name: str, lines: Mapping[tuple[object, ...], int]) -> None:
    cycle = find_cycle({service: entry.depends_on for service, entry in file.services.items()})
    if cycle:
        caller, callee = cycle[-2], cycle[-1]
        index = file.services[caller].depends_on.index(callee)
        where = nearest(lines, ("services", caller, "depends_on", index))
        raise ConfigurationError(
            f"{name}:{where}: services.{caller}.depends_on: {' → '.join(cycle)} is a cycle; name only what a "
            "service cannot work without, so that a root can be told from its victims"
        )


def find_cycle(needs: Mapping[str, Sequence[str]]) -> list[str] | None:
    """Services that depend on themselves by way of each other: each needs the next, the last is the first."""
    try:
        TopologicalSorter({name: list(needed) for name, needed in needs.items()}).prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        return cycle[::-1]
    return None
