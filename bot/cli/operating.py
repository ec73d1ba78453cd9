"""Commands for whoever keeps the bot running."""

from __future__ import annotations

import asyncio
import sys

import click

from bot import logs
from bot.cli.errors import FAILED, one_line_errors
from investigator.errors import ConfigurationError
from investigator.settings import load_settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@one_line_errors
def incidents(as_json: bool) -> None:
    """List the newest incidents."""
    from bot.incidents_command import listed

    click.echo(asyncio.run(listed(load_settings(), as_json=as_json)))


@click.command()
@click.option("--newest", type=click.IntRange(1), default=200, show_default=True, help="How many entries.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@one_line_errors
def audit(newest: int, as_json: bool) -> None:
    """List who did what through the bot, newest first."""
    from bot.audit_command import audited

    click.echo(asyncio.run(audited(load_settings(), newest=newest, as_json=as_json)))


@click.command()
@click.option("--dead", is_flag=True, help="List what triage set aside, with the reasons.")
@click.option("--replay", "put_back", is_flag=True, help="Put it back into the inbox: all, or ENTRIES.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.argument("entries", nargs=-1, metavar="[ENTRY]...")
@one_line_errors
def inbox(dead: bool, put_back: bool, as_json: bool, entries: tuple[str, ...]) -> None:
    """Show what waits for triage."""
    from bot.inbox_command import inspected

    if entries and not put_back:
        raise ConfigurationError("entries are named for --replay only: `pilot inbox --replay ENTRY...`")
    settings = load_settings()
    click.echo(
        asyncio.run(inspected(settings, dead=dead, put_back=put_back, entries=entries, as_json=as_json))
    )


@click.command()
@click.option("--days", type=click.IntRange(1, 365), default=7, show_default=True, help="The newest so many.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@one_line_errors
def quality(days: int, as_json: bool) -> None:
    """Show how good verdicts were: available, grounded, right, sure but wrong, and what they cost."""
    from bot.quality_command import measured

    click.echo(asyncio.run(measured(load_settings(), days=days, as_json=as_json)))


@click.command()
@click.argument("incidents", nargs=-1, required=True, metavar="#INCIDENT...")
@click.option("--slack", is_flag=True, help="Also delete the bot's own messages and files of their threads.")
@one_line_errors
def erase(incidents: tuple[str, ...], slack: bool) -> None:
    """Forget what Sentry, GitHub and models said about incidents. There is no way back."""
    from bot.erase_command import erased

    click.echo(asyncio.run(erased(load_settings(), incidents, from_slack=slack)))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@one_line_errors
def health(as_json: bool) -> None:
    """Show how the bot itself is doing; exit code 1 if something critical is the matter."""
    from bot.health_command import judged

    logs.configure_logs("health", level="error")
    verdict = asyncio.run(judged(load_settings(), as_json=as_json))
    click.echo(verdict.text)
    if not verdict.well:
        sys.exit(FAILED)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@one_line_errors
def doctor(as_json: bool) -> None:
    """Check credentials, channels, repositories, the store and the way out; each failure with its remedy."""
    from bot.doctor.command import examined, leave

    logs.configure_logs("doctor", level="error")
    verdict = examined(load_settings(), as_json=as_json)
    click.echo(verdict.text)
    leave(0 if verdict.ok else FAILED)
