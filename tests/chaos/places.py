"""Where processes run: on addresses of loopback, or in network namespaces that can be cut off."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Place:
    """As good as a machine. `front` faces Slack, Sentry and senders; `back` faces the other places."""

    name: str
    front: str
    back: str
    namespace: str | None = None

    def command(self, arguments: Sequence[str]) -> list[str]:
        """The same command, run there; its process keeps the pid of the starter's child."""
        if self.namespace is None:
            return list(arguments)
        return ["ip", "netns", "exec", self.namespace, *arguments]


class Network(Protocol):
    """Three places and the address of the harness, which stands for the outside world."""

    places: dict[str, Place]
    outside: str
    description: str
    can_cut: bool

    def cut(self, name: str) -> None:
        """Take one place's link to the other places down; the outside still reaches it."""

    def mend(self, name: str) -> None: ...


class Loopback:
    """Every place has its own address of 127/8."""

    can_cut = False
    outside = "127.0.0.1"
    description = "plain loopback (no root or no iproute2): no partitions"

    def __init__(self) -> None:
        self.places = {
            name: Place(name, f"127.77.{number}.1", f"127.77.{number}.2")
            for number, name in enumerate("abc", 1)
        }

    def cut(self, name: str) -> None:
        raise NotImplementedError("loopback cannot be cut")

    def mend(self, name: str) -> None:
        raise NotImplementedError("loopback cannot be cut")


class Namespaces:
    """One network namespace a place, two bridges: one to the outside, one between the places."""

    can_cut = True
    description = "network namespaces: two regions and a third place, linked by veth pairs"

    def __init__(self) -> None:
        number = os.getpid() % 200 + 20
        self._front, self._back = f"10.{number}.1", f"10.{number}.2"
        self._prefix = f"pc{os.getpid() % 100000}"
        self.outside = f"{self._front}.254"
        self.places = {
            name: Place(name, f"{self._front}.{host}", f"{self._back}.{host}", f"{self._prefix}{name}")
            for host, name in enumerate("abc", 1)
        }

    @contextmanager
    def built(self) -> Iterator[Namespaces]:
        """Make bridges, namespaces and links; remove all of them at the end."""
        with ExitStack() as undo:
            for side, subnet in (("F", self._front), ("B", self._back)):
                bridge = f"{self._prefix}{side}"
                _ip("link", "add", bridge, "type", "bridge")
                undo.callback(_ip, "link", "del", bridge)
                _ip("addr", "add", f"{subnet}.254/24", "dev", bridge)
                _ip("link", "set", bridge, "up")
            for place in self.places.values():
                assert place.namespace
                _ip("netns", "add", place.namespace)
                undo.callback(_ip, "netns", "del", place.namespace)
                _ip("-n", place.namespace, "link", "set", "lo", "up")
                for side, address in (("F", place.front), ("B", place.back)):
                    self._link(place, side, address)
            yield self

    def _link(self, place: Place, side: str, address: str) -> None:
        here, there = self._device(place.name, side), f"eth{side}"
        assert place.namespace
        _ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", place.namespace)
        _ip("link", "set", here, "master", f"{self._prefix}{side}", "up")
        _ip("-n", place.namespace, "addr", "add", f"{address}/24", "dev", there)
        _ip("-n", place.namespace, "link", "set", there, "up")

    def _device(self, place: str, side: str) -> str:
        return f"{self._prefix}{place}{side}"

    def cut(self, name: str) -> None:
        _ip("link", "set", self._device(name, "B"), "down")

    def mend(self, name: str) -> None:
        _ip("link", "set", self._device(name, "B"), "up")


@contextmanager
def network() -> Iterator[Network]:
    """Namespaces where we may make them, loopback otherwise."""
    if os.geteuid() == 0 and shutil.which("ip"):
        try:
            with Namespaces().built() as built:
                yield built
                return
        except NotPermitted:
            pass
    yield Loopback()


class NotPermitted(Exception):
    """This machine lets nobody make namespaces (a container without the capability)."""


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, timeout=10, check=False)
    if done.returncode:
        raise NotPermitted(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
