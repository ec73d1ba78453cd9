"""Whatever GitHub or the repository does: what was read stands, the rest is a gap with a remedy."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from investigator.deadline import Deadline
from investigator.evidence import gaps
from investigator.evidence.github import gather_code
from investigator.github import understand
from investigator.github.graphql import GraphQLAnswer, GraphQLError
from investigator.models.evidence import CodeEvidence
from investigator.models.sentry import Frame, SentryEvent, SentryException
from investigator.models.service import Service
from tests.fixtures.github_repository import START, TOKEN, Change, Served, git, served, write_repository

SHOP = Service(name="shop", repository="acme/shop")
CHECKOUT = Service(name="checkout", repository="acme/shop", path="services/checkout", stack_root="/srv/app")
CODE = "def pay():\n    return 1\n\n\ndef refund():\n    return 2\n"
LARGE = "x = 1  # a line of generated code\n" * 40_000


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    path = tmp_path_factory.mktemp("troubles") / "shop"
    changes = [
        Change("Start", {"services/checkout/pay.py": CODE, "services/stock/count.py": CODE, "old.py": CODE}),
        Change("Rename", {"old.py": None, "new.py": CODE.replace("return 2", "return 3")}),
        Change("Data", {"logo.png": b"\x89PNG\0\1\2", "generated.py": LARGE, "deep/src/x/only.py": CODE}),
        Change("Branch", {"services/stock/count.py": CODE + "# stock\n"}, parents=(1,)),
        Change("Merge", {"services/stock/count.py": CODE + "# stock\n"}, parents=(2, 3)),
        Change("Checkout", {"services/checkout/pay.py": CODE.replace("return 1", "return None")}),
        Change("Remove", {"deep/src/x/only.py": None}),
    ]
    return path, write_repository(path, changes)


@pytest.fixture
async def host(clone: tuple[Path, list[str]]) -> AsyncIterator[Served]:
    path, shas = clone
    async with served(path) as running:
        running.shas = shas
        yield running


async def gather(
    host: Served, *paths: str, service: Service = SHOP, seconds: float = 30.0, **asked: str
) -> CodeEvidence:
    frames = tuple(
        Frame(filename=path, abs_path=f"/srv/app/{path}", line=2, in_app=True) for path in reversed(paths)
    )
    event = SentryEvent(exceptions=(SentryException(type="E", frames=frames),))
    at = START + timedelta(days=1)
    return await gather_code(
        host.github,
        service,
        event,
        first_seen=None,
        at=at,
        base=asked.get("base"),
        head=asked.get("head"),
        deadline=Deadline.after(seconds),
    )


def words(evidence: CodeEvidence) -> str:
    return " | ".join(f"{gap.what}: {gap.why} -> {gap.remedy}" for gap in evidence.gaps)


async def test_no_credentials_and_no_repository_are_said() -> None:
    at, deadline = START, Deadline.after(5)
    evidence = await gather_code(None, SHOP, None, first_seen=None, at=at, deadline=deadline)
    assert "no GitHub credentials" in words(evidence)
    assert "GITHUB_TOKEN" in words(evidence)
    evidence = await gather_code(None, Service(name="web"), None, first_seen=None, at=at, deadline=deadline)
    assert "repository: owner/name" in words(evidence)
    assert evidence.gaps[0].source == "catalog"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"status": 401, "body": b'{"message": "Bad credentials"}'}, "unauthorized"),
        ({"status": 403, "body": b'{"message": "Resource not accessible"}'}, "forbidden"),
        (
            {"status": 403, "body": b'{"message": "This installation has been suspended"}'},
            "unsuspend the app's installation",
        ),
        (
            {"status": 403, "body": b'{"message": "You have exceeded a secondary rate limit."}'},
            "rate limited",
        ),
        ({"status": 404}, "not found"),
        ({"status": 429, "headers": {"retry-after": "60"}}, "free again in 60 s"),
        ({"status": 502}, "server error"),
        ({"status": 200, "body": b"<html>", "content_type": "text/html"}, "bad answer"),
        ({"status": 200, "body": b'{"data": {"repository"'}, "bad answer"),
        ({"status": 200, "body": b'{"data": {"repository": {"url": 7}}}'}, "bad answer"),
    ],
)
async def test_a_github_that_answers_nothing_leaves_one_gap(
    host: Served, fault: dict[str, object], kind: str
) -> None:
    host.sandbox.faults.add("/", **fault)  # type: ignore[arg-type]  # the table holds them by name
    evidence = await gather(host, "services/checkout/pay.py")
    assert len(evidence.gaps) == 1, words(evidence)
    assert kind in words(evidence)
    assert evidence.gaps[0].remedy
    assert TOKEN not in words(evidence)


def test_a_credential_without_deployments_reads_the_rest() -> None:
    refused = GraphQLError(
        type="FORBIDDEN", message="Resource not accessible", path=("hosted", "deployments")
    )
    repository = {"nameWithOwner": "acme/shop", "url": "https://github.test/acme/shop"}
    answer = GraphQLAnswer(data={"repository": repository, "hosted": None}, errors=(refused,))
    facts = understand.head_facts(answer, START, revisions=0, probes=())
    assert facts.deploys == ()
    [gap] = gaps.partly(facts.errors)
    assert gap.what == "deployments and releases"
    assert "not accessible" in gap.why


async def test_github_enterprise_server_has_another_address(clone: tuple[Path, list[str]]) -> None:
    path, shas = clone
    async with served(path, prefix="/api/v3") as host:
        evidence = await gather(host, "new.py", base=shas[4])
    assert evidence.gaps == (), words(evidence)
    assert {path.partition("/api/")[0] for _, path in host.sandbox.requests} == {""}
    assert (evidence.frames[0].permalink or "").startswith(f"{host.url}/acme/shop/blob/")


async def test_a_hanging_github_leaves_a_gap_in_time(host: Served) -> None:
    host.sandbox.faults.add("/", hang=True)
    started = time.monotonic()
    evidence = await gather(host, "services/checkout/pay.py", seconds=0.4)
    assert time.monotonic() - started < 1.0, "the deadline did not hold"
    assert evidence.gaps


async def test_a_failed_comparison_falls_back_to_the_history(host: Served) -> None:
    host.sandbox.faults.add("/repos/acme/shop/compare", status=502)
    evidence = await gather(host, "services/checkout/pay.py", base=host.shas[0])
    assert "the commits between" in words(evidence)
    assert evidence.commits[0].sha == host.shas[-1]
    assert host.shas[0] not in {commit.sha for commit in evidence.commits}
    assert evidence.frames[0].lines, "code is read although commits could not be compared"


async def test_a_monorepo_service_finds_its_own_files(host: Served) -> None:
    evidence = await gather(host, "pay.py", service=CHECKOUT)
    assert evidence.frames[0].path == "services/checkout/pay.py"
    by_message = {commit.headline: commit for commit in evidence.commits}
    assert [change.path for change in by_message["Checkout"].files or ()] == ["services/checkout/pay.py"]
    others = [change.path for change in by_message["Branch"].files or ()]
    assert others == ["services/stock/count.py"], "commits to other folders are kept and known as such"


async def test_a_file_deep_in_the_tree_is_found_by_listing_it(host: Served) -> None:
    evidence = await gather(host, "x/only.py", head=host.shas[2])
    assert evidence.frames[0].path == "deep/src/x/only.py"
    assert evidence.requests <= 6
    assert any("/git/trees/" in path for _, path in host.sandbox.requests)


async def test_a_file_that_is_gone_or_renamed_is_said(host: Served) -> None:
    evidence = await gather(host, "old.py", "new.py")
    assert [code.path for code in evidence.frames] == ["new.py"], (
        "frames outside are left out beside one inside"
    )
    evidence = await gather(host, "deep/src/x/only.py")
    assert evidence.frames[0].path is None
    assert "no frame could be found" in words(evidence)


async def test_blame_follows_a_rename(host: Served) -> None:
    evidence = await gather(host, "new.py")
    assert host.shas[0] in {each.sha for each in evidence.blame}, (
        "lines older than the rename keep their author"
    )
    renamed = next(commit for commit in evidence.commits if commit.headline == "Rename")
    assert "new.py" in {change.path for change in renamed.files or ()}


async def test_what_was_done_to_a_file_before_it_was_renamed_is_known(tmp_path: Path) -> None:
    guarded = "def pay(cart):\n    if not cart:\n        return 0\n" + "".join(
        f"    step_{n}(cart)\n" for n in range(20)
    )
    careless = guarded.replace("    if not cart:\n        return 0\n", "")
    changes = [
        Change("Start", {"old.py": guarded}),
        Change("Trust the cart", {"old.py": careless}),
        Change("Rename", {"old.py": None, "new.py": careless}),
        Change("Go on", {"new.py": careless + "\n\ndef more():\n    return 1\n"}),
    ]
    shas = write_repository(tmp_path / "renamed", changes)
    async with served(tmp_path / "renamed") as host:
        evidence = await gather(host, "new.py", base=shas[0], head=shas[-1])
    files = {commit.headline: commit.files or () for commit in evidence.commits}
    [before] = files["Trust the cart"]
    assert before.path == "old.py"
    assert "-    if not cart:" in (before.patch or ""), (
        "a line taken out leaves no blame: only this tells of it"
    )
    [rename] = files["Rename"]
    assert (rename.path, rename.previous_path) == ("new.py", "old.py"), "a rename is one change, not two"
    assert [change.path for change in files["Go on"]] == ["new.py"]


async def test_binary_and_large_files_are_named(host: Served) -> None:
    evidence = await gather(host, "logo.png", "generated.py")
    assert "logo.png: the file is binary" in words(evidence)
    assert "generated.py: the file is too large" in words(evidence)
    assert evidence.frames[0].permalink, "the link still helps"


async def test_a_name_two_files_have_is_settled_by_the_line_sentry_saw(tmp_path: Path) -> None:
    files = {"a/util.py": "x = 1\ny = 2\n", "b/util.py": "x = 1\nz = 3\n"}
    write_repository(tmp_path / "twice", [Change("Start", files), Change("More", {"README": "x\n"})])
    async with served(tmp_path / "twice") as host:
        evidence = await gather(host, "util.py")
        assert (evidence.frames[0].path, evidence.frames[0].candidates) == ("a/util.py", ("b/util.py",))
        seen = Frame(filename="util.py", line=2, context_line="z = 3", in_app=True)
        event = SentryEvent(exceptions=(SentryException(frames=(seen,)),))
        evidence = await gather_code(
            host.github,
            SHOP,
            event,
            first_seen=None,
            at=START + timedelta(days=1),
            deadline=Deadline.after(30),
        )
    assert evidence.frames[0].path is None, "the first candidate does not hold the line that crashed"
    assert set(evidence.frames[0].candidates) == set(files)


async def test_a_merge_brings_both_sides(host: Served) -> None:
    evidence = await gather(host, "services/stock/count.py", base=host.shas[1])
    assert {commit.headline for commit in evidence.commits} >= {"Branch", "Merge", "Data"}
    merge = next(commit for commit in evidence.commits if commit.headline == "Merge")
    assert len(merge.parents) == 2


async def test_an_empty_repository_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    git(tmp_path / "empty", "init", "-q", "-b", "main")
    async with served(tmp_path / "empty") as host:
        evidence = await gather(host, "services/checkout/pay.py")
    assert "empty" in words(evidence)


async def test_a_single_commit_and_a_shallow_clone_are_looked_at(
    tmp_path: Path, clone: tuple[Path, list[str]]
) -> None:
    path, shas = clone
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{path}", "shallow")
    async with served(tmp_path / "shallow") as host:
        evidence = await gather(host, "services/checkout/pay.py")
    assert evidence.head_sha == shas[-1]
    assert evidence.frames[0].lines
    assert "nothing older" in evidence.range_reason


async def test_a_long_range_is_cut_and_said(tmp_path: Path) -> None:
    changes = [Change(f"Change {n}", {"a.py": f"x = {n}\n"}) for n in range(300)]
    shas = write_repository(tmp_path / "long", changes)
    async with served(tmp_path / "long") as host:
        evidence = await gather(host, "a.py", base=shas[0], head=shas[-1])
    assert evidence.total_commits == 299
    assert evidence.commits[0].sha == shas[-1], "the newest commits are never the ones left out"


async def test_a_change_behind_300_others_is_read_from_its_half_of_the_range(tmp_path: Path) -> None:
    wide = {f"a/{n:03}.py": "x = 1\n" for n in range(310)}
    changes = [
        Change("Start", {"z/late.py": "def late():\n    return 1\n"}),
        Change("Touch everything", wide),
        Change("Break it", {"z/late.py": "def late():\n    return None\n"}),
        Change("Go on", {"b.py": "y = 2\n"}),
    ]
    shas = write_repository(tmp_path / "wide", changes)
    async with served(tmp_path / "wide") as host:
        evidence = await gather(host, "z/late.py", base=shas[0], head=shas[-1])
    files = {commit.sha: commit.files or () for commit in evidence.commits}
    assert [(one.path, bool(one.patch)) for one in files[shas[2]]] == [("z/late.py", True)]
    assert evidence.requests <= 6, "a wide range asked for more than an investigation may"


async def test_of_a_long_range_the_commits_that_touched_the_trace_are_known(tmp_path: Path) -> None:
    changes = [Change("Start", {"z/late.py": "x = 0\n", "a.py": "x = 0\n"})]
    changes += [Change(f"Change {n}", {"a.py": f"x = {n + 1}\n"}) for n in range(270)]
    changes.append(Change("Break it", {"z/late.py": "x = 1\n"}))
    changes += [Change(f"Later {n}", {"a.py": f"y = {n}\n"}) for n in range(120)]
    shas = write_repository(tmp_path / "long", changes)
    async with served(tmp_path / "long") as host:
        evidence = await gather(host, "z/late.py", base=shas[0], head=shas[-1])
    assert shas[271] in {commit.sha for commit in evidence.commits}, "what touched the trace was not listed"


@pytest.mark.processes
async def test_of_ten_thousand_commits_the_one_that_touched_the_trace_is_known(tmp_path: Path) -> None:
    wide = {f"pkg/m{n:03}.py": "x = 1\n" for n in range(320)}
    changes = [Change("Start", {"z/late.py": "x = 0\n"}), Change("Touch everything", wide)]
    changes += [Change(f"Nothing {n}", {}) for n in range(5_000)]
    changes.append(Change("Break it", {"z/late.py": "x = None\n"}))
    changes += [Change(f"Later {n}", {}) for n in range(5_000)]
    shas = write_repository(tmp_path / "vast", changes)
    async with served(tmp_path / "vast") as host:
        evidence = await gather(host, "z/late.py", base=shas[0], head=shas[-1])
        points = host.sandbox.host.graphql_budget.used
    [culprit] = [commit for commit in evidence.commits if commit.sha == shas[5_002]]
    assert [bool(change.patch) for change in culprit.files or ()] == [True]
    assert evidence.requests <= 6, "a vast range asked for more than an investigation may"
    assert points <= 8, "each path is searched through the whole range: too many were"
    assert len(evidence.commits) < 1_000, "what is kept of a vast range has a bound"
    assert "of 10,002 commits" in words(evidence), "it is not said that most were not looked at"
    assert "some changed files" in words(evidence)
