"""Commands that run the program: each role, all of them, the demo."""

from __future__ import annotations

import asyncio
import sys

import click

from bot import logs
from bot.cli.errors import FAILED, one_line_errors
from investigator.errors import ConfigurationError
from investigator.settings import load_settings


def role_command(role: str, summary: str) -> click.Command:
    """The command that runs one role."""

    @click.command(role, help=summary)
    @one_line_errors
    def command() -> None:
        from bot.processes import run_role

        logs.configure_logs(role)
        run_role(role, load_settings())

    return command


@click.command()
@one_line_errors
def up() -> None:
    """Run everything under one supervisor, with a store of its own if none is named."""
    from bot.processes import until_told_to_stop
    from bot.supervisor import up as run_everything

    logs.configure_logs("up")
    settings = load_settings()
    asyncio.run(until_told_to_stop(lambda stop: run_everything(settings, stop)))


@click.command()
@click.option(
    "--scenario",
    type=click.Choice(["bad-deploy", "storm"]),
    default="bad-deploy",
    show_default=True,
    help="A deploy breaks one service, or four more that call it fail with it.",
)
@click.option("--once", is_flag=True, help="Play it, print the thread and end.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document (with --once).")
@click.option(
    "--page-port",
    type=click.IntRange(0, 65535),
    default=8484,
    show_default=True,
    help="Where the page is served; 0 takes a free port.",
)
@one_line_errors
def demo(scenario: str, once: bool, as_json: bool, page_port: int) -> None:
    """Play a real incident into the bot, on stand-ins of Slack, Sentry and GitHub. No account needed."""
    from bot.demo.command import run
    from bot.demo.scenarios import SCENARIOS

    if as_json and not once:
        raise ConfigurationError("--json needs --once: without it the demo stays until Ctrl-C")
    logs.configure_logs("demo", level="error")
    directory = load_settings().pilot_data_dir.absolute() / "demo"
    if not run(directory, SCENARIOS[scenario], once=once, as_json=as_json, page_port=page_port):
        sys.exit(FAILED)
