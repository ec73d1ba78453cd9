"""What GitHub's webhooks tell: which answers no longer hold, and what was deployed just now."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError
from redis.asyncio import Redis

from investigator import keys
from investigator.errors import BadPayload
from investigator.github.cache_policy import DAY, TURN_SECONDS, Subject
from investigator.models.base import Value
from investigator.models.evidence import Deploy, Person
from investigator.store import as_unavailable

SUBJECTS: dict[str, Subject] = {
    "push": "head",
    "create": "head",
    "delete": "head",
    "release": "head",
    "deployment": "head",
    "deployment_status": "head",
    "pull_request": "pulls",
    "pull_request_review": "pulls",
    "check_suite": "pulls",
    "check_run": "pulls",
}
DEPLOYS_KEPT = 50
DEPLOYS_SECONDS = 30 * DAY
SEEN_SECONDS = DAY


class Told(Value):
    """`deploy` is one that just succeeded."""

    repository: str
    subject: Subject
    deploy: Deploy | None = None


def is_signed(body: bytes, signature: str | None, secrets: Sequence[str]) -> bool:
    """Whether `signature` (X-Hub-Signature-256) fits the raw body and one of the secrets; constant time."""
    given = (signature or "").encode("utf-8", "replace")
    fitting = [
        hmac.compare_digest(
            b"sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode(), given
        )
        for secret in secrets
    ]
    return any(fitting)


def understood(event: str, payload: object) -> Told | None:
    """None for an event nothing here depends on.

    Raises:
        BadPayload: one that something depends on, without what it must hold.
    """
    subject = SUBJECTS.get(event)
    if subject is None:
        return None
    try:
        whole = _Payload.model_validate(payload)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the body"
        raise BadPayload(f"{event}: {where}: {first['msg']}") from error
    return Told(repository=whole.repository.full_name, subject=subject, deploy=whole.deploy)


async def record(store: Redis, told: Told, delivery: str) -> bool:
    """Have it hold from now on; False when this delivery came before.

    Raises:
        StoreUnavailable: it is not recorded; answers hold until their time is up.
    """
    with as_unavailable():
        if await store.exists(keys.github_delivery(delivery)):
            return False
        async with store.pipeline(transaction=True) as pipe:
            pipe.set(keys.github_delivery(delivery), "", ex=SEEN_SECONDS)
            pipe.set(keys.github_turn(told.repository, told.subject), delivery, ex=TURN_SECONDS)
            if told.deploy:
                deploys = keys.deploys(told.repository)
                pipe.lpush(deploys, told.deploy.model_dump_json())
                pipe.ltrim(deploys, 0, DEPLOYS_KEPT - 1)
                pipe.expire(deploys, DEPLOYS_SECONDS)
            await pipe.execute()
    return True


def recorded(raw: Sequence[bytes]) -> tuple[Deploy, ...]:
    """The deploys behind `keys.deploys`, without what this version does not understand."""
    found = []
    for each in raw:
        try:
            found.append(Deploy.model_validate_json(each, extra="ignore"))
        except ValidationError:
            continue
    return tuple(dict.fromkeys(found))


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Repository(_Wire):
    full_name: str


class _User(_Wire):
    login: str | None = None


class _Status(_Wire):
    state: str
    created_at: AwareDatetime
    environment: str | None = None
    log_url: str | None = None
    target_url: str | None = None


class _Deployment(_Wire):
    sha: str
    environment: str | None = None
    creator: _User | None = None


class _Payload(_Wire):
    repository: _Repository
    deployment: _Deployment | None = None
    deployment_status: _Status | None = None

    @property
    def deploy(self) -> Deploy | None:
        status, deployment = self.deployment_status, self.deployment
        if status is None or deployment is None or status.state != "success":
            return None
        environment = status.environment or deployment.environment
        login: Any = deployment.creator and deployment.creator.login
        return Deploy(
            source="github_deployment",
            name=environment or "deployment",
            sha=deployment.sha,
            environment=environment,
            at=status.created_at,
            state="success",
            by=Person(login=login) if login else None,
            url=status.log_url or status.target_url or None,
        )
