"""The backup of docs/operations.md brings everything back, taken from a store that is being written to."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from investigator.embedded_store import EmbeddedStore
from investigator.store import connect_sync

pytestmark = pytest.mark.processes

WRITTEN_BEFORE = 2_000


def copied(store: EmbeddedStore, source: Path, target: Path) -> None:
    """Step by step what the page says: no rewrite while the files are copied, and one at last."""
    with connect_sync(store.url) as client:
        usual = client.config_get("auto-aof-rewrite-percentage")["auto-aof-rewrite-percentage"]
        client.config_set("auto-aof-rewrite-percentage", 0)
        try:
            while client.info("persistence")["aof_rewrite_in_progress"]:
                pass
            shutil.copytree(source / "store" / "appendonlydir", target / "store" / "appendonlydir")
        finally:
            client.config_set("auto-aof-rewrite-percentage", usual)


def test_a_copy_of_the_append_only_files_is_a_whole_store(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    (target / "store").mkdir(parents=True)
    stop = threading.Event()

    with EmbeddedStore(source) as store:
        with connect_sync(store.url) as client:
            for number in range(WRITTEN_BEFORE):
                client.set(f"incident:{number}", "kept")
            client.bgrewriteaof()

        def write() -> None:
            with connect_sync(store.url) as client:
                while not stop.is_set():
                    client.xadd("inbox", {"body": "x" * 500})

        writer = threading.Thread(target=write)
        writer.start()
        copied(store, source, target)
        stop.set()
        writer.join()

    with EmbeddedStore(target) as restored, connect_sync(restored.url) as client:
        kept = sum(client.exists(f"incident:{number}") for number in range(WRITTEN_BEFORE))
        assert kept == WRITTEN_BEFORE, "what was there before the backup began is in it"
        assert client.set("works", "yes")


def test_a_backup_that_is_cut_off_in_its_last_entry_still_starts(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path) as store, connect_sync(store.url) as client:
        client.set("first", "kept")
        client.set("last", "y" * 10_000)
    newest = max((tmp_path / "store" / "appendonlydir").glob("*.incr.aof"))
    newest.write_bytes(newest.read_bytes()[:-100])
    with EmbeddedStore(tmp_path) as restored, connect_sync(restored.url) as client:
        assert client.get("first") == b"kept"
        assert client.get("last") is None
