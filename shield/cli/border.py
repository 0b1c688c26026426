"""Where errors become words: ``error: ...``, ``hint: ...`` on stderr, and an exit status.

0 done; 1 something was found (a failed check, a record with an error); 2 wrong input. A ShieldError is never
a traceback.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import NoReturn

import typer

from shield.errors import RuleError, RuleErrors, ShieldError

FOUND = 1
WRONG_INPUT = 2


def guarded[**P, R](command: Callable[P, R]) -> Callable[P, R]:
    """Turn what a command raises into words and a status."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except ShieldError as error:
            tell(error)
        except BrokenPipeError:  # the reader of our output went away: head, less
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except OSError as error:
            _tell(f"{error.filename or 'a file'}: {(error.strerror or type(error).__name__).lower()}", "shield doctor")
        raise typer.Exit(WRONG_INPUT)

    return run


def tell(error: ShieldError) -> None:
    """Write an error and its hint to stderr; of several, each."""
    for one in error.errors if isinstance(error, RuleErrors) else (error,):
        _tell(f"{one.where}: {one.message}" if isinstance(one, RuleError) else one.message, one.hint)


def _tell(message: str, hint: str) -> None:
    typer.echo(f"error: {message}", err=True)
    if hint:
        typer.echo(f"  hint: {hint}", err=True)


def stop(message: str, hint: str = "") -> NoReturn:
    """End with wrong input."""
    _tell(message, hint)
    raise typer.Exit(WRONG_INPUT)
