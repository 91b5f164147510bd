"""What a browser calls itself, as people know it: `Firefox, Linux`."""

from __future__ import annotations

BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""The first that is found: most call themselves several of the later ones too."""
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
LONGEST = 60


def program_name(said: str) -> str:
    """Empty if it said nothing; its own words, shortened, if it is none of those that we know."""
    browser = next((name for sign, name in BROWSERS if sign in said), "")
    if not browser:
        return said[:LONGEST]
    system = next((name for sign, name in SYSTEMS if sign in said), "")
    return f"{browser}, {system}" if system else browser
