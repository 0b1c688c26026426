"""The one door to changing state, for whoever calls the engine.

The engine is a value: it is replaced whole when a rule file or the twin changes, and whoever took it finishes
with the one it took. What the engine says must be stored, is stored here before the message leaves.
"""

from shield.keeper.asking import Questions
from shield.keeper.home import Home, default_home
from shield.keeper.keeper import Keeper

__all__ = ["Home", "Keeper", "Questions", "default_home"]
