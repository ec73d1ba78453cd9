"""What the code host knows and git does not, as the JSON document that the sandbox's host loads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sandbox.demo_service.commits import Landed
from sandbox.demo_service.story import Story

_FIRST_DEPLOYMENT_ID = 710_000_001


def host_history(story: Story, landed: Sequence[Landed], now: datetime) -> dict[str, Any]:
    """Times are ISO 8601 in UTC; deployments and releases are oldest first."""
    return {
        "pull_requests": list(_pull_requests(landed, now)),
        "deployments": list(_deployments(landed, now)),
        "releases": list(_releases(landed, now)),
        "logins": {person.email: person.login for person in story.people},
    }


def _pull_requests(landed: Sequence[Landed], now: datetime) -> Iterator[dict[str, Any]]:
    for step in landed:
        pull = step.landing.pull_request
        if pull is None:
            continue
        yield {
            "number": pull.number,
            "title": pull.title,
            "body": pull.body,
            "author": step.landing.by.login,
            "state": "merged",
            "created_at": _iso(now - step.landing.changes[0].ago),
            "merged_at": _iso(now - step.landing.ago),
            "merge_commit": step.sha,
            "head_ref": pull.branch,
            "base_ref": "main",
            "commits": list(step.commits),
        }


def _deployments(landed: Sequence[Landed], now: datetime) -> Iterator[dict[str, Any]]:
    deploys = [
        (ago, environment, step) for step in landed for environment, ago in step.landing.deployed.items()
    ]
    deploys.sort(key=lambda deploy: deploy[0], reverse=True)
    for number, (ago, environment, step) in enumerate(deploys, start=_FIRST_DEPLOYMENT_ID):
        yield {
            "id": number,
            "sha": step.sha,
            "environment": environment,
            "created_at": _iso(now - ago),
            "state": "success",
            "creator": step.landing.by.login,
            "ref": step.landing.release or "main",
        }


def _releases(landed: Sequence[Landed], now: datetime) -> Iterator[dict[str, Any]]:
    for step in landed:
        if step.landing.release:
            yield {
                "tag": step.landing.release,
                "name": f"checkout {step.landing.release.removeprefix('v')}",
                "created_at": _iso(now - step.landing.ago),
                "author": step.landing.by.login,
            }


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
