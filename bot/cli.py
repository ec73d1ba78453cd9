"""The `pilot` command line. Exit codes: 0 done, 1 failed or findings, 2 wrong usage or configuration."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, BinaryIO, ParamSpec

import click

from bot.logs import configure_logs
from bot.roles import ROLES
from investigator.errors import ConfigurationError, PilotError
from investigator.settings import load_settings

P = ParamSpec("P")

FAILED, WRONG = 1, 2


def one_line_errors(command: Callable[P, None]) -> Callable[P, None]:
    """Turn errors of ours into one line on standard error and the contract's exit code."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except ConfigurationError as error:
            click.echo(f"pilot: {error}", err=True)
            sys.exit(WRONG)
        except PilotError as error:
            click.echo(f"pilot: {error}", err=True)
            sys.exit(FAILED)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="incidentpilot", prog_name="pilot")
def main() -> None:
    """IncidentPilot: a Sentry alert becomes an investigated Slack thread."""


def _add_role(role: str, summary: str) -> None:
    @main.command(role, help=summary)
    @one_line_errors
    def command() -> None:
        from bot.processes import run_role

        configure_logs(role)
        run_role(role, load_settings())


for _role, _summary in ROLES.items():
    _add_role(_role, _summary)


@main.command()
@one_line_errors
def up() -> None:
    """Run everything under one supervisor, with a store of its own if none is named."""
    from bot.processes import until_told_to_stop
    from bot.supervisor import up as run_everything

    configure_logs("up")
    settings = load_settings()
    asyncio.run(until_told_to_stop(lambda stop: run_everything(settings, stop)))


@main.command()
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
def demo(once: bool, as_json: bool, page_port: int) -> None:
    """Play a real incident into the bot, on stand-ins of Slack, Sentry and GitHub. No account needed."""
    from bot.demo.command import run

    if as_json and not once:
        raise ConfigurationError("--json needs --once: without it the demo stays until Ctrl-C")
    configure_logs("demo", level="error")
    directory = load_settings().pilot_data_dir.absolute() / "demo"
    if not run(directory, once=once, as_json=as_json, page_port=page_port):
        sys.exit(FAILED)


@main.command()
@click.argument("event", type=click.File("rb"))
@click.option(
    "--repo-path",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A local git clone to look at instead of GitHub.",
)
@click.option("--repo", metavar="OWNER/NAME", help="The repository; by default what the catalogue says.")
@click.option("--base", help="Commit, tag or branch that still worked.")
@click.option("--head", help="Commit, tag or branch that crashed.")
@click.option("--no-ai", is_flag=True, help="Ask no language model.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--blocks", is_flag=True, help="Print the Block Kit that Slack would get.")
@one_line_errors
def investigate(event: BinaryIO, as_json: bool, blocks: bool, **options: Any) -> None:
    """Investigate one Sentry payload (webhook or API body) from the terminal; `-` reads standard input."""
    from bot.investigate_command import Question, ask, printed

    configure_logs("investigate", level="warning")
    question = Question(payload=event.read(), name=event.name, **options)
    click.echo(printed(asyncio.run(ask(load_settings(), question)), as_json=as_json, blocks=blocks))


@main.command()
@click.argument("subject", metavar="INCIDENT|EVENT.json")
@click.option("--dry-run", is_flag=True, help="Print the diff; nothing else can be done from here.")
@click.option(
    "--repo-path",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A local git clone to look at instead of GitHub.",
)
@click.option("--repo", metavar="OWNER/NAME", help="The repository; by default what the catalogue says.")
@click.option("--base", help="Commit, tag or branch that still worked.")
@click.option("--head", help="Commit, tag or branch to mend; by default the default branch.")
@click.option("--no-ai", is_flag=True, help="Ask no language model: only reverts are proposed.")
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
    configure_logs("fix", level="error")
    proposal = asyncio.run(proposed(load_settings(), subject, Question(payload=b"", name=subject, **options)))
    sys.stdout.buffer.write(proposal.diff.encode(errors="surrogateescape"))
    sys.stdout.buffer.flush()
    click.echo(summary(proposal), err=True)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@one_line_errors
def incidents(as_json: bool) -> None:
    """List the newest incidents."""
    from bot.incidents_command import listed

    click.echo(asyncio.run(listed(load_settings(), as_json=as_json)))


@main.command()
@click.option("--newest", type=click.IntRange(1), default=200, show_default=True, help="How many entries.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@one_line_errors
def audit(newest: int, as_json: bool) -> None:
    """List who did what through the bot, newest first."""
    from bot.audit_command import audited

    click.echo(asyncio.run(audited(load_settings(), newest=newest, as_json=as_json)))


@main.command()
@click.argument("deliveries", type=click.Path(path_type=Path))
@click.option("--catalog", type=click.Path(path_type=Path), help="Another catalogue than the configured one.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@one_line_errors
def replay(deliveries: Path, catalog: Path | None, as_json: bool) -> None:
    """Show which incidents recorded deliveries (one a line) would make; nothing is sent."""
    from bot.replay_command import replayed

    click.echo(replayed(load_settings(), deliveries, catalog, in_json=as_json))


@main.command()
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


@main.command()
@click.option("--days", type=click.IntRange(1, 365), default=7, show_default=True, help="The newest so many.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@one_line_errors
def quality(days: int, as_json: bool) -> None:
    """Show how good verdicts were: available, grounded, right, sure but wrong, and what they cost."""
    from bot.quality_command import measured

    click.echo(asyncio.run(measured(load_settings(), days=days, as_json=as_json)))


@main.command()
@click.argument("incidents", nargs=-1, required=True, metavar="#INCIDENT...")
@one_line_errors
def erase(incidents: tuple[str, ...]) -> None:
    """Forget what Sentry, GitHub and models said about incidents. There is no way back."""
    from bot.erase_command import erased

    click.echo(asyncio.run(erased(load_settings(), incidents)))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@one_line_errors
def health(as_json: bool) -> None:
    """Show how the bot itself is doing; exit code 1 if something critical is the matter."""
    from bot.health_command import judged

    configure_logs("health", level="error")
    verdict = asyncio.run(judged(load_settings(), as_json=as_json))
    click.echo(verdict.text)
    if not verdict.well:
        sys.exit(FAILED)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@one_line_errors
def doctor(as_json: bool) -> None:
    """Check credentials, channels, repositories, the store and the way out; each failure with its remedy."""
    from bot.doctor.command import examined, leave

    configure_logs("doctor", level="error")
    verdict = examined(load_settings(), as_json=as_json)
    click.echo(verdict.text)
    leave(0 if verdict.ok else FAILED)


@main.group("eval")
def evaluate() -> None:
    """Measure decisions on cases whose truth is known."""


@evaluate.command()
@click.argument("cases", type=click.Path(path_type=Path))
@click.option(
    "--repos",
    type=click.Path(path_type=Path),
    help="Where the clones are; by default beside the file of cases.",
)
@click.option("--limit", type=click.IntRange(1), help="Only the first so many cases.")
@click.option("--jobs", type=click.IntRange(1, 64), default=2, show_default=True, help="Cases at a time.")
@click.option("--negatives", is_flag=True, help="Try each case again with the culprit before the range.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@one_line_errors
def suspects(as_json: bool, **options: Any) -> None:
    """Rank the suspects of crashes whose culprit is known: one case a line."""
    from bot.eval_command import Asked
    from bot.eval_command import suspects as evaluated

    configure_logs("eval", level="error")
    click.echo(evaluated(load_settings(), Asked(**options), as_json=as_json))


@evaluate.command("cascades")
@click.argument("cases", type=click.Path(path_type=Path))
@click.option("--limit", type=click.IntRange(1), help="Only the first so many streams.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@one_line_errors
def cascades_eval(cases: Path, limit: int | None, as_json: bool) -> None:
    """Group recorded streams whose incidents and roots are known: one case a line."""
    from bot.eval_cascades import cascades

    configure_logs("eval", level="error")
    click.echo(cascades(load_settings(), cases, limit=limit, as_json=as_json))


@evaluate.command("golden")
@click.argument("cases", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--no-ai", is_flag=True, help="Judge only the ranking.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@one_line_errors
def golden_cases(cases: tuple[Path, ...], no_ai: bool, as_json: bool) -> None:
    """Judge frozen incidents again, with the configured models and today's code."""
    from bot.golden_command import golden

    configure_logs("eval", level="error")
    click.echo(asyncio.run(golden(load_settings(), cases, no_ai=no_ai, as_json=as_json)))


@main.command()
@click.argument("incident", metavar="#INCIDENT")
@click.option("--truth", required=True, help="The SHA of the commit that did it, or `none`.")
@click.option("--note", default="", help="How that is known.")
@one_line_errors
def freeze(incident: str, truth: str, note: str) -> None:
    """Print an incident with its truth, without secrets, as a case for `pilot eval golden`."""
    from bot.golden_command import frozen

    click.echo(asyncio.run(frozen(load_settings(), incident, truth=truth, note=note)))


@main.group()
def catalog() -> None:
    """About the service catalogue."""


@catalog.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@one_line_errors
def catalog_import(files: tuple[Path, ...]) -> None:
    """Print a pilot.yml made of Backstage's catalog-info.yaml files; what is left out is told on stderr."""
    from bot.catalog_command import imported

    click.echo(imported(files))


@main.group()
def config() -> None:
    """About the configuration."""


@config.command()
def schema() -> None:
    """Print the JSON Schema of pilot.yml."""
    from investigator.catalog import CatalogFile

    click.echo(json.dumps(CatalogFile.model_json_schema(), indent=2))
