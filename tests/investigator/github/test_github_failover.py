"""Several credentials: the next one takes over within the same investigation, and all workers know why."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest
from aiohttp import web

from investigator.deadline import Deadline
from investigator.errors import OutsideCallFailed
from investigator.github.cache_policy import fingerprint
from investigator.github.client import GitHub
from investigator.github.credentials import App, Credentials, PersonalToken
from investigator.github.repository import Repository
from investigator.github.shared import Shared
from investigator.github.standings import Standings
from investigator.store import connect_sync
from sandbox.serving import serve
from tests.fixtures.code_history import event, frame, gather, words
from tests.fixtures.github_repository import START, TOKEN, Change, Served, served, write_repository

Answer = tuple[int, dict[str, str], str]  # status, headers, body


class Host:
    """A host that treats each token as the test says, and remembers who asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.url = ""
        self.app = web.Application()
        self.app.router.add_route("*", "/{path:.*}", self._answer)

    async def _answer(self, request: web.Request) -> web.Response:
        token = request.headers["Authorization"].partition(" ")[2]
        self.asked.append(token)
        fine: Answer = (200, {}, json.dumps({"sha": "abc", "commit": {"message": f"read by {token}"}}))
        status, headers, body = self.answers.get(token, fine)
        return web.Response(status=status, headers=headers, text=body, content_type="application/json")


LIMITED: Answer = (403, {"x-ratelimit-remaining": "0", "retry-after": "600"}, "{}")
SECONDARY: Answer = (403, {}, '{"message": "You have exceeded a secondary rate limit"}')
REFUSED: Answer = (401, {}, '{"message": "Bad credentials"}')
SUSPENDED: Answer = (403, {}, '{"message": "This installation has been suspended"}')


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    running = Host()
    async with serve(running.app) as url:
        running.url = url
        yield running


class Workers:
    def __init__(self, host: Host, standings: Standings) -> None:
        self.host = host
        self.standings = standings
        self.made: list[GitHub] = []

    def repository(
        self, tokens: Sequence[str] = ("one", "two"), *, rotation: bool = False, name: str = "acme/shop"
    ) -> Repository:
        """Of a worker of its own, that knows what the store knows."""
        credentials = Credentials(
            [PersonalToken(token, token) for token in tokens], standings=self.standings, rotation=rotation
        )
        self.made.append(GitHub(self.host.url, credentials))
        return self.made[-1].repository(name, Deadline.after(5))


@pytest.fixture
def workers(host: Host, store_url: str) -> Iterator[Workers]:
    made = Workers(host, Standings(Shared(connect_sync(store_url, timeout=1.0))))
    yield made
    for worker in made.made:
        worker.close()


@pytest.mark.parametrize("trouble", [LIMITED, SECONDARY, REFUSED, SUSPENDED])
async def test_the_next_takes_over_and_the_first_is_left_alone(
    host: Host, workers: Workers, trouble: tuple[int, dict[str, str], str]
) -> None:
    host.answers["one"] = trouble
    assert (await workers.repository().commit("main")).message == "read by two"
    assert (await workers.repository().commit("main")).message == "read by two"
    assert host.asked == ["one", "two", "two"], "another worker asked with what was just refused"


async def test_what_one_process_learned_it_knows_without_the_store(host: Host, unused_tcp_port: int) -> None:
    away = Shared(connect_sync(f"redis://127.0.0.1:{unused_tcp_port}", timeout=0.2))
    workers = Workers(host, Standings(away))
    host.answers["one"] = LIMITED
    repository = workers.repository()
    await repository.commit("main")
    await repository.commit("other")
    assert host.asked == ["one", "two", "two"]
    workers.made[0].close()


async def test_when_all_rest_nothing_is_sent_and_it_is_said_until_when(host: Host, workers: Workers) -> None:
    host.answers |= {"one": LIMITED, "two": (429, {"retry-after": "60"}, "{}")}
    with pytest.raises(OutsideCallFailed):
        await workers.repository().commit("main")
    sent = len(host.asked)
    with pytest.raises(OutsideCallFailed, match="every credential rests") as caught:
        await workers.repository().commit("main")
    assert len(host.asked) == sent, "to go on asking while limited may get an integration banned"
    assert caught.value.retry_after is not None
    assert 50 <= caught.value.retry_after <= 60


async def test_a_repository_one_token_does_not_see_is_read_by_the_next(host: Host, workers: Workers) -> None:
    missing = {"type": "NOT_FOUND", "message": "no", "path": ["repository"]}
    host.answers["one"] = (200, {}, json.dumps({"data": {"repository": None}, "errors": [missing]}))
    host.answers["two"] = (200, {}, '{"data": {"repository": {"r0": null}}}')
    assert await workers.repository().revision("main") is None
    assert await workers.repository().revision("main") is None
    assert host.asked == ["one", "two", "two"]
    await workers.repository(name="other/shop").revision("main")
    assert host.asked[3:] == ["one", "two"], "of another repository nothing is known yet"


async def test_a_mended_credential_works_at_once(host: Host, workers: Workers) -> None:
    host.answers["one"] = REFUSED
    with pytest.raises(OutsideCallFailed, match="unauthorized"):
        await workers.repository(["one"]).commit("main")
    del host.answers["one"]
    repository = workers.repository(["one"])
    assert (await repository.commit("main")).message == "read by one", "who mends a token waits for nothing"
    assert repository.set_aside == {}
    assert (await workers.repository().commit("main")).message == "read by one", "and it comes first again"


async def test_a_missing_commit_is_not_looked_for_with_every_token(host: Host, workers: Workers) -> None:
    host.answers["one"] = (404, {}, '{"message": "Not Found"}')
    with pytest.raises(OutsideCallFailed, match="not found"):
        await workers.repository().commit("main")
    assert host.asked == ["one"]


async def test_with_rotation_whoever_has_most_left_asks(host: Host, workers: Workers) -> None:
    body = '{"sha": "abc", "commit": {}}'
    for token, left in (("one", "100"), ("two", "4000")):
        limits = {
            "x-ratelimit-remaining": left,
            "x-ratelimit-limit": "5000",
            "x-ratelimit-reset": "99999999999",
        }
        host.answers[token] = (200, limits, body)
    for _ in range(4):
        await workers.repository(rotation=True).commit("main")
    assert host.asked == ["one", "two", "two", "two"], "the second has more left than the first"
    await workers.repository().commit("main")
    assert host.asked[-1] == "one", "unless asked to, load is not spread"


async def test_requests_are_counted_by_a_fingerprint(host: Host, workers: Workers) -> None:
    host.answers["one"] = LIMITED
    await workers.repository().commit("main")
    assert workers.made[0].tally.requests() == {
        (fingerprint("one"), "core", "rate_limited"): 1,
        (fingerprint("two"), "core", "ok"): 1,
    }


def test_a_writer_is_never_asked_to_read_nor_a_reader_to_write() -> None:
    reader, writer = App(1, "key", owners=["Acme"], role="reader"), App(2, "key", role="writer")
    both = App(3, "key", owners=["acme"])
    credentials = Credentials([PersonalToken("t")], [writer, reader, both])
    read = [each.label for each in credentials.candidates("ACME/shop", "read")]
    assert read == ["app 1 at acme", "app 3 at acme", "GITHUB_TOKEN"]
    write = [each.label for each in credentials.candidates("acme/shop", "write")]
    assert write == ["app 3 at acme", "app 2 at acme", "GITHUB_TOKEN"], "who lists the owner goes first"
    assert [each.label for each in credentials.candidates("other/x", "read")] == ["GITHUB_TOKEN"]


async def test_the_report_names_a_credential_that_was_refused(tmp_path: Path, store_url: str) -> None:
    write_repository(tmp_path / "clone", [Change("First", {"a.py": "1\n"})])
    async with served(tmp_path / "clone") as host:
        standings = Standings(Shared(connect_sync(store_url, timeout=1.0)))
        tokens = [
            PersonalToken("expired", "GITHUB_TOKEN number 1"),
            PersonalToken(TOKEN, "GITHUB_TOKEN number 2"),
        ]
        for _ in range(2):
            github = GitHub(host.url, Credentials(tokens, standings=standings))
            evidence = await gather(Served(host.sandbox, github, host.url), event(frame("a.py", 1)), at=START)
            github.close()
            assert evidence.head_sha, "the second token must have taken over"
            assert "GITHUB_TOKEN number 1 is not used for now" in words(evidence)
            assert "renew GITHUB_TOKEN" in words(evidence)
