"""What the sandbox Sentry knows: issues, their events, releases."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

_FIRST_ISSUE = 4_500_000_001
_FIRST_PROJECT = 4_509_000_001


@dataclass(slots=True)
class Release:
    """A release as three endpoints of the API show it."""

    data: Json
    deploys: list[Json]
    commits: list[Json]


@dataclass
class World:
    """Issues and releases are kept in API shape, events as stored, which is the shape of webhooks."""

    organization: str
    web_url: str
    issues: dict[str, Json] = field(default_factory=dict)
    events: dict[str, list[Json]] = field(default_factory=dict)
    activities: dict[str, list[Json]] = field(default_factory=dict)
    releases: dict[str, Release] = field(default_factory=dict)
    projects: dict[str, Json] = field(default_factory=dict)
    scopes: list[str] = field(
        default_factory=lambda: ["event:read", "event:write", "org:read", "project:read"]
    )
    apps: list[Json] = field(default_factory=list)

    def add_project(self, slug: str, platform: str = "python") -> Json:
        """The project of this slug, made if there is none."""
        number = str(_FIRST_PROJECT + len(self.projects))
        project = {"id": number, "name": slug, "slug": slug, "platform": platform}
        return self.projects.setdefault(slug, project)

    def add_app(self, slug: str, webhook_url: str, *, events: Sequence[str] = ("issue",)) -> Json:
        """An integration of the organization that sends its webhooks there."""
        app = {
            "slug": slug,
            "name": slug,
            "status": "internal",
            "webhookUrl": webhook_url,
            "events": list(events),
            "isAlertable": False,
        }
        self.apps.append(app)
        return app

    def add_issue(self, issue: Mapping[str, Any] | None = None, *, project: str = "checkout-web") -> Json:
        """Add an issue; what it does not say is filled in as for one that is new and unresolved."""
        given = dict(issue or {})
        number = str(given.get("id", _FIRST_ISSUE + len(self.issues)))
        of_project = given.get("project") or self.add_project(project)
        slug = of_project["slug"]
        seen = given.get("lastSeen", "2026-03-02T10:15:00.000000Z")
        defaults: Json = {
            "id": number,
            "shortId": f"{slug.upper()}-{len(self.issues) + 1}",
            "title": "Error",
            "culprit": "",
            "permalink": f"{self.web_url}/organizations/{self.organization}/issues/{number}/",
            "logger": None,
            "level": "error",
            "status": "unresolved",
            "statusDetails": {},
            "substatus": "new",
            "platform": of_project.get("platform"),
            "project": of_project,
            "type": "error",
            "issueType": "error",
            "issueCategory": "error",
            "metadata": {},
            "priority": "high",
            "assignedTo": None,
            "isUnhandled": True,
            "count": "1",
            "userCount": 0,
            "firstSeen": seen,
            "lastSeen": seen,
        }
        self.issues[number] = {**defaults, **given, "id": number}
        return self.issues[number]

    def add_event(self, issue_id: str, event: Mapping[str, Any]) -> Json:
        """Add an event, in webhook or API shape, to an issue that was added before; the newest comes last."""
        issue = self.issues[issue_id]
        stored = dict(event)
        if "entries" not in stored:
            defaults = {
                "event_id": uuid.uuid4().hex,
                "project": int(issue["project"]["id"]),
                "title": issue["title"],
                "culprit": issue["culprit"],
                "level": issue["level"],
                "platform": issue["platform"],
                "type": "error",
                "message": "",
                "datetime": issue["lastSeen"],
                "tags": [],
                "metadata": issue["metadata"],
            }
            stored = {**defaults, **stored}
        self.events.setdefault(issue_id, []).append(stored)
        return stored

    def add_activity(self, issue_id: str, kind: str, at: str) -> Json:
        """Add to an issue's history, for instance `set_regression`; the newest comes first."""
        history = self.activities.setdefault(issue_id, [])
        history.insert(0, {"id": str(len(history) + 1), "type": kind, "dateCreated": at, "data": {}})
        return history[0]

    def add_release(
        self,
        version: str,
        *,
        data: Mapping[str, Any] | None = None,
        deploys: Sequence[Mapping[str, Any]] = (),
        commits: Sequence[Mapping[str, Any]] = (),
    ) -> Json:
        """Add a release with rows as the API shows them, newest first."""
        shown: Json = {
            "version": version,
            "shortVersion": version,
            "status": "open",
            "ref": None,
            "url": None,
            "dateCreated": "2026-03-02T10:00:00.000000Z",
            "dateReleased": None,
            "commitCount": len(commits),
            "lastCommit": dict(commits[0]) if commits else None,
            "deployCount": len(deploys),
            "lastDeploy": dict(deploys[0]) if deploys else None,
            **(data or {}),
        }
        self.releases[version] = Release(
            shown, [dict(row) for row in deploys], [dict(row) for row in commits]
        )
        return shown
