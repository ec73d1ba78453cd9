"""Every request of ours is one that GitHub's own descriptions allow, and their answers are understood."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from investigator.deadline import Deadline
from investigator.errors import OutsideCallFailed
from investigator.evidence.calls import MAX_FILES as MAX_FILES_BELOW
from investigator.evidence.commits import MAX_TOUCHED
from investigator.evidence.patches import MAX_PAIRS
from investigator.evidence.questions import MAX_PROBES
from investigator.evidence.source import MAX_FILES
from investigator.github import documents, entries
from investigator.github.client import GitHub
from investigator.github.credentials import App, Credentials, PersonalToken
from investigator.github.documents import HeadQuestion, RangeQuestion
from investigator.github.parts import QUERIES, Part
from investigator.github.repository import Repository

pytestmark = [pytest.mark.contract, pytest.mark.timeout(400)]

SHA = "6dcb09b5b57875f334f61aebed695e2e4193db5e"
BASE = "0328041d1152db8ae77652d1618a02e57f745f17"
AT = datetime(2026, 3, 2, tzinfo=UTC)
HEAD = HeadQuestion(
    environments=("production", "prod"),
    until=AT,
    revisions=(SHA, "main", *(f"refs/tags/v{number}" for number in range(9))),
    probes=tuple(f"src/{number}.py" for number in range(MAX_PROBES)),
)
RANGE = RangeQuestion(
    head=SHA,
    since=AT,
    files=tuple(f"src/{number}.py" for number in range(MAX_FILES)),
    touched=tuple(f"src/{number}.py" for number in range(MAX_TOUCHED + MAX_FILES)),
    read=tuple(f"lib/{number}.py" for number in range(MAX_FILES_BELOW)),
    parents=True,
    pull_request_files=True,
)
PLACES = tuple((SHA, f"src/{number}.py") for number in range(20))
TEXTS = tuple(f"{SHA}:src/{number}.py" for number in range(3 * MAX_PAIRS))


@pytest.fixture
async def repository(contract: str) -> AsyncIterator[Repository]:
    github = GitHub(contract, Credentials([PersonalToken("ghp_contract")]), patience=60)
    yield github.repository("octocat/Hello-World", Deadline.after(120))
    github.close()


# --- REST


async def test_a_comparison_is_allowed_and_understood(repository: Repository) -> None:
    comparison = await repository.compare(BASE, SHA)
    assert comparison.commits, "the example of GitHub's description has commits"
    assert comparison.files[0].patch
    assert comparison.commits[0].author.login


async def test_a_commit_is_allowed_and_understood(repository: Repository) -> None:
    commit = await repository.commit(SHA)
    assert commit.sha == SHA
    assert commit.files
    assert commit.committed_at


async def test_a_tree_is_allowed_and_understood(repository: Repository) -> None:
    assert (await repository.tree(SHA)).paths


async def test_an_app_finds_its_installation_and_gets_a_token(contract: str) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    github = GitHub(contract, Credentials(apps=[App(1, key.decode())]), patience=60)
    repository = github.repository("octocat/Hello-World", Deadline.after(60))
    assert (await repository.commit(SHA)).sha
    assert repository.requests == 3, "installation, token, commit"
    github.close()


async def test_the_description_refuses_what_it_does_not_know(contract: str) -> None:
    async with aiohttp.ClientSession() as session:
        unknown = await session.get(f"{contract}/repos/octocat/Hello-World/commit/{SHA}")
        assert unknown.status == 404
        untyped = await session.post(f"{contract}/repos/octocat/Hello-World/pulls", json={"title": 7})
        assert untyped.status == 422, "what is accepted here tells nothing if everything is"


# --- GraphQL


async def test_head_facts_are_allowed_and_understood(repository: Repository) -> None:
    facts = await repository.head_facts(**dict(HEAD))
    assert facts.errors == ()
    assert facts.branch_head
    assert facts.deploys
    assert all(facts.revisions)
    assert facts.existing == set(HEAD.probes)


@pytest.mark.parametrize("blind", [True, False])
async def test_range_facts_are_allowed_and_understood(repository: Repository, blind: bool) -> None:
    question = RANGE.model_copy(update={"parents": blind, "pull_request_files": blind})
    facts = await repository.range_facts(**dict(question))
    assert facts.errors == ()
    assert any(commit.pull_request for commit in facts.commits)
    assert set(facts.blame) == set(RANGE.files)
    assert set(facts.sources) == {*RANGE.files, *RANGE.read}
    assert all(facts.touched.values())
    assert any(files for _, files in facts.pull_request_files) is blind
    assert any(commit.parents for commit in facts.commits) is blind


async def test_head_and_range_together_are_allowed(repository: Repository) -> None:
    await repository.look_ahead(HEAD, RANGE)
    assert repository.requests == 1


async def test_many_texts_are_allowed_and_understood(repository: Repository) -> None:
    assert set(await repository.texts(TEXTS)) == set(TEXTS)
    assert repository.requests == 1


async def test_files_with_their_modes_are_allowed_and_understood(repository: Repository) -> None:
    assert set(await repository.entries(PLACES)) <= set(PLACES)
    assert repository.requests == 1


async def test_a_revision_is_allowed_and_understood(repository: Repository) -> None:
    assert await repository.revision("main")
    assert repository.requests == 1


async def test_the_schema_refuses_what_it_does_not_know(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = documents.revision("main")[0]
    monkeypatch.setattr(documents, "revision", lambda _: (_misspelt(part),))
    with pytest.raises(OutsideCallFailed, match='Cannot query field "objekt"'):
        await repository.revision("main")


def test_every_query_file_is_held_against_the_schema() -> None:
    asked = (*HEAD.parts, *RANGE.parts, *documents.texts(TEXTS), *entries.parts(PLACES))
    held = {fragment for part in asked for fragment in part.fragments}
    there = {file.name.removesuffix(".graphql") for file in QUERIES.iterdir()}
    assert there == held, "a query without a contract test may break at GitHub unseen: add it here"


def _misspelt(part: Part) -> Part:
    return Part(
        part.place,
        part.fields,
        part.selection.replace("object", "objekt"),
        part.about,
        part.kind,
        part.variables,
        part.fragments,
    )
