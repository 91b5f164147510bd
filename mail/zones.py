"""The zone of a date that tells it by name: of a place, by letters, in words, or as a Unix variable. Pure.

A name that means one thing gives the instant. One that nobody knows, or that means several offsets (IST, BST), gives none:
to be an hour wrong about when a mail was written is worse than to go by when it arrived.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache

from models.messages.calendars import TIME_ZONES
from policies.zones import is_known, zone

OFFSETS = {
    "UTC": 0, "GMT": 0, "UT": 0, "Z": 0, "UCT": 0, "ZULU": 0, "WET": 0, "WEST": 1, "CET": 1, "MET": 1, "MEZ": 1, "WEZ": 0,
    "OEZ": 2, "CEST": 2, "MEST": 2, "MESZ": 2, "WESZ": 1, "OESZ": 3, "HNEC": 1, "HAEC": 2, "EET": 2, "EEST": 3,
    "MSK": 3, "MSD": 4, "TRT": 3, "SAST": 2, "CAT": 2, "EAT": 3, "WIB": 7, "ICT": 7, "SGT": 8, "HKT": 8, "AWST": 8, "WITA": 8,
    "JST": 9, "KST": 9, "WIT": 9,
    "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "BRT": -3, "BRST": -2, "ART": -3, "CLT": -4, "CLST": -3, "PET": -5,
    "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10,
    # RFC 5322 4.3 fixes it, though China has the same letters.
    "CST": -6,
}  # fmt: skip
"""Hours east of UTC, of letters that mean one offset everywhere, beside those that RFC 5322 fixes."""
IN_WORDS = {
    "coordinated universal time": "UTC", "greenwich mean time": "UTC", "koordinierte weltzeit": "UTC",
    "british summer time": "Etc/GMT-1", "gmt standard time": "Europe/London", "western european time": "Etc/GMT",
    "western european summer time": "Etc/GMT-1", "central european standard time": "Etc/GMT-1",
    "central european time": "Europe/Berlin", "central european summer time": "Etc/GMT-2",
    "central european daylight time": "Etc/GMT-2", "w. europe standard time": "Europe/Berlin",
    "w. europe daylight time": "Europe/Berlin", "romance standard time": "Europe/Paris", "romance daylight time": "Europe/Paris",
    "central europe standard time": "Europe/Budapest", "central europe daylight time": "Europe/Budapest",
    "mitteleuropäische zeit": "Etc/GMT-1", "mitteleuropäische normalzeit": "Etc/GMT-1",
    "mitteleuropäische sommerzeit": "Etc/GMT-2", "heure normale d’europe centrale": "Etc/GMT-1",
    "heure d’été d’europe centrale": "Etc/GMT-2", "hora estándar de europa central": "Etc/GMT-1",
    "hora de verano de europa central": "Etc/GMT-2", "ora standard dell’europa centrale": "Etc/GMT-1",
    "ora legale dell’europa centrale": "Etc/GMT-2", "eastern european standard time": "Etc/GMT-2",
    "eastern european summer time": "Etc/GMT-3", "fle standard time": "Europe/Helsinki", "gtb standard time": "Europe/Athens",
    "moscow standard time": "Etc/GMT-3", "russian standard time": "Europe/Moscow", "turkey standard time": "Europe/Istanbul",
    "turkey time": "Europe/Istanbul", "eastern standard time": "Etc/GMT+5", "eastern daylight time": "Etc/GMT+4",
    "central standard time": "Etc/GMT+6", "central daylight time": "Etc/GMT+5", "mountain standard time": "Etc/GMT+7",
    "mountain daylight time": "Etc/GMT+6", "pacific standard time": "Etc/GMT+8", "pacific daylight time": "Etc/GMT+7",
    "india standard time": "Asia/Kolkata", "china standard time": "Asia/Shanghai", "japan standard time": "Asia/Tokyo",
    "tokyo standard time": "Asia/Tokyo", "korean standard time": "Asia/Seoul", "singapore standard time": "Asia/Singapore",
    "arabian standard time": "Asia/Dubai", "gulf standard time": "Asia/Dubai", "arab standard time": "Asia/Riyadh",
    "israel standard time": "Asia/Jerusalem", "brasilia standard time": "America/Sao_Paulo",
    "e. south america standard time": "America/Sao_Paulo", "aus eastern standard time": "Australia/Sydney",
    "new zealand standard time": "Pacific/Auckland", "south africa standard time": "Africa/Johannesburg",
}  # fmt: skip
"""As Windows, Java and browsers spell zones out."""
OF_UNIX = {
    ("CET", "CEST"): "Europe/Berlin", ("MEZ", "MESZ"): "Europe/Berlin", ("MET", "MEST"): "Europe/Berlin",
    ("GMT", "BST"): "Europe/London", ("WET", "WEST"): "Europe/Lisbon", ("EET", "EEST"): "Europe/Helsinki",
    ("EST", "EDT"): "America/New_York", ("CST", "CDT"): "America/Chicago", ("MST", "MDT"): "America/Denver",
    ("PST", "PDT"): "America/Los_Angeles", ("AEST", "AEDT"): "Australia/Sydney", ("NZST", "NZDT"): "Pacific/Auckland",
}  # fmt: skip
"""Places that keep both, for the variable TZ of Unix that names the two."""

VARIABLE = re.compile(r"([A-Za-z]{3,5})([+-]?\d{1,2})(?::?00)?(?:([A-Za-z]{3,5})(?:[,+-][\w.,/:+-]{0,60})?)?")
BEHIND_THE_TIME = re.compile(
    r"(?<![\d:.+-])(?P<time>(?:\d{1,2}\s?[:.h]\s?\d{2}(?:[:.]\d{2}(?:[.,]\d{1,9})?)?|(?<=\d{4} )\d{1,2})"
    r"(?:\s?(?:[ap]\.?m\b\.?|uhr\b|h\b))?)[ \[]{0,3}(?P<name>[^\W\d_][^\d:()\[\]]{0,60}|"
    r"[A-Za-z][\w+/-]{2,40}(?:,[\w.,/:+-]{1,60})?)\]?"
    r"(?P<year> \d{4})?$",
    re.IGNORECASE,
)
NAME = re.compile(
    r"[A-Z]{2,5}|[A-Za-z]{2,20}/[\w+/-]{2,40}|[^\d,]{2,40} (?:[Tt]ime|[Zz]eit)|[A-Z]{3,5}[+-]?\d{1,2}[A-Z]{3,5}"
)
"""What must be the name of a zone, known or not."""
NO_ZONE = {"AM", "PM", "UHR", "KLO"}
COMMENT = re.compile(r"\(([^()]{1,60})\)")
OFFSET = re.compile(r"(?<=[\d\sA-Z])[+-]\d{1,2}(?::?\d{2})?(?: ?[A-Z]{1,5})?(?: \d{4})?$", re.IGNORECASE)
BARE_OFFSET = re.compile(r"(?:GMT|UTC|UT)?\s?([+-])(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE)


class UnknownZone(ValueError):
    """A date in a zone that nobody knows, so that its instant is not known either."""


def by_name(date: str, told: str) -> tuple[str, tzinfo | None]:
    """A date without the name of its zone, and the zone; the date as it is, and None, where it names none. `told`: the date with
    its comments, of which one counts where nothing else tells the zone. Raises `UnknownZone`."""
    found = BEHIND_THE_TIME.search(date)
    name = found["name"].strip() if found else ""
    known = _zone(name) if name else None
    if found is not None and known is not None:
        return date[: found.end("time")] + (found["year"] or ""), known
    # What has an offset, too, is told twice: the offset is the clearer one.
    comment = COMMENT.search(told)
    if comment and ":" in date and not OFFSET.search(date) and (known := _zone(comment[1])) is not None:
        return date, known
    if NAME.fullmatch(name) and name.upper() not in NO_ZONE:
        raise UnknownZone(name)
    return date, None


def at(date: datetime, place: tzinfo) -> datetime:
    """In UTC, what a clock shows in that zone; an hour that comes twice is the first of them."""
    return date.replace(tzinfo=place).astimezone(UTC)


def _zone(name: str) -> tzinfo | None:
    bare = " ".join(name.replace("'", "’").split()).strip(" .")
    if (hours := OFFSETS.get(bare.upper())) is not None:
        return timezone(timedelta(hours=hours))
    if (told := BARE_OFFSET.fullmatch(bare)) and int(told[2]) < 24:
        east = timedelta(hours=int(told[2]), minutes=int(told[3] or 0))
        return timezone(east if told[1] == "+" else -east)
    key = IN_WORDS.get(bare.casefold()) or _places().get(bare.casefold().replace(" ", "_"))
    if key is None and (variable := VARIABLE.fullmatch(bare)):
        return _of_unix(variable)
    return zone(key) if key is not None and is_known(key) else None


def _of_unix(variable: re.Match[str]) -> tzinfo | None:
    """The variable TZ counts hours west of UTC: `CET-1CEST` is Berlin's."""
    standard, west, summer = variable[1].upper(), int(variable[2]), variable[3]
    if summer is None:
        return timezone(timedelta(hours=-west)) if OFFSETS.get(standard) == -west else None
    key = OF_UNIX.get((standard, summer.upper()))
    return zone(key) if key is not None and is_known(key) else None


@cache
def _places() -> dict[str, str]:
    return {key.casefold(): key for key in TIME_ZONES}
