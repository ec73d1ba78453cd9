"""`python -m tests.chaos`: the whole program under faults, and a ledger that must add up. Exit 1 if not."""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from investigator.sentinels import Sentinels, parse_host
from tests.chaos.crashes import crash
from tests.chaos.faults import Disk, Faults
from tests.chaos.hurry import hurry
from tests.chaos.outside import Outside, issue_of, outside
from tests.chaos.places import Network, Place, network
from tests.chaos.program import Processes, Role
from tests.chaos.report import print_report
from tests.chaos.sender import Order
from tests.chaos.stores import NAME, Cluster
from tests.chaos.verdict import State, investigated, look, promised, settled, violations

PORT, STORE_PORT, SENTINEL_PORT = 18080, 16379, 26379
ISSUE_EVERY_SECONDS = 2.0  # workers look into about one a second
MOST_MESSAGES = 100_000  # in Slack
CASCADE_EVERY = 10  # issues; the others have nothing in common with anything
READY_SECONDS = 30.0
DRAIN_SECONDS = 150.0  # at most, when the machine is slow; and longer after a long run
FAULTS_OVER = "faults-are-over"
DISK_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Options:
    seed: int
    seconds: float
    deliveries: int
    durability: str
    keep: bool


def options(arguments: Sequence[str] | None = None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    parser.add_argument("--seconds", type=float, default=40.0, help="how long faults and webhooks go on")
    parser.add_argument("--deliveries", type=int, help="how many webhooks; default 60 a second")
    parser.add_argument(
        "--durability", default="replicated:1", help="PILOT_DURABILITY; with `local`, see what it is worth"
    )
    parser.add_argument("--keep", action="store_true", help="leave logs and stores where they are")
    given = parser.parse_args(arguments)
    deliveries = given.deliveries or int(given.seconds * 60)
    return Options(given.seed, given.seconds, deliveries, given.durability, given.keep)


async def chaos(given: Options, directory: Path, net: Network) -> bool:
    """Whether every promise held."""
    started = time.monotonic()

    def tell(what: str) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {what}", flush=True)

    pace = f"{given.deliveries} webhooks in {given.seconds:g} s, and on until the last fault is over"
    print(f"seed {given.seed}, {pace}, on {net.description}")
    places = list(net.places.values())
    cluster = Cluster(places, directory, STORE_PORT, SENTINEL_PORT)
    async with outside(directory, net.outside) as world:
        world.slack.workspace.messages_kept = MOST_MESSAGES
        with ExitStack() as undo:
            disk = undo.enter_context(small_disk(directory / "data-a"))
            undo.callback(cluster.stop)
            await asyncio.to_thread(cluster.start)
            processes = Processes(roles(given, world, places, cluster, directory))
            undo.callback(processes.stop)
            tell("store and sandboxes are up")
            processes.start()
            await ready([web_url(place) for place in places[:2]])
            tell("all processes are up")
            return await storm(given, directory, world, net, cluster, processes, disk, tell)


async def storm(
    given: Options,
    directory: Path,
    world: Outside,
    net: Network,
    cluster: Cluster,
    processes: Processes,
    disk: Disk | None,
    tell: Any,
) -> bool:
    keeping = asyncio.create_task(processes.keep())
    sending = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.chaos.sender",
        *order(given, directory, world, net),
        env=world.environment,
    )
    await Faults(given.seed, net, cluster, processes, disk, tell).run(given.seconds)
    (directory / FAULTS_OVER).touch()
    tell("no more faults")
    if await sending.wait():
        raise RuntimeError("the sender failed; its message is above")
    ledger = json.loads((directory / "ledger.json").read_text())
    tell(f"{ledger['sent']} webhooks sent, {ledger['answers'].get('200', 0)} acknowledged; draining")
    hosts = tuple(parse_host(address) for address in cluster.sentinel_addresses.split(","))
    spools = [directory / f"data-{name}" / "spool" for name in "ab"]
    address = Sentinels(hosts, NAME)

    async def hurry_and_look() -> State:
        await asyncio.to_thread(hurry, address)
        return await look(address, spools, world.slack)

    state = await settled(
        hurry_and_look,
        lambda state: not promised(ledger) - investigated(state, ledger["resolved"]),
        max(DRAIN_SECONDS, given.seconds),
        tell,
    )
    tell("drained")
    keeping.cancel()
    broken = violations(state, ledger)
    print_report(ledger, state, processes, broken, given.seed)
    return not broken


def order(given: Options, directory: Path, world: Outside, net: Network) -> list[str]:
    """Write down what to send; every issue is known to the sandbox's Sentry beforehand."""
    began, issues = datetime.now(UTC), []
    for number in range(math.ceil(given.seconds / ISSUE_EVERY_SECONDS)):
        issue, event = crash(number, began + timedelta(seconds=number * ISSUE_EVERY_SECONDS))
        if number % CASCADE_EVERY == 0:
            issue, event = issue_of(world.crash, int(issue["id"])), dict(world.crash.event)
        issues.append((world.sentry.add_issue(issue), world.sentry.add_event(issue["id"], event)))
    wanted = Order(
        seed=given.seed,
        webs=[f"{web_url(net.places[name])}/sentry/webhook" for name in "ab"],
        secret=world.sentry.client_secret,
        seconds=given.seconds,
        deliveries=given.deliveries,
        until=str(directory / FAULTS_OVER),
        issues=issues,
    )
    path = directory / "order.json"
    path.write_text(json.dumps(asdict(wanted)))
    return [str(path), str(directory / "ledger.json")]


def roles(
    given: Options, world: Outside, places: Sequence[Place], cluster: Cluster, directory: Path
) -> list[Role]:
    """Two regions alike, and one clock."""
    found = []
    for place in places[:2]:
        environment = {
            **world.environment,
            "REDIS_SENTINELS": cluster.sentinel_addresses,
            "PILOT_DURABILITY": given.durability,
            "PILOT_HOST": place.front,
            "PILOT_PORT": str(PORT),
            "PILOT_DATA_DIR": str(directory / f"data-{place.name}"),
            # More than Slack allows: its limits are looked at elsewhere, and all would wait for them here.
            "PILOT_SLACK_POSTS_PER_MINUTE": "6000",
            "PILOT_SLACK_EDITS_PER_MINUTE": "6000",
        }
        kinds = ["web", "triage", "worker", *(["clock"] if place.name == "b" else [])]
        for kind in kinds:
            name = f"{kind}-{place.name}"
            found.append(Role(name, place, environment, directory / f"{name}.log"))
    return found


def web_url(place: Place) -> str:
    return f"http://{place.front}:{PORT}"


async def ready(urls: Sequence[str]) -> None:
    ends = time.monotonic() + READY_SECONDS
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
        for url in urls:
            while True:
                try:
                    async with session.get(f"{url}/readyz") as response:
                        if (await response.json())["status"] == "ready":
                            break
                except (aiohttp.ClientError, TimeoutError) as error:
                    if time.monotonic() > ends:
                        raise RuntimeError(
                            f"{url} was not ready within {READY_SECONDS:g} s: {error}"
                        ) from None
                await asyncio.sleep(0.1)


@contextmanager
def small_disk(path: Path) -> Iterator[Disk | None]:
    """A disk of 64 MiB at `path`, where root may mount one."""
    path.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(path)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        print("no small disk (not root, or no mounts here): the spool's disk does not fill up")
        yield None
        return
    try:
        yield Disk(path / "junk")
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def main() -> None:
    given = options()
    with ExitStack() as undo:
        if given.keep:
            directory = Path(tempfile.mkdtemp(prefix="chaos-"))
            print(f"logs and stores: {directory}")
        else:
            directory = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="chaos-")))
        net = undo.enter_context(network())
        held = asyncio.run(chaos(given, directory, net))
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
