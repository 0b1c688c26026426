"""``python -m shield`` is ``shield``."""

from __future__ import annotations

from shield.cli import main

main()
