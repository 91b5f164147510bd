"""A mail's date, however it is written: RFC 5322, its comments and obsolete zones, ISO 8601, and what programs make of
them. Pure; all in UTC."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 200
"""Characters that are looked at."""
ISO = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T\s]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d{1,9})?)?\s*"
    r"(Z|UTC|GMT)?\s*(?:([+-])(\d{2}):?(\d{2})?)?)?",
    re.IGNORECASE,
)
WEEKDAY = re.compile(r"^[^\W\d]{2,12}\.?(?:,|\s)\s*(?=[\d]|[a-z]{3,9}\.?\s+\d)", re.IGNORECASE)
MONTH_FIRST = re.compile(r"^([a-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})\b", re.IGNORECASE)
SHORT_YEAR = re.compile(r"(?<=[a-z] )(\d{3})(?= \d{1,2}:)", re.IGNORECASE)
LEAP_SECOND = re.compile(r"(?<=:\d\d:)60\b")
DAY_ALONE = re.compile(r"\d{1,2} [a-z]{3,9} \d{4}", re.IGNORECASE)
ZONE_WITH_COLON = re.compile(r"(?<=[+-]\d\d):(?=\d\d\b)")
NAMED_OFFSET = re.compile(r"\b(?:GMT|UTC|UT|Z)\s*(?=[+-]\d)", re.IGNORECASE)
SHORT_OFFSET = re.compile(r"([+-])(\d)(?:00)?$|([+-]\d\d)$")
DOTTED_TIME = re.compile(r"\b(\d{1,2})\.(\d{2})(?:\.(\d{2}))?(?=\s|$)")
DASHED = re.compile(r"\b(\d{1,2})[-/ ]([A-Za-z]{3,9})\.?[-/ ,]+(\d{2,4})\b")
HALF_OF_DAY = re.compile(r"\b(\d{1,2})((?::\d{2}){1,2})\s*([ap])\.?m\.?(?![a-z])", re.IGNORECASE)
FRACTION = re.compile(r"(?<=:\d\d)[.,]\d{1,9}")
ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHS = {
    # The first three letters where they tell it; English ones are the stdlib's.
    "jän": 1, "ene": 1, "gen": 1, "sty": 1, "fév": 2, "fev": 2, "lut": 2, "mär": 3, "mrz": 3, "maa": 3,
    "mrt": 3, "avr": 4, "abr": 4, "kwi": 4, "mai": 5, "mei": 5, "maj": 5, "mag": 5, "giu": 6, "cze": 6, "lug": 7,
    "lip": 7, "aoû": 8, "aou": 8, "ago": 8, "sie": 8, "set": 9, "wrz": 9, "okt": 10, "oct": 10, "ott": 10, "out": 10,
    "paź": 10, "lis": 11, "dez": 12, "déc": 12, "dic": 12, "gru": 12,
    # Cyrillic
    "янв": 1, "фев": 2, "мар": 3, "апр": 4, "май": 5, "мая": 5, "июн": 6, "июл": 7, "авг": 8, "сен": 9, "окт": 10,
    "ноя": 11, "дек": 12, "січ": 1, "лют": 2, "бер": 3, "кві": 4, "тра": 5, "чер": 6, "лип": 7, "сер": 8, "вер": 9,
    "жов": 10, "лис": 11, "гру": 12, "juin": 6, "juil": 7,
    **{name.lower(): number for number, name in enumerate(ENGLISH, 1)},
}  # fmt: skip
LOCAL_MONTH = re.compile(r"(?<=\d)([\s.-]+)([^\W\d]{3,12})\.?(?=[\s.-]+\d)")


def mail_date(text: str) -> datetime:
    """In UTC. What names no zone is taken for UTC (RFC 5322 3.3). Raises ValueError, TypeError or OverflowError."""
    bare = " ".join(without_comments(text[:LONGEST]).split()).strip(" ,;")
    iso = ISO.match(bare)
    if iso:
        return _iso(iso)
    date = parsedate_to_datetime(_usual(bare))
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


def without_comments(text: str) -> str:
    """One pass, because comments nest, and a hostile one nests thousands deep."""
    bare, depth = [], 0
    for character in text:
        depth += character == "("
        bare.append(" " if depth else character)
        depth -= character == ")" and depth > 0
    return "".join(bare)


def _iso(found: re.Match[str]) -> datetime:
    year, month, day = (int(found[each]) for each in (1, 2, 3))
    hour, minute, second = (int(found[each] or 0) for each in (4, 5, 6))
    sign, hours, minutes = found[8], found[9], found[10]
    zone = f"{sign}{hours}:{minutes or '00'}" if sign else "+00:00"
    text = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{min(second, 59):02}{zone}"
    return datetime.fromisoformat(text).astimezone(UTC)


def _usual(text: str) -> str:
    """In the form of RFC 5322, as far as it is told."""
    text = FRACTION.sub("", NAMED_OFFSET.sub("", ZONE_WITH_COLON.sub("", text)))
    text = HALF_OF_DAY.sub(lambda found: f"{int(found[1]) % 12 + 12 * (found[3] in 'pP'):02}{found[2]}", text)
    weekday = WEEKDAY.match(text)
    if weekday and text[:3].title() not in ENGLISH:  # in whatever language; nothing depends on it
        text = text[weekday.end() :]
    text = MONTH_FIRST.sub(r"\2 \1 \3", text)
    text = LOCAL_MONTH.sub(_month, text.replace(" de ", " "), count=1)
    text = DASHED.sub(r"\1 \2 \3", text, count=1)
    # RFC 5322 4.3: a year of three digits counts from 1900.
    text = LEAP_SECOND.sub("59", SHORT_YEAR.sub(lambda found: str(1900 + int(found[1])), text))
    if DAY_ALONE.fullmatch(text):
        return f"{text} 00:00:00"
    if ":" not in text:
        text = DOTTED_TIME.sub(lambda found: ":".join((found[1], found[2], found[3] or "00")), text, count=1)
    return SHORT_OFFSET.sub(lambda found: f"{found[1]}0{found[2]}00" if found[1] else f"{found[3]}00", text)


def _month(found: re.Match[str]) -> str:
    name = found[2].lower()
    month = MONTHS.get(name[:4]) or MONTHS.get(name[:3])
    return f" {ENGLISH[month - 1]}" if month else found[0]
