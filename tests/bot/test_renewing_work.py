"""`worker` and `clock` take a changed token over while they run, and Slack refuses the old one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from investigator.composition import Program
from investigator.slack_recovery import keep_waiting
from tests.fixtures.mounted_secrets import Mount
from tests.fixtures.playing import CATALOG, World, environment_of, open_incident, said
from tests.fixtures.roles import running, until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(200)]

SECRETS = ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SENTRY_CLIENT_SECRET")


async def test_what_waits_for_a_new_token_goes_on_when_its_file_has_changed(
    program: Program, world: World, tmp_path: Path
) -> None:
    settings = world.without("github_token", "sentry_auth_token", "sentry_org")
    given = environment_of(settings) | {"PILOT_CANARY_SECONDS": "0"}
    secrets = {name: given.pop(name) for name in SECRETS}
    mount = Mount(tmp_path / "secrets")
    mount.write(secrets)
    given["PILOT_SECRETS_DIR"] = str(mount.directory)

    incident = await open_incident(program, world.demo.crash)
    # Not due for an hour: it can only begin when the clock finds Slack answering, with the new token.
    await program.jobs.investigate(incident.id, 1, at=datetime.now(UTC) + timedelta(hours=1))
    await keep_waiting(program.store, f"investigate-{incident.id}-1")
    world.slack.rotate("xoxb-new")

    async with running("clock", given, tmp_path) as clock, running("worker", given, tmp_path) as worker:
        await until(lambda: "slack_still_away" in clock.events(), "the clock is refused with the old token")

        catalog = tmp_path / "pilot.yml"
        catalog.write_text("services: [")
        mount.write(secrets | {"PILOT_METRICS_TOKEN": "m"})
        await until(lambda: "settings_refused" in clock.events(), "what no program can be made of is refused")
        assert clock.process.returncode is None, "and ends nobody"

        catalog.write_text(CATALOG)
        mount.write(secrets | {"SLACK_BOT_TOKEN": "xoxb-new"})
        await until(
            lambda: f"{incident.id}:report:1" in said(world.slack, incident.id)[1], "the report is posted"
        )
        await asyncio.gather(clock.stop(within=20), worker.stop(within=30))

    assert len(said(world.slack, incident.id)[0]) == 1
    for role in (clock, worker):
        assert "settings_changed" in role.events(), f"{role.name} did not say what it took over"
        assert "xoxb-new" not in role.log.read_text(), f"a secret is in the log of {role.name}"
