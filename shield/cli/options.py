"""Options that several commands share, with one wording."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Configuration to use. [default: shield.yaml in the home folder]"),
]
Rules = Annotated[
    Path | None,
    typer.Option("--rules", metavar="DIR", help="Rules to use in place of the shipped ones; an empty folder: none."),
]
Facts = Annotated[
    Path | None, typer.Option("--facts", metavar="FILE", help="Facts to look for, in place of those of the twin.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
