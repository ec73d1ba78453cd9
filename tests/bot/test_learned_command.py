"""`pilot catalog learned` shows what is believed beside the catalogue, and forgets on demand."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from investigator import keys
from investigator.cascade.confirmed import confirm
from investigator.models.cascade import Board, LearnedEdge
from investigator.store import connect_sync

AT = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


@pytest.fixture
def address(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    edge = LearnedEdge(caller="web", callee="search", seen=3, last_at=AT)
    board = confirm(Board(edges=(edge,)), "7", "payments", ["web", "orders"], at=AT)
    with connect_sync(store_url) as client:
        client.set(keys.BOARD, board.model_dump_json())
    return store_url


def run(address: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["catalog", "learned", *arguments], env={"REDIS_URL": address})


def pairs(address: str) -> set[tuple[str, str, str]]:
    done = run(address, "--json")
    assert done.exit_code == 0, done.output
    return {(edge["caller"], edge["callee"], edge["source"]) for edge in json.loads(done.stdout)}


def test_it_says_who_seems_to_depend_on_whom_and_how_that_is_known(address: str) -> None:
    assert pairs(address) == {
        ("web", "search", "named"),
        ("web", "payments", "confirmed"),
        ("orders", "payments", "confirmed"),
    }
    table = run(address).stdout
    assert "errors that name it" in table
    assert "people's word on a cascade" in table


def test_what_the_catalogue_says_itself_is_not_listed(address: str, tmp_path: Path) -> None:
    (tmp_path / "pilot.yml").write_text("services: {web: {depends_on: [search]}, search: {}}")
    assert ("web", "search", "named") not in pairs(address)


def test_one_dependency_is_forgotten_or_all_of_a_service(address: str) -> None:
    assert "Forgot 1" in run(address, "--forget", "web", "--on", "payments").stdout
    assert pairs(address) == {("web", "search", "named"), ("orders", "payments", "confirmed")}
    run(address, "--forget", "orders")
    assert pairs(address) == {("web", "search", "named")}


def test_what_was_not_learned_cannot_be_forgotten(address: str) -> None:
    done = run(address, "--forget", "nobody")
    assert done.exit_code == 1
    assert "it was not learned that nobody depends on anything" in done.stderr
