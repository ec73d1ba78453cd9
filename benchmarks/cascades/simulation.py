"""Plays faults through a topology: which service reports what, when, because of whom.

The world is drawn anew for every stream: how often callers fail with what they call, how long that takes, who
has no Sentry at all, what stores are called on the network, whose clock is wrong.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from benchmarks.cascades.settings import Setting
from benchmarks.cascades.topologies import Topology
from benchmarks.cascades.wording import CONSEQUENCES, PORTS, Chain, filled, wordings

OLD, NEW = "{}@2026.11.1", "{}@2026.11.2"  # releases of a service
SERVICE_PORTS = (80, 3000, 8000, 8080, 9000, 50051)


@dataclass(slots=True)
class Error:
    """One issue of the stream. `at` is by the clock of the service, `seen` by Sentry's."""

    issue_id: str
    service: str
    incident: str
    chain: Chain
    at: datetime
    seen: datetime
    release: str
    callee: str | None = None  # which failing dependency it is about


@dataclass(slots=True)
class Stream:
    topology: Topology
    errors: list[Error] = field(default_factory=list)
    roots: dict[str, str] = field(default_factory=dict)  # of incidents that reported anything
    deployed: set[str] = field(default_factory=set)  # services released shortly before they failed
    hosts: dict[str, str] = field(default_factory=dict)  # what errors call what they name


@dataclass(slots=True)
class World:
    """What holds for a whole stream."""

    rng: random.Random
    setting: Setting
    topology: Topology
    start: datetime
    silent: set[str] = field(default_factory=set)
    hosts: dict[str, str] = field(default_factory=dict)
    skew: dict[str, float] = field(default_factory=dict)
    spread: float = 0.8
    delay: float = 10.0
    counter: int = 0

    def host(self, node: str) -> str:
        if node not in self.hosts:
            strange = self.setting.strange_hosts and ":" in node
            self.hosts[node] = _strange(self.rng) if strange else _speaking(self.rng, node)
        return self.hosts[node]

    def next_issue(self) -> str:
        self.counter += 1
        return str(7_000_000_000 + self.counter * 37)


def play(rng: random.Random, setting: Setting, topology: Topology, start: datetime) -> Stream:
    world = World(rng, setting, topology, start)
    world.silent = {s for s in topology.services if rng.random() < setting.silent_share}
    world.silent.discard("gateway")
    world.skew = {s: _skew(rng, setting) for s in topology.services}
    world.spread, world.delay = rng.uniform(0.55, 0.95), rng.choice((2.0, 8.0, 20.0))
    stream = Stream(topology)
    affected: list[set[str]] = []
    for number in range(rng.randint(1, setting.concurrent)):
        root = _choose_root(world, affected)
        if root is None:
            continue
        begins = start + timedelta(seconds=rng.uniform(0, 240) if number else 0)
        failing = _spread(world, root, begins)
        errors = _reports(world, failing, root, f"incident-{number + 1}", stream)
        if errors:
            affected.append(set(failing))
            stream.errors += errors
            stream.roots[f"incident-{number + 1}"] = root
    for number in range(rng.randint(0, setting.lone)):
        stream.errors.append(_lone(world, f"lone-{number + 1}", stream))
    for error in stream.errors:
        if error.service in stream.deployed:
            error.release = NEW.format(error.service)
    stream.errors += [_before_deploy(world, service, stream) for service in sorted(stream.deployed)]
    stream.hosts = world.hosts
    return stream


def _choose_root(world: World, affected: list[set[str]]) -> str | None:
    """Stores fail about as often as services; a root was not part of what failed before, nor called by it."""
    rng, topology = world.rng, world.topology
    for _ in range(20):
        stores, services = topology.stores, [s for s in topology.services if topology.callers(s)]
        root = rng.choice(stores if stores and rng.random() < 0.45 else services)
        domains = {topology.domains.get(node) for failed in affected for node in failed}
        if not world.setting.entangled and topology.domains.get(root) in domains - {None}:
            continue
        if not any(root in failed or set(topology.callers(root)) & failed for failed in affected):
            return root
    return None


def _spread(world: World, root: str, begins: datetime) -> dict[str, tuple[datetime, list[str]]]:
    """Who fails, since when, and with which failing dependencies."""
    failing: dict[str, tuple[datetime, list[str]]] = {root: (begins, [])}
    front = [root]
    while front:
        node = front.pop(0)
        since = failing[node][0]
        for caller in world.topology.callers(node):
            chance = world.spread if node == root else world.spread * 0.9
            if world.rng.random() > chance:
                continue
            late = since + timedelta(seconds=world.rng.expovariate(1 / world.delay) + 0.2)
            if caller in failing:
                if caller != root:
                    failing[caller][1].append(node)
                continue
            failing[caller] = (late, [node])
            front.append(caller)
    return failing


def _reports(
    world: World,
    failing: dict[str, tuple[datetime, list[str]]],
    root: str,
    incident: str,
    stream: Stream,
) -> list[Error]:
    rng, found = world.rng, []
    for node, (since, callees) in failing.items():
        if ":" in node or node in world.silent:
            continue
        if node == root:
            late = rng.uniform(0, 60) if world.setting.late_root else rng.uniform(0, 5)
            if rng.random() < world.setting.root_deployed:
                stream.deployed.add(node)
            for _ in range(1 + (rng.random() < 0.3)):
                misleads = rng.random() < world.setting.misleading_root
                chain = rng.choice(CONSEQUENCES if misleads else wordings().own)
                found.append(_error(world, node, incident, chain, since + timedelta(seconds=late), None))
            continue
        for _ in range(rng.choice((1, 1, 1, 2, 3)) * world.setting.repeated):
            callee = rng.choice(callees)
            at = since + timedelta(seconds=rng.expovariate(1 / 6))
            found.append(_error(world, node, incident, _victim_says(world, callee), at, callee))
        if world.setting.victim_deployed and rng.random() < world.setting.victim_deployed:
            stream.deployed.add(node)
    return found


def _victim_says(world: World, callee: str) -> Chain:
    rng, kind = world.rng, callee.partition(":")[0] if ":" in callee else "service"
    said = wordings()
    if rng.random() < world.setting.named_share:
        return rng.choice(said.named[kind])
    vague = said.kind_only.get(kind, []) if rng.random() < 0.3 else said.nameless.get(kind, [])
    return rng.choice(vague) if vague and rng.random() < 0.5 else rng.choice(CONSEQUENCES)


def _lone(world: World, incident: str, stream: Stream) -> Error:
    """An error of a service's own, in or near the storm; sometimes in a service that is a victim as well."""
    rng = world.rng
    service = rng.choice([s for s in world.topology.services if s not in world.silent])
    at = world.start + timedelta(seconds=rng.uniform(-60, 420))
    stream.roots[incident] = service
    return _error(world, service, incident, rng.choice(wordings().own), at, None)


def strangers(rng: random.Random, setting: Setting, stream: Stream) -> list[Error]:
    """A fault of its own of every service that reported nothing in this stream."""
    world = World(rng, setting, stream.topology, min(error.seen for error in stream.errors), counter=100_000)
    world.skew = dict.fromkeys(stream.topology.services, 0.0)
    quiet = sorted(set(stream.topology.services) - {error.service for error in stream.errors})
    return [
        _error(world, service, f"stranger-{service}", rng.choice(wordings().own), at, None)
        for service in quiet
        for at in [world.start + timedelta(seconds=rng.uniform(0, 240))]
    ]


def _before_deploy(world: World, service: str, stream: Stream) -> Error:
    """What a service reported from its old release long before: so it is known that the other one is new."""
    incident, rng = f"before-{service}", world.rng
    at = world.start - timedelta(minutes=rng.uniform(40, 50))
    stream.roots[incident] = service
    return _error(world, service, incident, rng.choice(wordings().own), at, None)


def _error(
    world: World, service: str, incident: str, chain: Chain, true_at: datetime, callee: str | None
) -> Error:
    host = world.host(callee) if callee else ""
    kind = callee.partition(":")[0] if callee and ":" in callee else ""
    port = PORTS.get(kind, SERVICE_PORTS[sum(map(ord, host)) % len(SERVICE_PORTS)])
    return Error(
        issue_id=world.next_issue(),
        service=service,
        incident=incident,
        chain=filled(chain, host, port),
        at=true_at + timedelta(seconds=world.skew[service]),
        seen=true_at + timedelta(seconds=world.rng.uniform(0.3, 3)),
        release=OLD.format(service),
        callee=callee,
    )


def _skew(rng: random.Random, setting: Setting) -> float:
    if not setting.skew:
        return 0.0
    return rng.uniform(-45, 45) if rng.random() < 0.1 else rng.gauss(0, 2)


def _speaking(rng: random.Random, node: str) -> str:
    kind, _, name = node.rpartition(":")
    if not kind:
        return rng.choice((node, f"{node}.internal", f"{node}.shop.svc.cluster.local", f"{node}.prod.svc"))
    return rng.choice((name, f"{name}-{kind}", f"{kind}-{name}", f"{name}.db.internal", f"{name}-primary"))


def _strange(rng: random.Random) -> str:
    octets = [rng.randint(0, 250) for _ in range(3)]
    return rng.choice(
        (
            f"10.{octets[0]}.{octets[1]}.{octets[2] + 1}",
            f"ip-10-{octets[0]}-{octets[1]}-{octets[2]}.ec2.internal",
            f"{rng.choice(('prod', 'main', 'core', 'blue'))}-{rng.choice('abcdef')}{octets[0]}.c9x2."
            "eu-west-1.rds.amazonaws.com",
            f"{rng.choice(('pluto', 'thor', 'kepler', 'ada', 'neptune'))}-{octets[1]:02d}.dc1.example.net",
        )
    )
