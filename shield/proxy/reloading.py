"""Changed rules are taken up away from the path of messages."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from shield.proxy.judge import Keeping

logger = logging.getLogger("shield.proxy")

RELOAD_SECONDS: Final = 1.0


async def follow(keeper: Keeping) -> None:
    """Look for changed files, for ever, in a thread; rules that cannot be read leave the old ones in force."""
    while True:
        await asyncio.sleep(RELOAD_SECONDS)
        try:
            for message in await asyncio.to_thread(keeper.reload_if_changed):
                logger.warning("%s", message)
        except Exception as error:  # what was in force stays in force
            logger.error("rules could not be looked at: %s", type(error).__name__)
