"""A mail's date, however it is written: RFC 5322, its comments and obsolete zones, ISO 8601, and what programs make of
them. Pure; all in UTC."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from mail.zones import OFFSETS, at, by_name

LONGEST = 200
"""Characters that are looked at."""
ISO = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T\s]+(\d{1,2})(?:[:.](\d{2})|(?=Z|[+-]\d|$))(?:[:.](\d{2})(?:[.,]\d{1,9})?)?\s*"
    r"(Z|UTC|GMT)?\s*(?:([+-])(\d{2}):?(\d{2})?)?)?",
    re.IGNORECASE,
)
EPOCH = re.compile(r"@?(\d{9,10})(?:[.,]\d{1,9})?|(\d{12,13})")
"""Seconds, or thousandths of them, since 1970."""
COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})[T ]?(\d{2})(\d{2})(\d{2})?(?=\D|$)", re.IGNORECASE)
CHARACTERS = re.compile(
    r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]?(?:\s?[（][^（）]{1,5}[）]|\s?\w曜日|\s?\w요일|\s?星期\w|\s?周\w)?"
)
NUMERIC = re.compile(r"\b(\d{1,2})(?P<sign>[./-])\s?(\d{1,2})(?P=sign)\s?(\d{4}|\d{2})\.?(?=[\s,]|$)")
"""Day and month, or month and day: with dots the day stands first everywhere."""
ORDINAL = re.compile(r"\b(\d{1,2})(?:er|re|st|nd|rd|th|º|ª)(?=[\s,])", re.IGNORECASE)
SPOKEN_TIME = re.compile(
    r"(?<=\d),?\s(?:at|um|à|a las|às|alle(?: ore)?|ore|om|kl\.?|klo|o|v|в|о|на|la)\s(?=\d{1,2}\s?[:.h])", re.IGNORECASE
)
HOURS_BY_LETTER = re.compile(r"\b(\d{1,2})\s?[hH]\s?(\d{2})\b")
O_CLOCK = re.compile(r"(?<=\d)\s?(?:uhr|h|год|klo)\b\.?", re.IGNORECASE)
MIDNIGHT = re.compile(r"(?<![\w:.])24:00(:00)?(?![\w:])")
"""The end of a day as an hour, and not the minute of another: 01:24:00."""
WEEKDAY = re.compile(r"^[^\W\d]{2,12}\.?(?:,|\s)\s*(?=[\d]|[a-z]{3,9}\.?\s+\d)", re.IGNORECASE)
MONTH_FIRST = re.compile(r"^([a-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})\b", re.IGNORECASE)
SHORT_YEAR = re.compile(r"(?<=[a-z] )(\d{3})(?= \d{1,2}:)", re.IGNORECASE)
LEAP_SECOND = re.compile(r"(?<=:\d\d:)60\b")
DAY_ALONE = re.compile(r"(\d{1,2} [a-z]{3,9} \d{2}(?:\d{2})?)( [+-]\d{4}| [a-z]{1,3})?", re.IGNORECASE)
HOUR_ALONE = re.compile(r"(?<=[a-z] \d{4} )(\d{1,2})(?=$| [+-]\d{4}$| [a-z]{1,3}$)", re.IGNORECASE)
COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
TIME_FIRST = re.compile(r"^(\d{1,2}:\d{2}(?::\d{2})?),?\s(.{0,20}?\d{1,2}\.?\s[^\W\d]{3,12}\.?\s\d{2,4})(?=\D|$)")
ZONE_BEFORE_YEAR = re.compile(r"(?<=:\d\d) ([A-Za-z]{1,5}|[+-]\d{4}) (\d{4})$")
"""As `date` of Unix writes it."""
SHORTENED_YEAR = re.compile(r"(?<=[a-z] )['’](?=\d\d\b)", re.IGNORECASE)
YEAR_OF_ZEROS = re.compile(r"(?<=[a-z] )00\d\d\b", re.IGNORECASE)
"""Of four digits, none of which may be left out: the stdlib reads it as the year 2000, or a few years later."""
HOUR_OF_HALF = re.compile(r"(?<=\d{4}),? (\d{1,2})\s?(?=[ap]\.?m\b)", re.IGNORECASE)
ZONE_WITH_COLON = re.compile(r"(?<=[+-]\d\d):(?=\d\d\b)")
NAMED_OFFSET = re.compile(rf"\b(?:{'|'.join(OFFSETS)})\s*(?=[+-]\d)", re.IGNORECASE)
SHORT_OFFSET = re.compile(r"([+-])(\d)(?::?([0-5]\d))?$|([+-]\d\d)$")
DOTTED_TIME = re.compile(r"\b(\d{1,2})\.(\d{2})(?:\.(\d{2}))?(?=\s|$)")
TIME_BEHIND_YEAR = re.compile(r"(?<=\d{4} )(\d{1,2})\.(\d{2})(?:\.(\d{2}))?(?=\s|$)")
DASHED = re.compile(r"\b(\d{1,2})[-/ ]([A-Za-z]{3,9})\.?[-/ ,]+(\d{2,4})\b")
HALF_OF_DAY = re.compile(r"\b(\d{1,2})((?::\d{2}){1,2})\s*([ap])\.?m\.?(?![a-z])", re.IGNORECASE)
FRACTION = re.compile(r"(?<=:\d\d)[.,]\d{1,9}")
DASHES = {ord(sign): "-" for sign in "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"}
"""Signs that programs write for the minus of an offset."""
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
    # Finnish, Hungarian, Turkish, Czech, Romanian, Greek
    "tam": 1, "hel": 2, "maal": 3, "huh": 4, "tou": 5, "kes": 6, "hei": 7, "elo": 8, "syy": 9, "lok": 10, "marr": 11,
    "jou": 12, "már": 3, "ápr": 4, "máj": 5, "jún": 6, "júl": 7, "sze": 9, "oca": 1, "şub": 2, "nis": 4, "haz": 6,
    "tem": 7, "ağu": 8, "eyl": 9, "eki": 10, "kas": 11, "ara": 12, "led": 1, "úno": 2, "bře": 3, "dub": 4, "kvě": 5,
    "červ": 6, "čvn": 6, "čvc": 7, "zář": 9, "říj": 10, "pro": 12, "ian": 1, "iun": 6, "iul": 7, "noi": 11,
    "ιαν": 1, "φεβ": 2, "μαρ": 3, "μάρ": 3, "απρ": 4, "μαΐ": 5, "μάι": 5, "μαϊ": 5, "ιουν": 6, "ιουλ": 7, "αυγ": 8, "σεπ": 9,
    "οκτ": 10, "νοε": 11, "δεκ": 12,
    **{name.lower(): number for number, name in enumerate(ENGLISH, 1)},
}  # fmt: skip
LOCAL_MONTH = re.compile(r"(?<=\d)([\s.-]+)([^\W\d]{3,12})\.?(?=[\s.-]+\d)")


SPACED_COLON = re.compile(r"(?<=\d) ?: ?(?=\d\d)")
"""Blanks and comments may stand within the time of an older mail (RFC 5322 4.3)."""


def mail_date(text: str) -> datetime:
    """In UTC. What names no zone is taken for UTC (RFC 5322 3.3). Raises ValueError (also of a zone that nobody knows),
    TypeError or OverflowError."""
    told = " ".join(text[:LONGEST].translate(DASHES).split())
    bare = " ".join(without_comments(told).split()).replace('"', "").strip(" ,;'")
    bare = SPACED_COLON.sub(":", bare)
    if epoch := EPOCH.fullmatch(bare):
        return datetime.fromtimestamp(int(epoch[1]) if epoch[1] else int(epoch[2]) // 1000, UTC)
    if day := COMPACT_DAY.fullmatch(bare):
        bare = "-".join(day.groups())
    bare = TIME_FIRST.sub(r"\2 \1", CHARACTERS.sub(r"\1-\2-\3 ", COMPACT.sub(_spread, bare)))
    bare, place = by_name(bare, told)
    midnight = MIDNIGHT.search(bare) is not None
    date = _read(MIDNIGHT.sub("00:00:00", bare) if midnight else bare)
    date += timedelta(days=midnight)
    return at(date, place) if place else date


def _read(bare: str) -> datetime:
    iso = ISO.match(bare)
    if iso:
        return _iso(iso)
    usual = _usual(bare)
    if YEAR_OF_ZEROS.search(usual):
        raise ValueError(f"no year: {usual}")
    date = parsedate_to_datetime(usual)
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


def _spread(found: re.Match[str]) -> str:
    return f"{found[1]}-{found[2]}-{found[3]}T{found[4]}:{found[5]}:{found[6] or '00'}"


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
    text = ZONE_BEFORE_YEAR.sub(r" \2 \1", text)
    text = FRACTION.sub("", NAMED_OFFSET.sub("", ZONE_WITH_COLON.sub("", text)))
    text = O_CLOCK.sub("", HOURS_BY_LETTER.sub(r"\1:\2", ORDINAL.sub(r"\1", SPOKEN_TIME.sub(" ", text))))
    if ":" not in text:  # before the day, which a time with dots looks like
        text = TIME_BEHIND_YEAR.sub(_colons, text, count=1)
    text = NUMERIC.sub(lambda found: _numeric(found, text), text, count=1)
    text = HOUR_OF_HALF.sub(r" \1:00 ", SHORTENED_YEAR.sub("", text))
    text = HALF_OF_DAY.sub(lambda found: f"{int(found[1]) % 12 + 12 * (found[3] in 'pP'):02}{found[2]}", text)
    weekday = WEEKDAY.match(text)
    if weekday and text[:3].title() not in ENGLISH:  # in whatever language; nothing depends on it
        text = text[weekday.end() :]
    text = MONTH_FIRST.sub(r"\2 \1 \3", text)
    text = LOCAL_MONTH.sub(_month, text.replace(" de ", " "), count=1)
    text = DASHED.sub(r"\1 \2 \3", text, count=1)
    # RFC 5322 4.3: a year of three digits counts from 1900.
    text = LEAP_SECOND.sub("59", SHORT_YEAR.sub(lambda found: str(1900 + int(found[1])), text))
    if ":" not in text:
        text = HOUR_ALONE.sub(r"\1:00", text)
    if alone := DAY_ALONE.fullmatch(text):
        return f"{alone[1]} 00:00:00{alone[2] or ''}"
    if ":" not in text:
        text = DOTTED_TIME.sub(_colons, text, count=1)
    return SHORT_OFFSET.sub(
        lambda found: f"{found[1]}0{found[2]}{found[3] or '00'}" if found[1] else f"{found[4]}00", text
    )


def _colons(found: re.Match[str]) -> str:
    return ":".join((found[1], found[2], found[3] or "00"))


def _numeric(found: re.Match[str], text: str) -> str:
    """By name, where the numbers tell which of them is the day; else as it stands, and the date is not known."""
    first, second, year = int(found[1]), int(found[3]), found[4]
    if found["sign"] != "." and first <= 12 and second <= 12 and first != second:
        if found["sign"] == "-" or not HALF_OF_DAY.search(text):
            return found[0]
        first, second = second, first  # who writes AM and PM puts the month first
    day, month = (first, second) if second <= 12 else (second, first)
    return f"{day} {ENGLISH[month - 1]} {year}" if 1 <= month <= 12 else found[0]


def _month(found: re.Match[str]) -> str:
    name = found[2].lower()
    month = MONTHS.get(name[:4]) or MONTHS.get(name[:3])
    return f" {ENGLISH[month - 1]}" if month else found[0]
