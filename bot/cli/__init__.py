"""The `pilot` command line. Exit codes: 0 done, 1 failed or findings, 2 wrong usage or configuration."""

from __future__ import annotations

import click

from bot.cli.configuring import catalog, config
from bot.cli.evaluating import evaluate, freeze
from bot.cli.investigating import fix, investigate, replay
from bot.cli.operating import audit, doctor, erase, health, inbox, incidents, quality
from bot.cli.running import demo, role_command, up
from bot.roles import ROLES

COMMANDS = (
    *(role_command(role, summary) for role, summary in ROLES.items()),
    *(up, demo, investigate, fix, replay),
    *(incidents, audit, inbox, quality, erase, health, doctor),
    *(evaluate, freeze, catalog, config),
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="incidentpilot", prog_name="pilot")
def main() -> None:
    """IncidentPilot: a Sentry alert becomes an investigated Slack thread."""


for _command in COMMANDS:
    main.add_command(_command)
