"""Commands that investigate on a terminal and write nothing outside."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import click

from bot import logs
from bot.cli.errors import one_line_errors
from investigator.errors import ConfigurationError
from investigator.settings import load_settings

Command = Callable[..., Any]


def code_options(*, head: str, no_ai: str) -> Callable[[Command], Command]:
    """The options that say which code is looked at, and by whom; what two of them mean differs."""
    options = (
        click.option(
            "--repo-path",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            help="A local git clone to look at instead of GitHub.",
        ),
        click.option(
            "--repo", metavar="OWNER/NAME", help="The repository; by default what the catalogue says."
        ),
        click.option("--base", help="Commit, tag or branch that still worked."),
        click.option("--head", help=head),
        click.option("--no-ai", is_flag=True, help=no_ai),
    )

    def with_options(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return with_options


@click.command()
@click.argument("event", type=click.File("rb"))
@code_options(head="Commit, tag or branch that crashed.", no_ai="Ask no language model.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--blocks", is_flag=True, help="Print the Block Kit that Slack would get.")
@one_line_errors
def investigate(event: BinaryIO, as_json: bool, blocks: bool, **options: Any) -> None:
    """Investigate one Sentry payload (webhook or API body) from the terminal; `-` reads standard input."""
    from bot.investigate_command import Question, ask, printed

    logs.configure_logs("investigate", level="warning")
    question = Question(payload=event.read(), name=event.name, **options)
    click.echo(printed(asyncio.run(ask(load_settings(), question)), as_json=as_json, blocks=blocks))


@click.command()
@click.argument("subject", metavar="INCIDENT|EVENT.json")
@click.option("--dry-run", is_flag=True, help="Print the diff; nothing else can be done from here.")
@code_options(
    head="Commit, tag or branch to mend; by default the default branch.",
    no_ai="Ask no language model: only reverts are proposed.",
)
@one_line_errors
def fix(subject: str, dry_run: bool, **options: Any) -> None:
    """Print the change that the button “Open fix PR” would propose, as a diff for `git apply`."""
    from bot.fix_command import proposed
    from bot.investigate_command import Question
    from investigator.fixes.words import summary

    if not dry_run:
        raise ConfigurationError(
            "nothing is written to GitHub from a terminal: add --dry-run to see the diff"
        )
    logs.configure_logs("fix", level="error")
    proposal = asyncio.run(proposed(load_settings(), subject, Question(payload=b"", name=subject, **options)))
    sys.stdout.buffer.write(proposal.diff.encode(errors="surrogateescape"))
    sys.stdout.buffer.flush()
    click.echo(summary(proposal), err=True)


@click.command()
@click.argument("deliveries", type=click.Path(path_type=Path))
@click.option("--catalog", type=click.Path(path_type=Path), help="Another catalogue than the configured one.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@one_line_errors
def replay(deliveries: Path, catalog: Path | None, as_json: bool) -> None:
    """Show which incidents recorded deliveries (one a line) would make; nothing is sent."""
    from bot.replay_command import replayed

    click.echo(replayed(load_settings(), deliveries, catalog, in_json=as_json))
