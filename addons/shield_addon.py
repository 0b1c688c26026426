"""Shield in stock mitmproxy:  uv run mitmdump -s "$(shield addon-path)"

Everything is in shield/proxy/stock.py, which stays when this file is edited, broken or removed.
"""

import sys
from pathlib import Path

try:
    from shield.proxy.stock import install
except ModuleNotFoundError:  # a checkout that was not installed
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from shield.proxy.stock import install


def load(loader):  # type: ignore[no-untyped-def]
    """mitmproxy calls this when the script is loaded, and whenever it has changed."""
    install(loader)
