"""The demo: the real proxy between a person's browser and a local origin that plays the companies.

``run`` needs no network and installs nothing: the origin, the certificates and the twin of the invented Anna
Schmidt live for some seconds in a temporary folder.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from shield.demo.result import Claim, DemoResult, Row

__all__ = ["Claim", "DemoResult", "Row", "run"]


def run(rules: Path | None = None) -> DemoResult:
    """Take the trip and say what arrived.

    Args:
        rules: a folder of rule files in place of the shipped ones; an empty one leaves the share table.
    """
    from shield.demo.drive import drive  # the proxy takes a second to import, --help should not wait for it

    return asyncio.run(drive(rules))
