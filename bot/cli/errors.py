"""Errors as the command line shows them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click

from investigator.errors import ConfigurationError, PilotError, StoreUnavailable

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
        except StoreUnavailable as error:
            click.echo(f"pilot: {error}; {error.remedy}", err=True)
            sys.exit(FAILED)
        except PilotError as error:
            click.echo(f"pilot: {error}", err=True)
            sys.exit(FAILED)

    return run
