"""`POST /github/webhook`: what GitHub tells early, so that less need be asked during an incident.

A delivery that is lost costs freshness only: whatever is remembered of GitHub also ends by its age, and
deploys told of here are asked for again. So it is recorded in place, without inbox or spool.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import orjson
import redis.asyncio
import structlog
from aiohttp import web

from bot.request_body import MIB, BodyReader, BodyRefused
from investigator.errors import BadPayload, StoreUnavailable
from investigator.fixes.following import followed
from investigator.github.webhooks import is_signed, record, understood

log = structlog.get_logger(__name__)

Look = Callable[[], Awaitable[object]]
OF_PULLS = frozenset({"pull_request", "pull_request_review", "check_suite", "check_run", "deployment_status"})

MAX_BYTES = 25 * MIB  # GitHub sends no larger ones
NOT_SET_UP = (
    "GitHub's webhooks are not set up here: set GITHUB_WEBHOOK_SECRET to the secret of the webhook "
    "(see docs/github.md)"
)
UNSIGNED = "no X-Hub-Signature-256 header: give the webhook a secret at GitHub"
BAD_SIGNATURE = "the signature fits no secret: set GITHUB_WEBHOOK_SECRET to the webhook's secret"
NOT_JSON = "the body is no JSON: set the webhook's content type to application/json"


class GitHubWebhook:
    """`secrets`: the webhook's, old and new while one rotates; without any, nothing is accepted.

    `look` is called when something may have become of a fix pull request that we opened.
    """

    def __init__(
        self,
        secrets: Sequence[str],
        store: redis.asyncio.Redis,
        *,
        reader: BodyReader | None = None,
        look: Look | None = None,
    ) -> None:
        self._secrets = secrets
        self._store = store
        self._look = look
        self._reader = reader or BodyReader(max_bytes=MAX_BYTES)

    def add_to(self, app: web.Application) -> None:
        app.router.add_post("/github/webhook", self.handle)

    async def handle(self, request: web.Request) -> web.Response:
        event = request.headers.get("X-GitHub-Event", "")
        status, answer = await self._answer(request, event)
        log.info("github_webhook", webhook=event[:40], http_status=status, **answer)
        return web.json_response(answer, status=status)

    async def _answer(self, request: web.Request, event: str) -> tuple[int, dict[str, str]]:
        if not self._secrets:
            return 404, {"error": NOT_SET_UP}
        try:
            body = await self._reader.read(request)
        except BodyRefused as refused:
            return refused.status, {"error": str(refused)}
        signature = request.headers.get("X-Hub-Signature-256")
        if not is_signed(body, signature, self._secrets):
            return 401, {"error": BAD_SIGNATURE if signature else UNSIGNED}
        delivery = request.headers.get("X-GitHub-Delivery", "")
        if not event or not delivery:
            return 400, {"error": "X-GitHub-Event or X-GitHub-Delivery is missing: send what GitHub sent"}
        return await self._recorded(event, delivery[:100], body)

    async def _recorded(self, event: str, delivery: str, body: bytes) -> tuple[int, dict[str, str]]:
        try:
            told = understood(event, orjson.loads(body))
            if told is None:
                return 200, {"status": "ignored"}
            new = await record(self._store, told, delivery)
            if new and self._look and event in OF_PULLS and await followed(self._store):
                await self._look()
        except orjson.JSONDecodeError:
            return 400, {"error": NOT_JSON}
        except BadPayload as error:
            return 400, {"error": f"{error}: send what GitHub sent, unchanged"}
        except StoreUnavailable:
            return 503, {"error": "the store is away: redeliver it later, or let it be"}
        return 200, {"status": "recorded" if new else "duplicate"}
