"""User agents made coarser: one frozen text for each browser family and operating system.

What a browser says of itself is reduced to what most people of its family say. User-Agent and Sec-CH-UA carry the
same frozen version, for a contradiction between them stands out more than either.
Source: UA reduction (chromium.org, developer guide); UA client hints (WICG), section 3.
"""

from __future__ import annotations

import re
from typing import Final

_CHROME_VERSION: Final = "140"
_SYSTEMS: Final = (
    ("iPhone", "iphone"), ("iPad", "ipad"), ("Android", "android"), ("CrOS", "chromeos"), ("Windows", "windows"),
    ("Macintosh", "mac"), ("Linux", "linux"),
)  # fmt: skip
_FAMILIES: Final = (
    ("Edg/", "edge"), ("EdgA/", "edge"), ("OPR/", "opera"), ("Firefox/", "firefox"), ("FxiOS/", ""), ("CriOS/", ""),
    ("EdgiOS/", ""), ("SamsungBrowser/", "samsung"), ("Chrome/", "chrome"), ("Safari/", "safari"),
)  # fmt: skip
_CHROME_PLATFORMS: Final = {
    "android": "Linux; Android 10; K", "chromeos": "X11; CrOS x86_64 14541.0.0",
    "windows": "Windows NT 10.0; Win64; x64", "mac": "Macintosh; Intel Mac OS X 10_15_7", "linux": "X11; Linux x86_64",
}  # fmt: skip
_FIREFOX_PLATFORMS: Final = {
    "android": "Android 14; Mobile", "windows": "Windows NT 10.0; Win64; x64", "mac": "Macintosh; Intel Mac OS X 10.15",
    "linux": "X11; Linux x86_64",
}  # fmt: skip
_SAFARI: Final = {
    "iphone": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.5 Mobile/15E148 Safari/604.1",
    "ipad": "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.5 Mobile/15E148 Safari/604.1",
    "mac": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.5 Safari/605.1.15",
}
_SUFFIX: Final = {
    "chrome": "", "edge": f" Edg/{_CHROME_VERSION}.0.0.0", "opera": " OPR/124.0.0.0",
}  # fmt: skip
_BRANDS: Final = (
    ("Microsoft Edge", _CHROME_VERSION), ("Opera", "124"), ("Brave", _CHROME_VERSION),
    ("Google Chrome", _CHROME_VERSION),
)  # fmt: skip


def frozen_user_agent(text: str) -> str | None:
    """The frozen User-Agent of the same family and system; None for what is no browser that we know."""
    system = next((name for mark, name in _SYSTEMS if mark in text), "")
    family = next((name for mark, name in _FAMILIES if mark in text), "")
    if family == "samsung":
        family = "chrome"  # a reduced Samsung browser says no more than Chrome on Android
    if family == "safari":
        return _SAFARI.get(system)
    if family == "firefox":
        return _firefox(system)
    platform = _CHROME_PLATFORMS.get(system)
    if platform is None or family not in _SUFFIX:
        return None
    mobile = " Mobile" if system == "android" and "Mobile" in text else ""
    return (
        f"Mozilla/5.0 ({platform}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{_CHROME_VERSION}.0.0.0"
        f"{mobile} Safari/537.36{_SUFFIX[family]}"
    )


def _firefox(system: str) -> str | None:
    platform = _FIREFOX_PLATFORMS.get(system)
    if platform is None:
        return None
    gecko = "140.0" if system == "android" else "20100101"
    return f"Mozilla/5.0 ({platform}; rv:140.0) Gecko/{gecko} Firefox/140.0"


def frozen_hint(header: str, text: str) -> str | None:
    """A client hint that the family alone needs; None for every other hint, which is left out."""
    if header == "sec-ch-ua":
        return _brands(text)
    if header == "sec-ch-ua-mobile":
        return text if text in ("?0", "?1") else None
    if header == "sec-ch-ua-platform":
        return text if re.fullmatch(r'"(Windows|macOS|Linux|Android|Chrome OS|iOS)"', text) else None
    return None


def _brands(text: str) -> str | None:
    """``"Chromium";v="140", "Google Chrome";v="140", "Not?A_Brand";v="99"``"""
    if "Chromium" not in text:
        return None
    own = [brand for brand in _BRANDS if brand[0] in text][:1]
    brands = [("Chromium", _CHROME_VERSION), *own, ("Not?A_Brand", "99")]
    return ", ".join(f'"{name}";v="{version}"' for name, version in brands)
