"""How the store is named, and how the primary is found when a Sentinel is of no help."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from investigator.embedded_store import EmbeddedStore, free_port, server_binary, store_url, wait_until_ready
from investigator.errors import ConfigurationError, StoreUnavailable
from investigator.sentinels import Sentinels, parse_host
from investigator.settings import Settings, load_settings
from investigator.store import address_of, as_unavailable, connect


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


def test_three_sentinels_are_as_good_as_an_address() -> None:
    named = settings(
        redis_sentinels="a:1, b:2,[::1]:3", redis_password="secret", redis_sentinel_password="word"
    )
    address = address_of(named)
    assert isinstance(address, Sentinels)
    assert address.hosts == (("a", 1), ("b", 2), ("::1", 3))
    assert (address.primary, address.password, address.sentinel_password) == ("pilot", "secret", "word")
    assert "secret" not in repr(address), "a password would reach a log"
    assert "word" not in repr(address), "a password would reach a log"


def test_an_address_stays_an_address() -> None:
    assert address_of(settings(redis_url="redis://here:6379/0")) == "redis://here:6379/0"


def test_no_store_at_all_says_what_to_set() -> None:
    with pytest.raises(ConfigurationError, match=r"REDIS_URL.*REDIS_SENTINELS.*pilot up"):
        address_of(settings())


@pytest.mark.parametrize("text", ["a", "a:", ":1", "a:0", "a:65536", "a:b", "redis://a:1/0"])
def test_what_is_no_address_says_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        parse_host(text)


@pytest.mark.parametrize(
    ("sentinels", "why"), [("here", r"REDIS_SENTINELS.*host:port"), ("here:1", r"REDIS_URL.*two stores")]
)
def test_a_mistake_in_the_environment_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, sentinels: str, why: str
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://here:6379/0")
    monkeypatch.setenv("REDIS_SENTINELS", sentinels)
    with pytest.raises(ConfigurationError, match=why):
        load_settings()


@pytest.fixture
def sentinel(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """One that watches nothing."""
    port, configuration = free_port(), tmp_path / "sentinel.conf"
    configuration.write_text(f"port {port}\nbind 127.0.0.1\n")
    command = [str(server_binary()), str(configuration), "--sentinel"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        wait_until_ready(store_url(port), timeout=10)
        yield "127.0.0.1", port
        server.kill()


async def test_which_sentinel_says_what_and_what_to_set_is_told(
    sentinel: tuple[str, int], store_server: EmbeddedStore
) -> None:
    nobody, store = ("127.0.0.1", free_port()), parse_host(store_server.url.split("/")[2])
    client = connect(Sentinels((sentinel, nobody, store), "pilot"))
    with pytest.raises(StoreUnavailable) as found, as_unavailable():
        await client.ping()
    said = str(found.value)
    await client.aclose()
    assert f"{sentinel[1]}: watches none called 'pilot'" in said
    assert f"{nobody[1]}: Error" in said
    assert f"{store[1]}: unknown command" in said
    assert "REDIS_SENTINELS, REDIS_SENTINEL_MASTER" in said
